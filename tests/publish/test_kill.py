"""SIGKILL at any moment leaves the old tree or the new one, and the next run is well."""

from __future__ import annotations

import hashlib
import json
import pickle
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from gmigen.build import build
from gmigen.catalog.fetch import collect_from_folder
from gmigen.catalog.store import store
from gmigen.disk import recover
from gmigen.disk.files import is_half
from gmigen.publish.publish import changes, publish
from gmigen.settings import Settings

pytestmark = pytest.mark.slow

AREAS = ("gmi_inference", "docs", "snapshot")

WRITER = """
import pickle, sys
from pathlib import Path
from gmigen.catalog.store import store
from gmigen.publish.publish import publish
from gmigen.settings import Settings
state, root = pickle.loads(Path(sys.argv[1]).read_bytes()), Path(sys.argv[2])
sys.stdout.write("ready\\n"); sys.stdout.flush()
sys.stdin.readline()
if sys.argv[3] == "fetch":
    store(root, state, today="2026-01-01")
else:
    publish(Settings(root=root), state.wanted, force=True)
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
    """One hash for everything in an area but what the next run clears away."""
    told = hashlib.sha256()
    for path in sorted((root / "generated" / area).rglob("*")):
        if path.is_file() and not is_half(path):
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
        _killed(where.root, state, "generate", seen)
        for area in AREAS:
            assert tree(where.root, area) in known[area], f"a mixed {area} in turn {turn}"
        _publish(where, state)
        assert list((where.root / "generated").rglob(".*gmigen*")) == []


def fetched(tmp_path: Path, count: int) -> None:
    """The same for the documents and the lock, which fetching writes."""
    root = tmp_path / "project"
    folder = root / "generated/snapshot"
    states, known = [], set()
    for extra in ("old", "new"):
        root.mkdir(exist_ok=True)
        details(root, extra)
        collected = collect_from_folder(Settings(), root / "details")
        store(folder, collected, today="2026-01-01")
        known.add(tree(root, "snapshot"))
        states.append(tmp_path / f"{extra}.pickle")
        states[-1].write_bytes(pickle.dumps(collected))
    seen = random.Random(11)
    for turn in range(count):
        state = states[turn % 2]
        _killed(folder, state, "fetch", seen, within=0.02)
        recover(folder)
        assert tree(root, "snapshot") in known, f"a mixed snapshot in turn {turn}"
        store(folder, pickle.loads(state.read_bytes()), today="2026-01-01")
        assert tree(root, "snapshot") in known
        assert list((root / "generated").rglob(".*gmigen*")) == []


def _killed(root: Path, state: Path, what: str, seen: random.Random, within: float = 0.06) -> None:
    """Let a child do it, and kill the child somewhere on its way."""
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(state), str(root), what],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdout is not None
        assert child.stdin is not None
        assert child.stdout.readline() == "ready\n"
        child.stdin.write("go\n")
        child.stdin.flush()
        time.sleep(seen.uniform(0, within))  # the moment of the kill is the experiment
        child.send_signal(signal.SIGKILL)


def _publish(where: Settings, state: Path) -> None:
    built = pickle.loads(state.read_bytes())
    publish(where, built.wanted)
    assert changes(where, built.wanted) == []


def test_a_kill_leaves_the_old_tree_or_the_new_one(tmp_path: Path) -> None:
    rounds(tmp_path, 8)


def test_a_killed_fetch_leaves_the_old_snapshot_or_the_new_one(tmp_path: Path) -> None:
    fetched(tmp_path, 4)


@pytest.mark.nightly
@pytest.mark.parametrize("what", [rounds, fetched])
def test_many_kills_leave_the_old_tree_or_the_new_one(
    tmp_path: Path, what: Callable[[Path, int], None]
) -> None:
    what(tmp_path, 300)
