"""An emulator that behaves as recorded is recorded in the same way."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from conformance_world import DOCUMENTS, KEY, checked, differing, world
from test_conformance_checks import OTHERWISE
from test_conformance_spend import DIFFERENT, SHOP, bought, shop

from gmigen.beliefs.recording import Recorded, Recording, read, written
from gmigen.conformance.keeping import recorded
from gmigen.conformance.likeness import likeness, options
from gmigen.emulator.likeness import Likeness, Refusal

IMITATED = [name for name in OTHERWISE if name != "details of another kind"]


@pytest.mark.parametrize("name", IMITATED)
def test_what_was_found_of_one_is_found_of_the_other(name: str, tmp_path: Path) -> None:
    with world(**OTHERWISE[name][0]) as api:
        first = checked(api.base_url)
    path = tmp_path / "recording.json"
    path.write_bytes(written(recorded(first, "2026-11-29")))
    with world(**options(read(path))) as api:
        second = checked(api.base_url)
    assert differing(second) == differing(first)
    assert differing(second) != {}


@pytest.mark.parametrize("name", ["other status words", "files without marks", "no echo"])
def test_what_was_found_of_a_job_is_found_of_the_other(name: str) -> None:
    with shop(**DIFFERENT[name][0]) as api:
        first = bought(api)
    with shop(**options(recorded(first, "2026-11-29"))) as api:
        second = bought(api)
        billed = api.log.billed_micro_dollars
    assert {one.id: one.came for one in second.findings} == {
        one.id: one.came for one in first.findings
    }
    assert 0 < billed <= 50_000
    assert SHOP != DOCUMENTS


def test_where_a_recording_says_nothing_everything_is_as_believed() -> None:
    silent = Recording("2026-11-29", "the service", False, 1, ())
    assert likeness(silent) == Likeness()
    assert options(silent) == {"like": Likeness()}


@pytest.mark.parametrize("value", [None, "x" * 5000, -1, 10**400, [], {}, [{}], True, "\r\nX: y"])
def test_facts_that_make_no_sense_break_no_emulator(value: Any) -> None:
    with world() as api:
        honest = recorded(checked(api.base_url), "2026-11-29")
    broken = replace(
        honest,
        findings=tuple(
            replace(one, verdict="differs", facts=dict.fromkeys([*one.facts, "headers"], value))
            for one in honest.findings
        ),
    )
    with world(jobs=0, **options(broken)) as api:
        assert checked(api.base_url).requests > 0


def test_a_body_that_was_no_error_is_answered_as_none() -> None:
    found = Recorded("unknown-path", "error:ROUTE_NOT_FOUND", "differs", "", "", "")
    kept = replace(found, facts={"status": 403, "content_type": "text/html"})
    recording = Recording("2026-11-29", "the service", True, 1, (kept,))
    assert likeness(recording).refusals == {"ROUTE_NOT_FOUND": Refusal(403, None, "text/html")}


def test_emulate_like_says_so_and_behaves_so(tmp_path: Path) -> None:
    with world(like=Likeness(list_key="data")) as api:
        kept = recorded(checked(api.base_url), "2026-11-29")
    path = tmp_path / "recording.json"
    path.write_bytes(written(kept))
    with subprocess.Popen(
        [sys.executable, "-u", "-m", "gmigen", "emulate", "--like", str(path)],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "GMI_API_KEY": KEY},
    ) as child:
        assert child.stdout is not None
        said = ""
        while "Ctrl-C" not in said:
            said += child.stdout.readline()
        base = re.search(r"http://127\.0\.0\.1:\S+", said)
        assert base is not None
        found = differing(checked(base[0]))
        child.send_signal(signal.SIGINT)
        assert child.wait(20) == 0
    assert "Behaving as recorded on 2026-11-29 of an emulator" in said
    assert found == {"list-of-models": "a list of ids under `data`, 109 models"}
