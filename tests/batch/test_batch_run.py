"""What a batch does for its requests, by the log of the API."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gmi_inference import batch
from gmi_inference.batch import tables
from gmi_inference.batch.database import Database, Place
from gmi_inference.batch.locks import locks_of
from gmi_inference.client import Client, Poll
from gmi_inference.models import Veo3Request
from gmi_inference.runtime import errors
from gmigen.emulator import Emulator, faults

QUICK = Poll(min=0.01, max=0.05)
Lines = Callable[..., Path]


def ran(file: Any, folder: Path, **how: Any) -> batch.Summary:
    return batch.run(file, folder, poll=QUICK, **how)


def resumed(folder: Path, **how: Any) -> batch.Summary:
    return batch.resume(folder, poll=QUICK, **how)


def manifest(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "manifest.jsonl").read_text().splitlines()]


def test_each_request_is_paid_once_and_kept_and_the_same_file_again_does_what_is_missing(
    api: Emulator, lines: Lines, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    found = ran(
        lines(
            "a boat",
            "a kite",
            "a boat",
            {"model": "veo3", "payload": {"prompt": "x"}, "key": "mine"},
        ),
        out,
    )
    assert (found.states, found.done) == ({"done": 4}, True)
    assert len(api.log.posts()) == len(api.log.billed_jobs) == 4
    entries = manifest(out)
    assert [entry["line"] for entry in entries] == [1, 2, 3, 4]
    assert entries[3]["key"] == "mine"
    assert entries[3]["model"] == "Veo3"
    for entry in entries:
        assert entry["job"] in api.log.billed_jobs
        [kept] = entry["files"]
        data = (out / kept["path"]).read_bytes()
        assert (len(data), hashlib.sha256(data).hexdigest()) == (kept["bytes"], kept["sha256"])

    again = ran(lines("first of all", "a boat", "a kite", "a boat"), out)
    assert again.states == {"done": 5}
    assert len(api.log.posts()) == 5

    # The key of a row is the one that the library knows.
    database = Database(Place.of(out, None, "batch"))
    journal = batch.worker.BatchJournal(database, locks_of(database))  # type: ignore[attr-defined]
    with Client(journal=journal) as client:
        assert client.submit(Veo3Request(prompt="x"), key="mine").id == entries[3]["job"]
    database.close()
    assert len(api.log.posts()) == 5
    captured = capfd.readouterr()
    assert captured.out == ""
    assert "dbos" not in captured.err.casefold()


def test_what_is_kept_holds_no_key_and_no_pickle(
    api: Emulator, lines: Lines, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GMI_API_KEY", "sk-CANARY-0123456789")
    ran(lines("a boat"), tmp_path / "out")
    content = (tmp_path / "out/batch.db").read_bytes()
    assert b"CANARY" not in content
    with sqlite3.connect(tmp_path / "out/batch.db") as kept:
        kinds = kept.execute("SELECT DISTINCT serialization FROM workflow_status").fetchall()
        kept_steps = kept.execute("SELECT DISTINCT serialization FROM operation_outputs").fetchall()
    kept.close()
    assert {*kinds, *kept_steps} == {("portable_json",)}
    assert (tmp_path / "out/batch.db").stat().st_mode & 0o077 == 0


def test_identical_requests_are_paid_once_when_one_says_so(
    api: Emulator, lines: Lines, tmp_path: Path
) -> None:
    found = ran(lines("a boat", "a kite", "a boat"), tmp_path, dedupe=True)
    assert found.requests == len(api.log.posts()) == 2
    entries = manifest(tmp_path)
    assert sorted((entry["line"], entry["paid_by_line"]) for entry in entries) == [
        (1, None),
        (2, None),
        (3, 1),
    ]


@pytest.mark.parametrize("status", [401, 402])
def test_a_refused_key_or_an_empty_account_halts_the_rest_which_is_resumed(
    status: int, api: Emulator, lines: Lines, tmp_path: Path
) -> None:
    api.faults.add("submit", faults.Status(status), nth=range(3, 99))
    said: list[str] = []
    found = ran(lines(*"abcdef"), tmp_path, concurrency=1, say=said.append)
    assert found.states["done"] == 2
    assert found.states["held"] + found.states.get("waiting", 0) == 4
    assert found.halted is not None
    assert found.halted in said
    assert len(api.log.posts()) < 6
    api.faults.clear()
    assert resumed(tmp_path).states == {"done": 6}
    assert len(api.log.billed_jobs) == 6


def test_a_budget_is_of_the_whole_batch(api: Emulator, lines: Lines, tmp_path: Path) -> None:
    found = ran(lines("a", "b", "c"), tmp_path, budget=7, concurrency=1)  # 3.20 each at most
    assert (found.states, str(found.spent)) == ({"done": 2, "held": 1}, "6.400000")
    assert ran(lines("a", "b", "c"), tmp_path).states == {"done": 2, "held": 1}
    assert resumed(tmp_path, budget="10").states == {"done": 3}
    assert len(api.log.posts()) == 3
    with pytest.raises(errors.InvalidRequestError, match=r"line 1.*not known"):
        ran([("seedance-no-price", {})], tmp_path / "other", budget=1, unchecked=True)


def test_what_may_be_paid_is_looked_for_and_else_left_to_a_person(
    api: Emulator, lines: Lines, tmp_path: Path
) -> None:
    api.faults.add("submit", faults.Reset(process=True), nth=1)
    api.faults.add("submit", faults.Reset(), nth=2)
    found = ran(lines("a", "b"), tmp_path, concurrency=1)
    assert found.states == {"done": 1, "unknown": 1}
    assert not found.done
    [undecided] = found.undecided
    assert undecided["line"] == 2
    assert "may be running, and billed" in undecided["told"]
    assert resumed(tmp_path).states == {"done": 1, "unknown": 1}
    assert len(api.log.posts()) == 2
    assert resumed(tmp_path, submit_unknown=True).states == {"done": 2}
    assert len(api.log.posts()) == 3
    assert manifest(tmp_path)[1]["key"].endswith("~1")


def test_only_what_was_refused_for_free_is_submitted_again(
    api: Emulator, lines: Lines, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch.steps, "of_submission", _at_once)  # type: ignore[attr-defined]
    api.faults.add("submit", faults.RateLimited(retry_after_ms=1, pace=(50, 0.5)), nth=range(1, 5))
    api.faults.add("job", faults.Failed("the model says no"), nth=2)
    found = ran(lines("a", "b"), tmp_path, concurrency=1)
    assert found.states == {"done": 1, "failed": 1}
    assert len(api.log.billed_jobs) == 2
    assert [words for _, words, _ in found.reasons if "the model says no" in words]
    kept = sqlite3.connect(tmp_path / "batch.db")
    limits = kept.execute("SELECT rate_limit_max, rate_limit_period_sec FROM queues").fetchall()
    kept.close()
    assert limits == [(50, 0.5)]
    assert resumed(tmp_path).states == {"done": 1, "failed": 1}
    assert len(api.log.billed_jobs) == 2


def _at_once(error: errors.GMIError, tries: int) -> Any:
    from dataclasses import replace

    from gmi_inference.batch.verdict import of_submission

    return replace(of_submission(error, tries), pause=0.01)


def test_the_rest_can_be_taken_out(api: Emulator, lines: Lines, tmp_path: Path) -> None:
    api.faults.add("submit", faults.Status(401), nth=None)
    ran(lines("a", "b", "c"), tmp_path, concurrency=1)
    assert batch.cancel_rest(tmp_path).states == {"cancelled": 3}
    api.faults.clear()
    assert resumed(tmp_path).states == {"cancelled": 3}
    assert api.log.billed_jobs == ()
    assert batch.report(tmp_path).done


def test_a_batch_that_is_run_is_not_run_twice_at_once(
    api: Emulator, lines: Lines, tmp_path: Path
) -> None:
    ran(lines("a"), tmp_path)
    database = Database(Place.of(tmp_path, None, "batch"))
    claim = locks_of(database).claim("run")
    assert claim is not None
    with pytest.raises(errors.ConfigurationError, match=r"is run already.*gmi batch work"):
        ran(lines("b"), tmp_path)
    claim.close()
    database.close()
    assert ran(lines("b"), tmp_path).states == {"done": 2}


def test_a_batch_of_another_version_is_not_touched(
    api: Emulator, lines: Lines, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch.store, "VERSION", "0.0.1")  # type: ignore[attr-defined]
    ran(lines("a"), tmp_path)
    monkeypatch.undo()
    said: list[str] = []
    assert resumed(tmp_path, say=said.append).done
    assert any("begun by gmi-inference 0.0.1" in one for one in said)
    monkeypatch.setattr(batch.store, "FORMAT", tables.FORMAT + 1)  # type: ignore[attr-defined]
    for word in (batch.status, batch.resume, batch.work):
        with pytest.raises(errors.ConfigurationError, match=r"Nothing was touched.*==0\.0\.1"):
            word(tmp_path)


def test_a_priority_says_what_goes_first(api: Emulator, lines: Lines, tmp_path: Path) -> None:
    asked = [{"model": "Veo3", "prompt": "a boat", "priority": one} for one in (3, 1, 2)]
    ran(lines(*asked), tmp_path, concurrency=1)
    kept = sqlite3.connect(tmp_path / "batch.db")
    begun = "SELECT priority FROM workflow_status ORDER BY started_at_epoch_ms, priority"
    assert kept.execute(begun).fetchall() == [(1,), (2,), (3,)]
    kept.close()


def test_what_nobody_has_any_more_is_put_back_while_the_batch_runs(
    api: Emulator, lines: Lines, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when a process that was taken for dead says "running" of what another gave up."""
    monkeypatch.setattr(batch.worker, "RESCUE", 0.0)  # type: ignore[attr-defined]
    ran(lines("a"), tmp_path)
    kept = sqlite3.connect(tmp_path / "batch.db")
    kept.execute("UPDATE gmi_request SET state = 'running'")
    kept.commit()
    kept.close()
    assert batch.work(tmp_path, poll=QUICK).states == {"done": 1}
    assert len(api.log.posts()) == 1
