"""What the page about the facts is given: every belief with its mark."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..beliefs.marks import COLUMNS, Marked, compared, counts, marks
from ..beliefs.recording import Recording
from ..beliefs.table import ABOUT
from ..text.markdown import Markdown, code, inline


@dataclass(frozen=True)
class FactRow:
    """One belief."""

    name: Markdown
    mark: Markdown
    note: Markdown


@dataclass(frozen=True)
class FactGroup:
    """The beliefs of one kind."""

    title: Markdown
    rows: tuple[FactRow, ...]


@dataclass(frozen=True)
class FactSum:
    """How many beliefs of one kind have each mark, in the order of the columns."""

    title: Markdown
    counts: tuple[int, ...]


@dataclass(frozen=True)
class Facts:
    """`compared` says whether anybody held the beliefs against the service."""

    compared: Markdown
    columns: tuple[Markdown, ...]
    sums: tuple[FactSum, ...]
    groups: tuple[FactGroup, ...]


def facts(recordings: Sequence[Recording]) -> Facts:
    """The page, of what is believed and what recordings say of it."""
    found = marks(recordings).values()
    return Facts(
        compared=Markdown(compared(recordings)),
        columns=tuple(Markdown(column) for column in COLUMNS),
        sums=tuple(FactSum(Markdown(title), tuple(each)) for title, each in counts(recordings)),
        groups=tuple(
            FactGroup(
                Markdown(title), tuple(_row(one) for one in found if one.belief.about == about)
            )
            for about, title in ABOUT.items()
        ),
    )


def _row(marked: Marked) -> FactRow:
    notes = [f"came otherwise: {marked.came}"] if marked.came else []
    notes += [marked.belief.note] if marked.belief.note else []
    return FactRow(
        name=code(marked.belief.sentence),
        mark=inline(marked.word),
        note=inline("; ".join(notes)) if notes else Markdown(""),
    )
