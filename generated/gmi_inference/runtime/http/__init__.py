# fmt: off
# isort: skip_file
# ruff: noqa
"""HTTP: the one place that knows the HTTP library."""
