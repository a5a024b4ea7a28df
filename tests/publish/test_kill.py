"""SIGKILL at any moment leaves the old tree or the new one, and the next run is well."""

from __future__ import annotations

import hashlib
import json
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gmigen.build import build
from gmigen.catalog.fetch import collect_from_folder
from gmigen.catalog.store import store
from gmigen.publish.publish import changes, publish
from gmigen.settings import Settings

pytestmark = pytest.mark.slow

AREAS = ("gmi_inference", "docs", "snapshot")

WRITER = """
import pickle, sys
from pathlib import Path
from gmigen.publish.publish import publish
from gmigen.settings import Settings
built = pickle.loads(Path(sys.argv[1]).read_bytes())
sys.stdout.write("ready\\n"); sys.stdout.flush()
sys.stdin.readline()
publish(Settings(root=Path(sys.argv[2])), built.wanted, force=True)
"""


def details(root: Path, extra: str) -> None:
    folder = root / "details"
    folder.mkdir(exist_ok=True)
    for number in range(20):
        names = ["prompt", f"{extra}_{number}"]
        parameters = [{"name": name, "type": "string"} for name in names]
        text = json.dumps({"model": f"Model{number}", "parameters": parameters})
        (folder / f"{number}.json").write_text(text)


def states(where: Settings, tmp_path: Path) -> tuple[Path, Path]:
    """Two builds of one project, as files a child process can publish."""
    import pickle

    paths = []
    for extra in ("old", "new"):
        details(where.root, extra)
        collected = collect_from_folder(where, where.root / "details")
        store(where.snapshot_folder, collected, today="2026-01-01")
        built = build(where)
        paths.append(tmp_path / f"{extra}.pickle")
        paths[-1].write_bytes(pickle.dumps(built))
        publish(where, built.wanted, force=True)
    return paths[0], paths[1]


def tree(root: Path, area: str) -> str:
    """One hash for everything in an area."""
    told = hashlib.sha256()
    for path in sorted((root / "generated" / area).rglob("*")):
        if path.is_file():
            told.update(f"{path.relative_to(root)}".encode() + b"\0" + path.read_bytes())
    return told.hexdigest()


def rounds(tmp_path: Path, count: int) -> None:
    where = Settings(root=tmp_path / "project")
    where.root.mkdir()
    old, new = states(where, tmp_path)
    known: dict[str, set[str]] = {area: set() for area in AREAS}
    for state in (old, new):
        _publish(where, state)
        for area in AREAS:
            known[area].add(tree(where.root, area))
    seen = random.Random(7)
    for turn in range(count):
        state = (old, new)[turn % 2]
        with _writer(where, state) as child:
            assert child.stdin is not None
            child.stdin.write("go\n")
            child.stdin.flush()
            time.sleep(seen.uniform(0, 0.06))  # the moment of the kill is the experiment
            child.send_signal(signal.SIGKILL)
        for area in AREAS:
            assert tree(where.root, area) in known[area], f"a mixed {area} in turn {turn}"
        _publish(where, state)
        leftovers = [path.name for path in (where.root / "generated").glob(".*gmigen*")]
        assert leftovers == []


def _writer(where: Settings, state: Path) -> subprocess.Popen[str]:
    child = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(state), str(where.root)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    return child


def _publish(where: Settings, state: Path) -> None:
    import pickle

    built = pickle.loads(state.read_bytes())
    publish(where, built.wanted)
    assert changes(where, built.wanted) == []


def test_a_kill_leaves_the_old_tree_or_the_new_one(tmp_path: Path) -> None:
    rounds(tmp_path, 12)


@pytest.mark.nightly
def test_many_kills_leave_the_old_tree_or_the_new_one(tmp_path: Path) -> None:
    rounds(tmp_path, 300)
