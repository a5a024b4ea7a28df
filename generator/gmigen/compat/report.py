"""Changes for people, for machines, and for a pull request."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from ..text.markdown import code, inline
from ..text.prose import line
from .change import Change, bump

PRINTED = 60_000
"""Characters of a report that is printed: a pull request takes 65,536."""


def told(changes: Sequence[Change], form: str, most: int | None = None) -> str:
    """The report in one of its forms (`text`, `json`, `markdown`), at most `most` characters.

    What there is no room for is counted; breaking changes come first.
    """
    write = {"text": as_text, "json": as_json, "markdown": as_markdown}[form]
    whole = write(changes)
    if most is None or len(whole) <= most:
        return whole
    ordered = sorted(changes, key=lambda change: (not change.breaking, change))
    low, high = 0, len(ordered)
    while low < high:
        middle = (low + high + 1) // 2
        if len(write(ordered[:middle], changes)) <= most:
            low = middle
        else:
            high = middle - 1
    return write(ordered[:low], changes)


def as_text(changes: Sequence[Change], of: Sequence[Change] | None = None) -> str:
    """One line per change, breaking ones first, and a last line that sums up all of them (`of`)."""
    of = changes if of is None else of
    if not of:
        return "No changes."
    told: list[str] = []
    for title, group in _parts(changes):
        told.append(f"{title}:")
        told += [f"  {_place(change)}: {line(change.message)}" for change in group]
    return "\n".join([*told, *_omitted(changes, of), _summary(of)])


def as_json(changes: Sequence[Change], of: Sequence[Change] | None = None) -> str:
    """An object with `bump`, `breaking`, the list of `changes`, and how many were `omitted`."""
    of = changes if of is None else of
    value = {
        "bump": bump(of),
        "breaking": any(change.breaking for change in of),
        "omitted": len(of) - len(changes),
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


def as_markdown(changes: Sequence[Change], of: Sequence[Change] | None = None) -> str:
    """Release notes: what breaks, what is new, what else moved; remote text is shown inert."""
    of = changes if of is None else of
    if not of:
        return "No model changed."
    told: list[str] = []
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
    left = [part for part in _omitted(changes, of) for part in (part, "")]
    return "\n".join([*told, *left, f"Suggested version step: **{bump(of)}**."])


def _omitted(changes: Sequence[Change], of: Sequence[Change]) -> list[str]:
    rest = len(of) - len(changes)
    told = f"... and {rest:,} more; `gmigen diff --output-file` writes all of them."
    return [told] if rest else []


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
