# fmt: off
# isort: skip_file
# ruff: noqa
"""Finding a model's request class by its id, and saying what is nearest when there is none."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .request import Request


def find_class(
    package: str, model_id: str, classes: Mapping[str, str], modules: Mapping[str, str]
) -> type[Request]:
    """The request class of `model_id` out of an emitted `models` package.

    Raises:
        ModelNotFoundError: naming the nearest ids; the API's ids are case-sensitive.
    """
    from .errors import ModelNotFoundError

    if model_id not in classes:
        raise ModelNotFoundError(
            f"This package has no request class for the model {model_id[:200]!r}."
            f"{_hint(nearest(model_id, classes))} A model it does not know can still be "
            "submitted untyped: client.submit(model_id, {...})."
        )
    name = classes[model_id]
    found: type[Request] = getattr(import_module(f".{modules[name]}", package), name)
    return found


def missing_class(package: str, name: str, modules: Mapping[str, str]) -> AttributeError:
    """The error for a name that an emitted `models` package does not have."""
    return AttributeError(
        f"module {package!r} has no attribute {name!r}.{_hint(nearest(name, modules))}"
    )


def nearest(asked: str, known: Iterable[str], most: int = 3) -> list[str]:
    """The known names that read most like `asked`, whatever the letter case."""
    folded = {name.casefold(): name for name in known}
    close = difflib.get_close_matches(asked[:200].casefold(), folded, n=most, cutoff=0.6)
    return [folded[name] for name in close]


def _hint(names: list[str]) -> str:
    return f" Did you mean {' or '.join(names)}?" if names else ""
