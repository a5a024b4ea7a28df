# fmt: off
# isort: skip_file
# ruff: noqa
"""Many requests at once."""
