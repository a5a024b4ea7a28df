"""One table says which rooms of the generator may import which: arrows go one way only."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from gmigen.resources import ROOMS, ROOMS_OF_THE_COMMAND

SOURCE = Path(__file__).parents[2] / "generator/gmigen"

LAYERS: tuple[tuple[str, ...], ...] = (
    ("problems", "errors", "settings", "resources"),
    ("disk", "schema"),
    ("text", "naming", "pricing", "beliefs", "emulator"),
    ("catalog", "conformance"),
    ("compat", "emit", "export"),
    ("publish",),
    ("build",),
    ("demo",),
    ("cli",),
    ("site",),
    ("__main__",),
)
"""A room imports from the layers above its own, from the layer itself only what stands left of it,
and `errors` from everywhere."""

OUTSIDE = frozenset({*ROOMS, *ROOMS_OF_THE_COMMAND, "__init__"})
"""Rooms with tables of their own."""

OF_THE_PACKAGE = {
    *("catalog/fetch.py", "emit/data.py", "emit/generate.py", "emulator/billing.py"),
    *("cli/exits.py", "cli/proving.py", "site/cost.py", "site/reference.py"),
}
"""The only files that import what packages carry, beside `conformance`, which reads answers as the
client does."""

HEIGHT = {room: number for number, layer in enumerate(LAYERS) for room in layer}


def rooms() -> set[str]:
    return {path.relative_to(SOURCE).parts[0].removesuffix(".py") for path in SOURCE.rglob("*.py")}


def modules() -> dict[str, Path]:
    """Every module of the generator by its dotted name below `gmigen`."""
    found = {}
    for path in SOURCE.rglob("*.py"):
        parts = path.relative_to(SOURCE).with_suffix("").parts
        if parts[0] not in OUTSIDE:
            found[".".join(part for part in parts if part != "__init__")] = path
    return found


def imported(path: Path) -> Iterator[str]:
    """Dotted names below `gmigen` that a file imports, type-only and inside functions too."""
    package = path.relative_to(SOURCE).parts[:-1]
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = package[: len(package) - node.level + 1]
            module = ".".join([*base, *([node.module] if node.module else [])])
            yield from (f"{module}.{alias.name}".strip(".") for alias in node.names)


MODULES = modules()


@pytest.mark.parametrize("name", sorted(MODULES))
def test_a_room_imports_only_leftwards(name: str) -> None:
    room = name.split(".")[0]
    for target in imported(MODULES[name]):
        other = target.split(".")[0]
        if other in (room, *ROOMS, "__version__"):
            continue
        flat = [each for layer in LAYERS for each in layer]
        assert HEIGHT[other] <= HEIGHT[room], f"{name} imports {target}"
        assert flat.index(other) < flat.index(room), f"{name} imports {target}"


def test_every_room_has_its_place() -> None:
    assert rooms() - OUTSIDE == set(HEIGHT)


def test_few_files_import_what_packages_carry() -> None:
    users = {
        path.relative_to(SOURCE).as_posix()
        for path in MODULES.values()
        if any(target.split(".")[0] in ROOMS for target in imported(path))
    }
    assert {user for user in users if not user.startswith("conformance/")} == OF_THE_PACKAGE


def test_no_file_needs_itself() -> None:
    arrows = {
        name: {
            target for target in (_module(t) for t in imported(path)) if target not in ("", name)
        }
        for name, path in MODULES.items()
        if not name.startswith("emulator")
    }
    while arrows:
        leaves = {name for name, targets in arrows.items() if not targets & arrows.keys()}
        assert leaves, f"a circle among {sorted(arrows)}"
        arrows = {name: targets for name, targets in arrows.items() if name not in leaves}


def _module(target: str) -> str:
    """The module a dotted name lies in: itself, or the one that defines it."""
    parent = target.rpartition(".")[0]
    return target if target in MODULES else parent if parent in MODULES else ""


def test_no_file_is_long() -> None:
    tables = {"naming/reserved.py"}
    for path in MODULES.values():
        if path.relative_to(SOURCE).as_posix() in tables or "emulator" in path.parts:
            continue
        assert len(path.read_text("utf-8").splitlines()) <= 330, path
