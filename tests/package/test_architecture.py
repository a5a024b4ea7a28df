"""The rooms, and what may pass between them: imports go one way."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator
from pathlib import Path

import pytest

from gmigen.resources import ROOMS

SOURCE = Path(__file__).parents[2] / "generator/gmigen"
FILES = sorted(SOURCE.rglob("*.py"))


@functools.cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


@functools.cache
def imports(path: Path) -> tuple[str, ...]:
    """Absolute names of everything a file imports, at any depth of its code."""
    return tuple(_imports(path))


def _imports(path: Path) -> Iterator[str]:
    package = ("gmigen", *path.relative_to(SOURCE).parts[:-1])
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join([*base, *([node.module] if node.module else [])])
            yield from (f"{module}.{alias.name}" for alias in node.names)


def users(library: str) -> set[str]:
    return {
        path.relative_to(SOURCE).as_posix()
        for path in FILES
        if any(name == library or name.startswith(f"{library}.") for name in imports(path))
    }


def rooms(files: set[str]) -> set[str]:
    return {file.split("/")[0] for file in files}


@pytest.mark.parametrize(
    ("library", "allowed"),
    [
        ("httpx", {"client", "conformance"}),
        ("datamodel_code_generator", {"emit"}),
        ("jinja2", {"emit"}),
        ("black", {"emit"}),
        ("click", {"cli", "client_cli"}),
        ("rich", {"client_cli"}),
        ("dbos", {"client_batch"}),
        ("sqlalchemy", {"client_batch"}),
        ("starlette", {"emulator"}),
        ("uvicorn", {"emulator", "client_cli"}),
        ("gmigen.emulator", {"emulator", "cli", "demo", "conformance"}),
    ],
)
def test_a_library_is_imported_only_where_it_belongs(library: str, allowed: set[str]) -> None:
    found = rooms(users(library))
    assert found
    assert found <= allowed


def test_one_file_of_the_checks_touches_the_network_and_one_knows_the_emulator() -> None:
    inside = {name for name in users("httpx") | users("socket") if name.startswith("conformance/")}
    assert inside == {"conformance/caller.py"}
    knowing = {name for name in users("gmigen.emulator") if name.startswith("conformance/")}
    assert knowing == {"conformance/likeness.py"}


@pytest.mark.parametrize("room", ROOMS)
def test_what_a_package_carries_knows_nothing_of_the_generator(room: str) -> None:
    carried = tuple(f"gmigen.{one}" for one in ROOMS)
    for path in (SOURCE / room).rglob("*.py"):
        for name in imports(path):
            assert not name.startswith("gmigen") or name.startswith(carried), (path, name)


def test_the_reader_does_no_input_or_output() -> None:
    for path in (SOURCE / "schema").rglob("*.py"):
        names = {name.split(".")[0] for name in imports(path)}
        assert not names & {"os", "pathlib", "io", "shutil", "socket", "subprocess", "click"}


def test_files_are_written_in_few_places() -> None:
    writing = {
        path.relative_to(SOURCE).parts[0]
        for path in FILES
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("write_text", "write_bytes", "mkdir", "rmtree", "copyfile")
    }
    # `revisions.py` unpacks what git has into a temporary folder; the runtime saves artifacts, and
    # a journal makes its folder, as `gmi` and a batch do; OpenSSL takes a certificate as a file
    # only; the site empties its own folder in `build/`.
    ours = {"client_cli", "client_batch"}
    assert writing <= {"disk", "catalog", "demo", "runtime", "journal", "emulator", "site", *ours}
