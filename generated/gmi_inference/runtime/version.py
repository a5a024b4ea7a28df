# fmt: off
# isort: skip_file
# ruff: noqa
"""The version the client names itself by on the wire."""

VERSION = "0.1.0"
