"""The lenient reader: whatever JSON came -> frozen `Model`, `Parameter` and `Type` values."""

from .reader import read_details, read_document
from .types import Default, Model, Parameter, Price

__all__ = ["Default", "Model", "Parameter", "Price", "read_details", "read_document"]
