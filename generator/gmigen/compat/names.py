"""Names that moved although what they name is still there: whoever wrote them is broken."""

from __future__ import annotations

from collections.abc import Iterator

from ..naming.names import Ledger, Scope
from .change import Change


def moved_names(old: Ledger, new: Ledger) -> Iterator[Change]:
    """Every module, class and attribute that is called something else now."""
    for model_id in sorted(old.models.keys() & new.models.keys()):
        before, after = old.models[model_id], new.models[model_id]
        if before.module != after.module:
            told = f"its module {before.module} is called {after.module} now"
            yield Change(model_id, "", "name-changed", True, told)
        yield from _scope(model_id, "", before.request, after.request)


def _scope(model: str, at: str, old: Scope, new: Scope) -> Iterator[Change]:
    if old.cls != new.cls:
        told = f"the class {old.cls} is called {new.cls} now"
        yield Change(model, at.rstrip("."), "name-changed", True, told)
    for wire in sorted(old.attributes.keys() & new.attributes.keys()):
        if old.attributes[wire] != new.attributes[wire]:
            told = f"its attribute {old.attributes[wire]} is called {new.attributes[wire]} now"
            yield Change(model, f"{at}{wire}", "name-changed", True, told)
    heirs = {name: wire for wire, name in new.attributes.items()}
    for wire in sorted(old.attributes.keys() - new.attributes.keys()):
        if heir := heirs.get(old.attributes[wire]):
            told = f"its attribute {old.attributes[wire]} stands for {heir} now"
            yield Change(model, f"{at}{wire}", "name-changed", True, told)
    for path in sorted(old.nested.keys() & new.nested.keys()):
        yield from _scope(model, f"{at}{path}.", old.nested[path], new.nested[path])
