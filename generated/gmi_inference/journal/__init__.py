# fmt: off
# isort: skip_file
# ruff: noqa
"""What was submitted, noted before it is sent, so that a killed process leaves no riddle."""
