"""A disk that is full in the middle of a batch: a sentence, and nothing is lost or paid twice."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from gmi_inference.testing import emulated

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="there are no such limits"),
]
SCRIPT = str(Path(__file__).with_name("batch_full_disk.py"))


def test_a_full_disk_stops_a_batch_that_is_resumed_when_there_is_room(tmp_path: Path) -> None:
    file = tmp_path / "requests.jsonl"
    lines = [json.dumps({"model": "Veo3", "prompt": f"row {n}"}) for n in range(30)]
    file.write_text("\n".join(lines))
    with emulated(job_seconds=0.0) as api:
        for bytes_allowed in (450_000, 620_000, 10**9):
            done = subprocess.run(
                [sys.executable, SCRIPT, str(bytes_allowed), "batch", "run", file, "-o", "out"],
                cwd=tmp_path,
                capture_output=True,
                text=True,
                check=False,
            )
            assert "Traceback" not in done.stderr, done.stderr
            if done.returncode:
                assert "cannot be used" in done.stderr or "could not be" in done.stderr, done.stderr
        assert done.returncode == 0, done.stderr
        billed = [post.json["payload"]["prompt"] for post in api.log.posts() if post.created]
    assert sorted(billed) == sorted(f"row {n}" for n in range(30))
