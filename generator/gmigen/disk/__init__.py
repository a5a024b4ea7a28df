"""A disk that others use too: one writer at a time, all of it or none, nothing lost."""

from .files import ATTRIBUTES, read, told, write_file
from .folders import recover, write_folder
from .held import held

__all__ = ["ATTRIBUTES", "held", "read", "recover", "told", "write_file", "write_folder"]
