"""Rows of a result: a table on a terminal, columns separated by tabs everywhere else."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence

from .output import is_terminal, out, shown

_NARROW = 10
"""Columns that every column is given at least, where it needs them."""

_MOMENT = re.compile(r"^([0-9-]{10})T([0-9:]{5}):[0-9]{2}Z$")


def tell_rows(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print rows with a head over each column; the head is for people only."""
    cells = [[shown(str(cell)) for cell in row] for row in rows]
    if not (is_terminal(sys.stdout) and _tabulated(heads, cells)):
        for row in cells:
            out(*row)


def _tabulated(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Whether it was printed as a table: not without rich."""
    try:
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] != "rich":
            raise
        return False
    if not rows:
        return True
    console = Console(markup=False, highlight=False, emoji=False)
    table = Table(box=None, pad_edge=False, header_style="bold")
    whole = _fits(rows, console.width)
    for number, head in enumerate(heads):
        table.add_column(head, overflow="fold", no_wrap=whole and not number)
    for row in rows:
        # As text, so that nothing in it is read as markup.
        table.add_row(*(Text(_MOMENT.sub(r"\1 \2Z", cell)) for cell in row))
    console.print(table)
    return True


def _fits(rows: Sequence[Sequence[str]], width: int) -> bool:
    """Whether the first column, which people copy from, can stand in one piece."""
    first, *others = (
        max(len(row[number]) if number < len(row) else 0 for row in rows)
        for number in range(max(map(len, rows)))
    )
    return first <= min(width // 2, width - sum(min(one, _NARROW) + 2 for one in others))
