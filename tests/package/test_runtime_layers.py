"""The layers of what every package carries: what each room may import, and no circle among them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from gmigen.resources import ROOMS, ROOMS_OF_THE_COMMAND
from gmigen.runtime.http import failures

ROOT = Path(__file__).parents[2] / "generator/gmigen"

LEAVES = frozenset(
    f"runtime.{name}"
    for name in (
        *("version", "events", "clock", "wire", "suggest", "local", "attached"),
        *("redaction", "urls", "logs", "records", "media_types"),
    )
)
POLICY = LEAVES | {"runtime.errors", "runtime.budget", "runtime.protocol"}
MACHINE = POLICY | {"runtime.config", "runtime.files", "runtime.http", "runtime.session"}
WORDS = {"client.guessed", "client.classes", "client.results", "client.operations", "client.jobs"}

# A room and what it may import, from the bottom up. Imports for types and inside of functions
# count like any other. `client/__init__` is a face: it names what is below, and loads it on demand.
LAYERS: dict[str, frozenset[str]] = {
    "runtime.version": frozenset(),
    "runtime.events": frozenset(),
    "runtime.clock": frozenset(),
    "runtime.wire": frozenset(),
    "runtime.suggest": frozenset(),
    "runtime.local": frozenset(),
    "runtime.media_types": frozenset(),
    "runtime.attached": frozenset(),
    "runtime.redaction": frozenset(),
    "runtime.urls": frozenset({"runtime.redaction"}),
    "runtime.logs": frozenset({"runtime.redaction"}),
    "runtime.records": frozenset({"runtime.wire"}),
    "runtime.errors": frozenset({"runtime.records", "runtime.attached", "runtime.redaction"}),
    "runtime.budget": frozenset({"runtime.errors"}),
    "runtime.config": frozenset(
        {"runtime.errors", "runtime.urls", "runtime.logs", "runtime.redaction"}
    ),
    "runtime.protocol": LEAVES | {"runtime.errors"},
    "runtime.files": POLICY,
    "runtime.http": POLICY | {"runtime.config"},
    "runtime.session": POLICY | {"runtime.config", "runtime.files", "runtime.http"},
    "journal": POLICY | {"runtime.config"},
    "requests": LEAVES | {"runtime.errors"},
    "client.joining": frozenset({"runtime.version"}),
    "client.classes": frozenset({"runtime.errors", "client.joining"}),
    "client.guessed": frozenset(),
    "client.results": MACHINE | {"client.guessed"},
    "client.operations": MACHINE | {"client.guessed", "client.classes", "client.results"},
    "client.jobs": MACHINE | {"client.guessed", "client.results", "client.operations"},
    "client.many": MACHINE | WORDS,
    "client.base_client": MACHINE | WORDS | {"journal", "client.many"},
    "client.client": MACHINE | WORDS | {"client.many", "client.base_client"},
    "client.async_client": MACHINE | WORDS | {"client.many", "client.base_client"},
    "client.default_client": MACHINE
    | WORDS
    | {"journal", "client.base_client", "client.client", "client.async_client"},
    "client.preload": frozenset(),
}

LIBRARIES = {
    "httpx": {"client.base_client"},
    "certifi": {"runtime.http"},
    "sqlite3": {"journal"},
    "httpcore": {"runtime.http"},
    "pydantic": {"requests", "client.preload"},
    "pydantic_core": {"requests"},
    "asyncio": {"runtime.http", "client.many", "client.preload"},
    "socket": {"runtime.http", "runtime.files"},
    "random": {"runtime.session"},
    "uuid": {"runtime.session"},
    "time": {"runtime.session", "runtime.clock", "runtime.http"},
}
"""Who may import what is slow, or what the world is told by. The session fills `World`, `preload`
loads all of it, and the clients name the type of `http_client=`."""

WHOLE = ("journal", "requests")
"""Rooms of one floor."""


def room(parts: tuple[str, ...]) -> str:
    """The room of a file or of a module, by the parts of its name."""
    return parts[0] if parts[0] in WHOLE else ".".join(parts[:2])


def imported(path: Path) -> Iterator[tuple[str, str]]:
    """Rooms of the package (first), and libraries (second), that a file imports anywhere in it."""
    package = path.relative_to(ROOT).parts[:-1]
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (("", alias.name.split(".")[0]) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield "", (node.module or "").split(".")[0]
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1]
            told = [*base, *filter(None, (node.module or "").split("."))]
            yield from ((room((*told, alias.name)), "") for alias in node.names)


FILES = {
    path: room(path.relative_to(ROOT).with_suffix("").parts)
    for folder in ROOMS
    for path in sorted((ROOT / folder).rglob("*.py"))
    if path.parent.name != folder or path.stem != "__init__"
}


def test_a_traceback_knows_all_rooms_as_ours() -> None:
    assert {*failures._ROOMS} == {*ROOMS}


def test_every_room_has_a_layer() -> None:
    assert {*FILES.values()} == set(LAYERS)


@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_imports_only_what_stands_below_it(name: str) -> None:
    below = set(list(LAYERS)[: list(LAYERS).index(name)])
    assert LAYERS[name] <= below, "the table itself goes one way"
    for path, here in FILES.items():
        if here == name:
            reached = {there for there, _ in imported(path) if there} - {name}
            assert reached <= LAYERS[name], path


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_library_is_imported_only_where_it_belongs(library: str) -> None:
    users = {
        here for path, here in FILES.items() if library in {name for _, name in imported(path)}
    }
    assert users <= LIBRARIES[library]


@pytest.mark.parametrize("folder", [*ROOMS, *ROOMS_OF_THE_COMMAND])
def test_no_files_of_a_room_import_each_other_in_a_circle(folder: str) -> None:
    root = ROOT / folder
    files = [path for path in root.rglob("*.py") if path != root / "__init__.py"]
    names = {path.relative_to(root).with_suffix("").as_posix(): path for path in files}
    edges: dict[str, set[str]] = {}
    for name, path in names.items():
        package = path.relative_to(root).parts[:-1]
        found = set()
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and 0 < node.level <= len(package) + 1:
                base = [*package[: len(package) - node.level + 1], *(node.module or "").split(".")]
                stem = "/".join(part for part in base if part)
                found |= {f"{stem}/{alias.name}".strip("/") for alias in node.names} | {stem}
        edges[name] = (found & set(names)) - {name}
    while leaves := {name for name, to in edges.items() if not to & set(edges)}:
        edges = {name: to for name, to in edges.items() if name not in leaves}
    assert not edges, f"a circle among {sorted(edges)}"
