"""Whole answers gone wrong, over sockets: what leaves the client is ours, in time and small."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from wild_server import wild_server

HERE = Path(__file__).parent


def told(colour: str, count: int, seed: int, folder: Path) -> dict[str, Any]:
    """What the child saw, and how many answers it was given."""
    support = os.pathsep.join([str(HERE.parent / "support"), str(HERE)])
    with wild_server(seed) as server:
        environment = {**os.environ, "PYTHONPATH": support, "GMI_BASE_URL": f"{server.url}/queue"}
        child = subprocess.run(
            [sys.executable, "-W", "error", str(HERE / "wild_client.py"), colour, str(count),
             str(seed), str(folder)],
            env=environment, capture_output=True, text=True, check=False, timeout=3600,
        )  # fmt: skip
        assert child.returncode == 0, (child.stderr[-3000:], list(server.said)[-3:])
        assert not child.stderr.replace("Talking to an EMULATOR", "").strip(), child.stderr[-3000:]
        return {**json.loads(child.stdout), "answers": server.count}


def judged(seen: dict[str, Any]) -> None:
    assert seen["foreign"] == []
    assert seen["shown"] == []
    assert seen["most"] < 200
    assert len(seen["endings"]) > 4, "many kinds of endings were met"


@pytest.mark.row("R1")
@pytest.mark.row("R2")
@pytest.mark.row("R3")
@pytest.mark.row("R20")
@pytest.mark.row("R22")
def test_whatever_is_answered_what_leaves_the_client_is_ours(colour: str, tmp_path: Path) -> None:
    judged(told(colour, 120, 1, tmp_path))


@pytest.mark.nightly
def test_whatever_is_answered_at_length(
    colour: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    count = int(os.environ.get("GMI_WILD", "4000"))
    seen = told(colour, count, int(os.environ.get("GMI_SEED", "7")), tmp_path)
    with capsys.disabled():
        print(f"\n{colour}: {seen}")
    judged(seen)
    assert seen["slowest"] < 2.0
