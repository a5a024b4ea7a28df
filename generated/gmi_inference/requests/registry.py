# fmt: off
# isort: skip_file
# ruff: noqa
"""Finding a model's request class by its id, and saying what is nearest when there is none."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING

from ..runtime.suggest import did_you_mean, nearest

if TYPE_CHECKING:
    from .base import Request


def find_class(
    package: str, model_id: str, classes: Mapping[str, str], modules: Mapping[str, str]
) -> type[Request]:
    """The request class of `model_id` out of an emitted `models` package.

    Raises:
        ModelNotFoundError: naming the nearest ids; the API's ids are case-sensitive.
    """
    from ..runtime.errors import ModelNotFoundError

    if model_id not in classes:
        named = known_by_name(package)
        told = f"This package has no request class for the model {model_id[:200]!r}"
        if model_id in named:
            told += ": it is known by name, its parameters are not known."
        else:
            told += f".{did_you_mean(nearest(model_id, [*classes, *named]))}"
        raise ModelNotFoundError(
            f"{told} It can still be submitted untyped: client.submit(model_id, {{...}})."
        )
    name = classes[model_id]
    found: type[Request] = getattr(import_module(f".{modules[name]}", package), name)
    return found


def known_by_name(package: str) -> tuple[str, ...]:
    """The ids that an emitted `models` package knows the API to have, without their details."""
    try:
        named: list[str] = import_module(f"{package}._known").KNOWN
    except ModuleNotFoundError:
        return ()
    return tuple(named)


def missing_class(package: str, name: str, modules: Mapping[str, str]) -> AttributeError:
    """The error for a name that an emitted `models` package does not have."""
    return AttributeError(
        f"module {package!r} has no attribute {name!r}.{did_you_mean(nearest(name, modules))}"
    )
