"""The layers of the runtime: what each room may import, and that no circle is among them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2] / "generator/gmigen/runtime"

LEAVES = frozenset(
    {"version", "events", "clock", "wire", "suggest", "local", "attached", "guessed"}
    | {"redaction", "urls", "logs", "records"}
)
POLICY = LEAVES | {"journal", "errors", "budget", "protocol"}
ACTING = POLICY | {
    "config",
    "classes",
    "session",
    "results",
    "operations",
    "jobs",
    "batch",
    "files",
}

# A layer and what it may import, from the bottom up. Imports for types and inside of functions
# count like any other. `__init__` is a face: it names what is below, and loads it on demand.
LAYERS: dict[str, frozenset[str]] = {
    "version": frozenset(),
    "joining": frozenset({"version"}),
    "events": frozenset(),
    "clock": frozenset(),
    "wire": frozenset(),
    "suggest": frozenset(),
    "local": frozenset(),
    "attached": frozenset(),
    "guessed": frozenset(),
    "redaction": frozenset(),
    "urls": frozenset({"redaction"}),
    "logs": frozenset({"redaction"}),
    "records": frozenset({"wire"}),
    "errors": frozenset({"records", "attached", "redaction"}),
    "budget": frozenset({"errors"}),
    "classes": frozenset({"errors", "joining"}),
    "config": frozenset({"errors", "urls", "logs", "redaction"}),
    "facts": frozenset({"errors", "suggest"}),
    "requests": frozenset({"errors", "suggest", "local", "wire", "redaction", "urls"}),
    "protocol": LEAVES | {"errors"},
    "journal": frozenset({"wire", "protocol"}),
    "files": POLICY,
    "http": POLICY | {"config"},
    "session": POLICY | {"config", "files", "http"},
    "results": POLICY | {"session", "files"},
    "operations": POLICY | {"classes", "session", "results", "files"},
    "jobs": POLICY | {"session", "results", "operations"},
    "batch": POLICY | {"session", "results", "operations", "jobs", "http"},
    "base_client": POLICY | {"config", "session", "operations", "batch"},
    "client": ACTING | {"base_client"},
    "async_client": ACTING | {"base_client"},
    "default_client": ACTING | {"base_client", "client"},
}

LIBRARIES = {
    "httpx": {"base_client"},
    "certifi": {"http"},
    "sqlite3": {"journal"},
    "httpcore": {"http"},
    "pydantic": {"requests", "session"},
    "pydantic_core": {"requests"},
    "asyncio": {"http", "batch", "session"},
    "socket": {"http", "files"},
    "random": {"session"},
    "uuid": {"session"},
    "time": {"session", "clock", "http"},
}
"""Who may import what is slow, or what the world is told by. The session fills `World`, `preload`
loads all of it, and the clients name the type of `http_client=`."""


def room(path: Path) -> str:
    return path.relative_to(ROOT).with_suffix("").parts[0]


def imported(path: Path) -> Iterator[tuple[str, str]]:
    """Rooms of the runtime (first), and libraries (second), that a file imports anywhere in it."""
    package = path.relative_to(ROOT).parts[:-1]
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (("", alias.name.split(".")[0]) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield "", (node.module or "").split(".")[0]
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1]
            parts = [*base, *(node.module or "").split(".")]
            told = [part for part in parts if part]
            yield from ((told[0], ""),) if told else ((alias.name, "") for alias in node.names)


FILES = sorted(path for path in ROOT.rglob("*.py") if path != ROOT / "__init__.py")


def test_every_room_has_a_layer() -> None:
    assert {room(path) for path in FILES} == set(LAYERS)


@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_imports_only_what_stands_below_it(name: str) -> None:
    below = set(list(LAYERS)[: list(LAYERS).index(name)])
    assert LAYERS[name] <= below, "the table itself goes one way"
    for path in FILES:
        if room(path) == name:
            reached = {there for there, _ in imported(path) if there} - {name}
            assert reached <= LAYERS[name], path


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_library_is_imported_only_where_it_belongs(library: str) -> None:
    users = {room(path) for path in FILES if library in {name for _, name in imported(path)}}
    assert users <= LIBRARIES[library]


@pytest.mark.parametrize("folder", ["runtime", "client_cli", "client_batch"])
def test_no_files_of_a_room_import_each_other_in_a_circle(folder: str) -> None:
    root = ROOT.parent / folder
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
