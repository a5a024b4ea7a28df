"""A package made for invented models, and an emulator that serves them."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from cli_world import SERVED, Shell, make_package
from made_once import once

from gmigen.emulator import Clock, Emulator, emulator


@pytest.fixture(scope="session")
def packages(shared: Path) -> Iterator[Path]:
    """A folder with the made package, importable for the length of the session."""
    folder = once(shared / "packages", make_package)
    sys.path.insert(0, str(folder))
    yield folder
    sys.path.remove(str(folder))


@pytest.fixture
def running() -> Iterator[Emulator]:
    # Jobs of `now/...` end with their submission; the others end when they are looked at.
    clock = Clock(virtual=True, start=time.time(), tick=1.0)
    with emulator(
        SERVED, clock=clock, job_seconds=1.0, sync_models=lambda model: model.startswith("now")
    ) as one:
        yield one


@pytest.fixture
def shell(
    packages: Path, running: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Shell:
    """`gmi` with a key, an emulator, and an empty home folder to work in."""
    monkeypatch.chdir(tmp_path)
    return Shell(packages, running, tmp_path)
