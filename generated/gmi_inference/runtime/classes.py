# fmt: off
# isort: skip_file
# ruff: noqa
"""Where the request classes are: beside this runtime, and wherever a package says it has some."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from .errors import ModelNotFoundError

PACKAGES: list[str] = [f"{(__package__ or '').rpartition('.')[0]}.models"]
"""Import names of `models` packages, the last first asked. A package that was generated without a
runtime of its own adds its name when it is imported.
"""


def request_class(model: str) -> Any:
    """The request class of a model id; None when no package here has one."""
    for package in reversed(PACKAGES):
        try:
            models = import_module(package)
        except ModuleNotFoundError as missing:
            if missing.name != package:
                raise
            continue
        try:
            return models.request_class(model)
        except ModelNotFoundError:
            continue
    return None
