# fmt: off
# isort: skip_file
# ruff: noqa
"""What the emitted request classes are made of; pydantic is imported here and nowhere else."""
