"""Generate a typed Python client from the model details of GMI Cloud's inference queue."""

__version__ = "0.1.0"
