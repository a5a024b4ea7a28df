"""Type checkers and completion on a user's file: a package of many models against one of one."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import catalogues
from language_server import Asked, completions
from measure import Command, by_turns
from table import Row

GMIGEN = (sys.executable, "-m", "gmigen")
MANY = 324

_USER = """
from gmi_inference import Client
from gmi_inference.models import {cls}

request = {cls}(prompt="a paper boat")
with Client("k") as client:
    print(client.run(request).url)
"""
_WHY = "a checker of whole programs reads every class, and makes a constructor of its fields"
_JEDI = """
import jedi, sys
folder, code = sys.argv[1:]
project = jedi.Project(folder, added_sys_path=[folder])
assert jedi.Script(code, project=project).complete()
"""


def rows(folder: Path, runs: int) -> list[Row]:
    """mypy, with a cache and without, pyright, which has none, and what completion takes."""
    one, cls = _package(folder / "one", 1)
    many, _ = _package(folder / "many", MANY)
    found: list[Row] = []
    for tool, what in (("mypy", ""), ("mypy", ", nothing cached"), ("pyright", "")):
        commands = {"one": _check(tool, one, what), "many": _check(tool, many, what)}
        # The first run fills the cache; without one it would only take time.
        spent = by_turns(commands, runs, warm=not what)
        one_model = {"one model": spent["one"].cpu}
        told = f"{tool}{what}, {MANY} models against one"
        found.append(
            Row(told, spent["many"].cpu, "s of CPU", "one model", one_model, 1.3, why=_WHY)
        )
    for what, code in (
        (f"from gmi_inference.models import {cls[:1]}", ""),
        (f"{cls}(", f"from gmi_inference.models import {cls}\n"),
    ):
        found += [*_server(what, code, one, many, runs), _jedi(what, code, one, many, runs)]
    return found


def _server(what: str, code: str, one: Path, many: Path, runs: int) -> Iterator[Row]:
    """What a fresh language server takes until it answers, and what the next answers take."""
    asked: dict[Path, list[Asked]] = {one: [], many: []}
    for _ in range(runs):
        for place, each in asked.items():
            each.append(completions(place, code + what))
    count = len({label for label in asked[many][0].labels if label.endswith(("Request", "="))})
    for title, part in (("from its start", "first"), ("while typing", "again")):
        few, lots = (median(getattr(one, part) for one in each) for each in asked.values())
        yield Row(
            f"pyright's language server after `{what}`, {title}",
            lots,
            "s",
            "one model",
            {"one model": few},
            note=f"it offers {count} classes or arguments",
        )


def _jedi(what: str, code: str, one: Path, many: Path, runs: int) -> Row:
    arguments = [sys.executable, "-c", _JEDI]
    commands = {
        name: Command([*arguments, str(place / "generated"), code + what])
        for name, place in (("one", one), ("many", many))
    }
    commands["floor"] = Command([sys.executable, "-c", "import jedi"])
    spent = by_turns(commands, runs)
    others = {"one model": spent["one"].seconds, "import jedi": spent["floor"].seconds}
    return Row(
        f"jedi after `{what}`, from its start", spent["many"].seconds, "s", "one model", others
    )


def _package(folder: Path, count: int) -> tuple[Path, str]:
    """A package of so many models, a user's file beside it, and the class that is used."""
    shutil.rmtree(folder, ignore_errors=True)
    catalogues.write(folder / "details", count)
    for arguments in (("fetch", "--from-dir", "details"), ("generate",)):
        subprocess.run([*GMIGEN, *arguments], cwd=folder, check=True, capture_output=True)
    first = catalogues.documents(1)[0]["model"]
    names = json.loads((folder / "generated/snapshot/names.json").read_text())
    cls = names["models"][first]["class"]
    (folder / "user.py").write_text(_USER.format(cls=cls))
    settings = {"include": ["user.py"], "extraPaths": ["generated"]}
    (folder / "pyrightconfig.json").write_text(json.dumps(settings))
    return folder, cls


def _check(tool: str, folder: Path, how: str) -> Command:
    if tool == "pyright":
        return Command(
            [sys.executable, "-m", "pyright", "--pythonpath", sys.executable, "--level", "error"],
            folder,
        )
    flags = ["--no-error-summary"]
    flags += ["--no-incremental", "--cache-dir", "/dev/null"] if how else []
    return Command([sys.executable, "-m", "mypy", *flags, "user.py"], folder, folder / "generated")


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as name:
        for row in rows(Path(name), 1):
            print(*row.cells())
