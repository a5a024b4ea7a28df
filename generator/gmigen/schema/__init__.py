"""The lenient reader: whatever JSON came -> frozen `Model`, `Parameter` and `Type` values."""

from .model import Default, Model, Parameter, Price
from .reader import read_details, read_document

__all__ = ["Default", "Model", "Parameter", "Price", "read_details", "read_document"]
