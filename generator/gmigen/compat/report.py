"""Changes for people, for machines, and for a pull request."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from ..text.markdown import code, inline
from ..text.prose import line
from .change import Change, bump


def as_text(changes: Sequence[Change]) -> str:
    """One line per change, breaking ones first, and a last line that sums them up."""
    if not changes:
        return "No changes."
    told = []
    for title, group in _parts(changes):
        told.append(f"{title}:")
        told += [f"  {_place(change)}: {line(change.message)}" for change in group]
    return "\n".join([*told, _summary(changes)])


def as_json(changes: Sequence[Change]) -> str:
    """An object with `bump`, `breaking` and the list of `changes`."""
    value = {
        "bump": bump(changes),
        "breaking": any(change.breaking for change in changes),
        "changes": [
            {
                "model": change.model,
                "parameter": change.parameter,
                "kind": change.kind,
                "breaking": change.breaking,
                "message": change.message,
            }
            for change in changes
        ],
    }
    return json.dumps(value, indent=2, ensure_ascii=True)


def as_markdown(changes: Sequence[Change]) -> str:
    """Release notes: what breaks, what is new, what else moved; remote text is shown inert."""
    if not changes:
        return "No model changed."
    told = []
    for title, group in _parts(changes):
        told += [f"### {title}", ""]
        for model, members in groupby(group, key=lambda change: change.model):
            listed = list(members)
            if len(listed) == 1:
                told.append(f"- {_marked(model, listed[0])}")
                continue
            told.append(f"- {code(model)}")
            told += [f"  - {_clause(change)}" for change in listed]
        told.append("")
    return "\n".join([*told, f"Suggested version step: **{bump(changes)}**."])


def _summary(changes: Sequence[Change]) -> str:
    breaking = sum(change.breaking for change in changes)
    plural = "" if len(changes) == 1 else "s"
    return (
        f"{len(changes)} change{plural}, {breaking} breaking. "
        f"Suggested version step: {bump(changes)}."
    )


def _parts(changes: Iterable[Change]) -> Iterator[tuple[str, list[Change]]]:
    ordered = list(changes)
    parts = {
        "Breaking": [c for c in ordered if c.breaking],
        "New models": [c for c in ordered if c.kind == "model-added"],
        "Compatible": [c for c in ordered if not c.breaking and c.kind not in _QUIET],
        "Prices and texts": [c for c in ordered if not c.breaking and c.kind in _LAST],
    }
    yield from ((title, group) for title, group in parts.items() if group)


_LAST = frozenset({"price-changed", "text-changed"})
_QUIET = _LAST | {"model-added"}


def _place(change: Change) -> str:
    return " ".join(filter(None, (line(change.model, 120), line(change.parameter, 120))))


def _marked(model: str, change: Change) -> str:
    if not change.parameter and change.kind.startswith("model-"):
        return f"{code(model)} {inline(change.message)}"
    return f"{code(model)}: {_clause(change)}"


def _clause(change: Change) -> str:
    place = f"{code(change.parameter)}: " if change.parameter else ""
    return f"{place}{inline(change.message)}"
