"""Generating packages: cold, again, one model changed, checked; beside the peers."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import catalogues
from measure import Command, by_turns
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
    commands = {
        OURS: Command([*GMIGEN, "generate"], work, prepare=aside.cold),
        HOOKED: Command([*opc, "--output-path", "hooked"], work, python.parent, aside.peer),
        BARE: Command(
            [*opc, "--output-path", "bare", "--config", "bare.yml"], work, python.parent, aside.peer
        ),
    }
    if count <= 324:
        commands[DCG] = Command(
            [
                str(python.with_name("datamodel-codegen")),
                *("--input", "api.json", "--input-file-type", "openapi", "--output", "dcg.py"),
                *("--output-model-type", "pydantic_v2.BaseModel", "--disable-timestamp"),
            ],
            work,
            python.parent,
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
    made = len(list((work / "hooked").glob("*/models/*_payload.py")))
    made = made or len(list((work / "hooked").glob("*/models/*.py")))
    seconds = {name: each.seconds for name, each in spent.items() if name != OURS}
    found = [
        Row(
            f"generate {count} models, cold",
            spent[OURS].seconds,
            "s",
            HOOKED,
            seconds,
            COLD_TARGETS.get(count),
            f"the peer made {made} payload classes",
        ),
        Row(
            f"generate {count} models, memory",
            spent[OURS].peak_mb,
            "MB",
            others={name: each.peak_mb for name, each in spent.items() if name != OURS},
            target=120 if count == 1000 else None,
        ),
    ]
    if DCG in seconds and count == 324:
        found.append(
            Row(f"{count} models, cold", spent[OURS].seconds, "s", DCG, seconds, round(1 / 3.5, 3))
        )
    for taken in (again, changed):
        cold = {"cold": taken.pop("cold").seconds}
        for what, each in taken.items():
            found.append(Row(f"{count} models, {what}", each.seconds, "s", "cold", cold, 1.1))
    return found


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
