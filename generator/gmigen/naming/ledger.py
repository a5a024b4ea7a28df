"""The ledger of names as a file: `names.json` in the snapshot. What it says is checked.

A name once published is a promise. So a ledger that gives two things one name, or a name that no
class can have, is refused with both and the command that settles it; nothing is renamed quietly.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from ..errors import LedgerError
from ..schema.json_text import Unreadable, parse_large
from .names import Ledger, ModelNames, Scope
from .reserved import CLASSES, IMPOSSIBLE

FILE = "names.json"
FORMAT = 1
MAX_BYTES = 64 * 1024 * 1024

_MODULE = re.compile(r"[a-z][a-z0-9_]{0,150}")
_CLASS = re.compile(r"[A-Z][A-Za-z0-9_]{0,200}")

SETTLE = "Run `gmigen names --settle`: it keeps what is published and names the rest anew."


def dump(ledger: Ledger) -> str:
    """The ledger as text: sorted, ASCII, one name a line, so that a diff shows what was added."""
    models = {
        model_id: {"module": names.module, **_scope_out(names.request)}
        for model_id, names in ledger.models.items()
    }
    return json.dumps({"format": FORMAT, "models": models}, indent=1, sort_keys=True) + "\n"


def load(content: bytes | str) -> Ledger:
    """Read what `dump` wrote, and hold it to what names must be.

    Raises:
        LedgerError: when it is something else, comes from a newer version, or holds a conflict.
    """
    ledger = read(content)
    for conflict in conflicts(ledger):
        raise LedgerError(f"{FILE} cannot stand: {conflict}. {SETTLE}")
    return ledger


def read(content: bytes | str) -> Ledger:
    """The same without looking for conflicts between the names.

    Raises:
        LedgerError: when it is something else, or comes from a newer version.
    """
    raw = content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass")
    value = parse_large(raw, MAX_BYTES)
    if isinstance(value, Unreadable):
        mend = SETTLE if value.code == "conflict-markers" else RESTORE
        raise LedgerError(f"{FILE} is not a ledger of names: {value.reason}. {mend}")
    try:
        return _read(value)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise LedgerError(
            f"{FILE} is not a ledger of names ({type(error).__name__}). {RESTORE}"
        ) from None


RESTORE = (
    "Restore it from version control, because it is what keeps names from changing; where that "
    "cannot be, `gmigen names --settle` makes it anew from what was emitted."
)


def conflicts(ledger: Ledger) -> Iterator[str]:
    """What two ids or two wire names cannot both have, and what nothing can be called."""
    modules: dict[str, str] = {}
    classes: dict[str, str] = {}
    for model_id, names in sorted(ledger.models.items()):
        for name, known in ((names.module, modules), (names.request.cls.casefold(), classes)):
            other = known.setdefault(name, model_id)
            if other != model_id:
                yield f"{other!a} and {model_id!a} are both called {name}"
        yield from (f"in {model_id!a} {told}" for told in _scope_conflicts(names.request, {}))


def _scope_conflicts(scope: Scope, classes: dict[str, str]) -> Iterator[str]:
    if classes.setdefault(scope.cls, "") or scope.cls in CLASSES:
        yield f"the class name {scope.cls} is taken"
    classes[scope.cls] = scope.cls
    attributes: dict[str, str] = {}
    for wire, name in sorted(scope.attributes.items()):
        if name in IMPOSSIBLE:
            yield f"{wire!a} is called {name}, which every class has or no class can have"
        other = attributes.setdefault(name, wire)
        if other != wire:
            yield f"{other!a} and {wire!a} are both called {name}"
    for inner in scope.nested.values():
        yield from _scope_conflicts(inner, classes)


def _read(value: Any) -> Ledger:
    if not isinstance(value["format"], int):
        raise ValueError("format")
    if value["format"] > FORMAT:
        raise LedgerError(f"{FILE} was written by a newer gmigen: upgrade gmi-inference[codegen].")
    return Ledger(
        {
            model_id: ModelNames(_checked(names["module"], _MODULE), _scope_in(names))
            for model_id, names in value["models"].items()
        }
    )


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
