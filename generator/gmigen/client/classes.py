"""The request classes of this process: beside this runtime, and of packages that joined it."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from ..runtime.errors import ModelNotFoundError
from .joining import PACKAGES


def request_class(model: str, unknown: list[str] | None = None) -> Any:
    """The request class of a model id; None when no package here has one.

    What a package knows of such a model in its stead, a sentence, is put into `unknown`.
    """
    for package in reversed(PACKAGES):
        try:
            models = import_module(package)
        except ModuleNotFoundError as missing:
            if missing.name != package:
                raise
            continue
        try:
            return models.request_class(model)
        except ModelNotFoundError as error:
            if unknown is not None:
                unknown.append(error.message)
    return None
