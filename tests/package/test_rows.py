"""Every finding about the generator has a test that holds it, or a sentence why it is no fault."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]

ROWS = [*(f"G{number}" for number in range(1, 25)), *(f"B{number}" for number in range(1, 21))]

NO_FAULT: dict[str, str] = {}
"""Rows without a test, and why."""

_MARK = re.compile(r'mark\.row\("(\w+)"\)')


@lru_cache
def marked() -> dict[str, set[str]]:
    """The files whose tests are marked with each row."""
    found: dict[str, set[str]] = {}
    for path in TESTS.rglob("test_*.py"):
        for row in _MARK.findall(path.read_text("utf-8")):
            found.setdefault(row, set()).add(path.name)
    return found


@pytest.mark.parametrize("row", ROWS)
def test_a_row_has_a_test_or_a_reason(row: str) -> None:
    assert (row in marked()) is not (row in NO_FAULT)
