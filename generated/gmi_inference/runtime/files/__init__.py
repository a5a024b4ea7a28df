# fmt: off
# isort: skip_file
# ruff: noqa
"""Files on their way in and out."""
