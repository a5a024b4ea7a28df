# fmt: off
# isort: skip_file
# ruff: noqa
"""The request classes of the package `gmi` came with, found by the ids of their models."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

from ..client.joining import PACKAGES
from ..requests import registry
from ..runtime.errors import InvalidRequestError, ModelNotFoundError

if TYPE_CHECKING:
    from ..requests.base import Request


def request_class(model: str) -> type[Request] | None:
    """The class of exactly this model; None when this package has none for it, or no classes."""
    models = _models()
    try:
        found: type[Request] | None = models.request_class(model) if models else None
    except ModelNotFoundError:
        return None
    return found


def meant(model: str) -> type[Request] | None:
    """The class of the model whose id this is, in whatever letter case.

    Raises InvalidRequestError where two ids differ in nothing else.
    """
    if exact := request_class(model):
        return exact
    alike = [cls for cls in all_classes() if cls.MODEL_ID.casefold() == model.casefold()]
    if len(alike) > 1:
        ids = " or ".join(cls.MODEL_ID for cls in alike)
        raise InvalidRequestError.of("model", f"{model} may be {ids}; write one of them")
    return alike[0] if alike else None


def known_by_name() -> tuple[str, ...]:
    """The ids that this package knows the API to have, without their details."""
    return registry.known_by_name(PACKAGES[-1])


@cache
def all_classes() -> tuple[type[Request], ...]:
    """Every class of the package, in the order of the ids, those of models that left not."""
    return tuple(sorted(_classes(), key=lambda cls: cls.MODEL_ID.casefold()))


def wire_names(cls: type[Request]) -> dict[str, str]:
    """Attribute names to the names that go over the wire."""
    return {
        name: field.serialization_alias or field.alias or name
        for name, field in cls.model_fields.items()
        if not field.exclude
    }


def _classes() -> Iterator[type[Request]]:
    models = _models()
    for name in models.__all__ if models else ():
        found = getattr(models, name)
        if hasattr(found, "MODEL_ID") and not hasattr(found, "REMOVED"):
            yield found


def _models() -> ModuleType | None:
    beside = PACKAGES[-1]
    try:
        return import_module(beside)
    except ModuleNotFoundError as missing:
        if missing.name != beside:
            raise
        return None
