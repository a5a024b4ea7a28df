"""Generating packages: cold, again, one model changed, checked; beside the peers."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import catalogues
from measure import Command, Turns, by_turns
from table import Row

GMIGEN = (sys.executable, "-m", "gmigen")
OURS, HOOKED, BARE, DCG = "ours", "openapi-python-client", "the same without hooks", "dcg + black"
COLD_TARGETS = {324: 0.8, 1000: 0.7, 3000: 0.7}


def rows(folder: Path, python: Path, count: int, runs: int) -> list[Row]:
    """What is measured with `count` models."""
    work = folder / f"models-{count}"
    shutil.rmtree(work, ignore_errors=True)
    catalogues.write(work / "details", count)
    _quiet(*GMIGEN, "fetch", "--from-dir", "details", cwd=work)
    _quiet(*GMIGEN, "export", "openapi", "--output-file", "api.json", cwd=work)
    (work / "bare.yml").write_text("post_hooks: []\n")
    opc = (str(python.with_name("openapi-python-client")), "generate", "--path", "api.json")
    aside = Aside(work)
    bare = ("--output-path", "bare", "--config", "bare.yml")
    commands = {
        OURS: Command([*GMIGEN, "generate"], work, prepare=aside.cold),
        HOOKED: _peer((*opc, "--output-path", "hooked"), work, python, aside.peer),
        BARE: _peer((*opc, *bare), work, python, aside.peer),
    }
    if count <= 324:
        commands[DCG] = _peer(
            (
                str(python.with_name("datamodel-codegen")),
                *("--input", "api.json", "--input-file-type", "openapi", "--output", "dcg.py"),
                *("--output-model-type", "pydantic_v2.BaseModel", "--disable-timestamp"),
            ),
            work,
            python,
        )
    spent = by_turns(commands, runs)
    again = by_turns(
        {
            "check": Command([*GMIGEN, "check"], work),
            "nothing to do": Command([*GMIGEN, "generate"], work),
            "cold": Command([*GMIGEN, "generate"], work, prepare=aside.cold),
        },
        runs,
    )
    changed = by_turns(
        {
            "one changed": Command([*GMIGEN, "generate", "--force"], work, prepare=aside.change),
            "cold": Command([*GMIGEN, "generate", "--force"], work, prepare=aside.cold),
        },
        runs,
        warm=False,
    )
    found = [*_cold(spent, count, _peer_classes(work)), _memory(spent, count)]
    for taken in (again, changed):
        # Ours beside ours: CPU says the same as a clock, and says it on a busy machine, too.
        cold = {"cold": taken["cold"].cpu}
        found += [
            Row(f"{count} models, {what}", each.cpu, "s of CPU", "cold", cold, 1.1)
            for what, each in taken.items()
            if what != "cold"
        ]
    return found


_WHY = (
    "ours is one process that also makes a page a model; the peer's formatter takes a second core "
    "where one is idle, which the figures of CPU leave out"
)


def _cold(spent: Turns, count: int, made: int) -> Iterator[Row]:
    """Beside openapi-python-client with its hooks, and beside datamodel-codegen with black."""
    ours = spent[OURS]
    others = {name: each.seconds for name, each in spent.items() if name != OURS}
    targets = {HOOKED: COLD_TARGETS.get(count), DCG: round(1 / 3.5, 3) if count == 324 else None}
    for than, target in targets.items():
        if than == DCG and target is None:
            continue
        # Processors are busy with other work, too, and then seconds of a clock say little.
        notes = [f"{name} {ours.cpu / each.cpu:.2f} x" for name, each in spent.items()][1:]
        notes = [f"of CPU: {', '.join(notes)}", f"the peer made {made} payload classes"]
        yield Row(
            f"generate {count} models, cold",
            ours.seconds,
            "s",
            than,
            others,
            target,
            "; ".join(notes),
            spent.failed,
            _WHY,
        )


def _memory(spent: Turns, count: int) -> Row:
    others = {name: each.peak_mb for name, each in spent.items() if name != OURS}
    most = 120 if count == 1000 else None
    told = f"generate {count} models, memory"
    return Row(told, spent[OURS].peak_mb, "MB", "", others, most, failed=spent.failed)


def _peer_classes(work: Path) -> int:
    """How many classes openapi-python-client made: dropping some would look like speed."""
    return max(
        len(list((work / place).glob("*/models/*_payload.py"))) for place in ("hooked", "bare")
    )


def _peer(
    arguments: Sequence[str],
    work: Path,
    python: Path,
    prepare: Callable[[], None] | None = None,
) -> Command:
    return Command(arguments, work, python.parent, prepare, may_fail=True)


class Aside:
    """Moves old output away before a run: removing it there and then makes writing ten times
    slower."""

    def __init__(self, work: Path) -> None:
        self._work = work
        self._trash = work / "trash"
        self._number = 0
        self._edits = 0

    def _away(self, *names: str) -> None:
        self._trash.mkdir(exist_ok=True)
        for name in names:
            place = self._work / name
            if place.exists():
                self._number += 1
                place.rename(self._trash / str(self._number))

    def cold(self) -> None:
        self._away("generated/gmi_inference", "generated/docs")

    def peer(self) -> None:
        self._away("hooked", "bare")

    def change(self) -> None:
        self._edits += 1
        one = sorted((self._work / "generated/snapshot").glob("[a-z]*.json"))[self._edits]
        details = json.loads(one.read_text("utf-8"))
        if "parameters" in details:
            one.write_text(json.dumps(catalogues.changed(details)), "utf-8")


def _quiet(*arguments: str, cwd: Path) -> None:
    subprocess.run(arguments, cwd=cwd, check=True, capture_output=True)
