"""One run through everything, in a process of its own, and a search through all that it wrote."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from runtime_world import DOCUMENTS

from gmigen.emulator import emulator, faults

CANARY = "sk-CANARY-7f3a91c2e5d84b60"
PROMPT = "canary-prompt-nobody-may-read"
SIGNATURE = re.compile(r"X-Goog-Signature=\w")
SCRIPT = str(Path(__file__).with_name("canary.py"))


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_nothing_a_run_writes_holds_the_key(colour: str, tmp_path: Path) -> None:
    with emulator(DOCUMENTS, job_seconds=0.0, keys=[CANARY, "another"]) as running:
        running.faults.add("submit", faults.Reset(), nth=3)
        running.faults.add("submit", faults.Status(502, f"echo of {CANARY}"), nth=4)
        running.faults.add("submit", faults.Status(401, f"bad key {CANARY}"), nth=5)
        running.faults.add("status", faults.Status(503, CANARY), nth=1)
        running.faults.add("status", faults.Reset(), nth=2)
        running.faults.add("put", faults.Status(503, f"<Error>{CANARY}</Error>"), nth=1)
        running.faults.add("media", faults.Truncated(0.5, "fin"), nth=1)
        done = subprocess.run(
            [sys.executable, "-X", "dev", "-W", "default", SCRIPT, colour],
            cwd=tmp_path,
            env={
                "PATH": "/usr/bin:/bin",
                "HOME": str(tmp_path),
                "GMI_API_KEY": CANARY,
                "GMI_ORG_ID": "org-7",
                "GMI_BASE_URL": running.base_url,
                "GMI_LOG": "debug",
                "CANARY_PROMPT": PROMPT,
            },
            capture_output=True,
            timeout=90,
            check=False,
        )
        ledger = json.dumps(running.ledger.as_json())
        foreign = running.ledger.auth_seen_on_foreign_host
    said = (done.stdout + done.stderr).decode()
    assert done.returncode == 0, said
    assert said.count("ends well") == 1
    written = {path.name: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    # The run is only worth searching if it wrote something of every kind.
    assert {"journal.jsonl", "everything.log", "tracebacks.txt", "pickles.bin"} <= set(written)
    assert b"gmi_inference" in written["everything.log"]
    assert b"SubmissionUnknownError" in written["tracebacks.txt"]
    for name, content in {**written, "output": said.encode(), "ledger": ledger.encode()}.items():
        assert CANARY.encode() not in content, name
        # What was submitted stands in the locals of who submits it, and in the ledger.
        if name not in ("ledger", "tracebacks.txt"):
            assert PROMPT.encode() not in content, name
        if name != "ledger":
            assert not SIGNATURE.search(content.decode("latin-1")), name
    assert foreign == ()


def test_the_search_would_find_a_key(tmp_path: Path) -> None:
    # The same process, told to write its key once, so that the search above is known to see.
    done = subprocess.run(
        [sys.executable, SCRIPT, "leak"],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "GMI_API_KEY": CANARY, "CANARY_PROMPT": PROMPT},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert CANARY.encode() in done.stdout + (tmp_path / "everything.log").read_bytes()
