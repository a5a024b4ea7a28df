"""`gmigen emulate`: what it says, what it serves, and how it stops."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

ROOT = Path(__file__).parents[2]


def test_coverage_says_how_well_each_behaviour_is_known(gmigen: Callable[..., Result]) -> None:
    told = gmigen("emulate", "--coverage").output.splitlines()
    assert told[0] == "This emulator was never compared with the live service."
    assert len(told) > 30
    assert any(line.startswith("recorded in public") for line in told)
    assert any(line.startswith("unconfirmed") for line in told)


@pytest.mark.row("U7")
def test_without_a_snapshot_it_serves_the_one_that_came_with_it(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-u", "-m", "gmigen", "emulate"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdout is not None
        said = child.stdout.readline() + child.stdout.readline()
        child.send_signal(signal.SIGINT)
    assert "the one that came with gmigen" in said
    assert "72 models" in said


def test_it_serves_the_snapshot_until_it_is_interrupted() -> None:
    with subprocess.Popen(
        [sys.executable, "-u", "-m", "gmigen", "emulate"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    ) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        first = child.stdout.readline()
        base = re.search(r"http://127\.0\.0\.1:\S+", first)
        assert base is not None
        asked = urllib.request.Request(
            f"{base[0]}/models/Veo3",
            headers={"Authorization": "Bearer emu-key", "User-Agent": "a-test/1"},
        )
        with urllib.request.urlopen(asked, timeout=5) as answer:
            assert answer.headers["X-Emulator"] == "1"
        child.send_signal(signal.SIGINT)
        said = child.stdout.read()
        assert child.wait(10) == 0
        assert "export GMI_BASE_URL=" in said
        assert "never compared with the live service" in " ".join(said.split())
        assert child.stderr.read() == ""
