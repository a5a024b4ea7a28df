"""The rooms of a batch: floors, of which each imports only from those above it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from gmigen.resources import ROOMS

ROOM = Path(__file__).parents[2] / "generator/gmigen/client_batch"
FLOORS: tuple[tuple[str, ...], ...] = (
    ("states", "tables", "lines"),
    ("plan", "summary", "verdict", "database"),
    ("locks",),
    ("journal", "store"),
    ("steps",),
    ("flow", "manifest"),
    ("worker",),
    ("api",),
    ("__init__",),
)
OF_THE_SHELL = {"classes", "schema", "values"}
"""What it shares with the shell command: how words become a request. None of it knows click."""

HEIGHT = {name: number for number, floor in enumerate(FLOORS) for name in floor}


def imported(path: Path) -> Iterator[tuple[int, str]]:
    """Relative imports of a file: how far up, and the module."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            names = [node.module] if node.module else [alias.name for alias in node.names]
            yield from ((node.level, name) for name in names)


@pytest.mark.parametrize("name", sorted(HEIGHT))
def test_a_module_imports_only_from_above(name: str) -> None:
    path = ROOM / f"{name}.py"
    for level, target in imported(path):
        room, _, module = target.partition(".")
        if level == 1:
            assert HEIGHT[room] < HEIGHT[name], f"{name} imports {target}"
        elif room == "client_cli":
            assert module in OF_THE_SHELL, f"{name} imports {target}"
        else:
            assert room in ROOMS, f"{name} imports {target}"
    assert len(path.read_text("utf-8").splitlines()) <= 330


def test_every_module_has_its_floor() -> None:
    assert {path.stem for path in ROOM.glob("*.py")} == set(HEIGHT)
