# fmt: off
# isort: skip_file
# ruff: noqa
"""What is said to the API and what its answers mean: policy, without I/O."""
