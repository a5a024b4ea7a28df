"""The ledger of names as a file: `names.json` in the snapshot."""

from __future__ import annotations

import json
import re
from typing import Any

from .names import Ledger, ModelNames, Scope

FILE = "names.json"
FORMAT = 1

_MODULE = re.compile(r"[a-z][a-z0-9_]{0,150}")
_CLASS = re.compile(r"[A-Z][A-Za-z0-9_]{0,200}")


class LedgerError(Exception):
    """`names.json` cannot be used; the message is a sentence for the user."""


def dump(ledger: Ledger) -> str:
    """The ledger as text: sorted, ASCII, one name a line, so that a diff shows what was added."""
    models = {
        model_id: {"module": names.module, **_scope_out(names.request)}
        for model_id, names in ledger.models.items()
    }
    return json.dumps({"format": FORMAT, "models": models}, indent=1, sort_keys=True) + "\n"


def load(text: str) -> Ledger:
    """Read what `dump` wrote.

    Raises:
        LedgerError: when the text is something else, or comes from a newer version.
    """
    try:
        value = json.loads(text)
        if value["format"] > FORMAT:
            raise LedgerError(
                f"{FILE} was written by a newer gmigen: upgrade gmi-inference[codegen]."
            )
        models = {
            model_id: ModelNames(_checked(names["module"], _MODULE), _scope_in(names))
            for model_id, names in value["models"].items()
        }
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise LedgerError(
            f"{FILE} is not a ledger of names ({type(error).__name__}): restore it from version "
            "control, because it is what keeps names from changing."
        ) from None
    return Ledger(models)


def _scope_out(scope: Scope) -> dict[str, Any]:
    out: dict[str, Any] = {"class": scope.cls, "attributes": scope.attributes}
    if scope.nested:
        out["nested"] = {path: _scope_out(inner) for path, inner in scope.nested.items()}
    return out


def _scope_in(value: Any) -> Scope:
    nested = {path: _scope_in(inner) for path, inner in value.get("nested", {}).items()}
    attributes = {wire: _checked(name, _MODULE) for wire, name in value["attributes"].items()}
    return Scope(_checked(value["class"], _CLASS), attributes, nested)


def _checked(name: str, allowed: re.Pattern[str]) -> str:
    if not allowed.fullmatch(name):
        raise ValueError(f"{name!a} is no name")
    return name
