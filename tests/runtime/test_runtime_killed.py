"""Processes that die: whatever the moment, the journal and the API account for every submission."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from runtime_world import DOCUMENTS, KEY, PROMPT, talking

from gmigen.emulator import Emulator, emulator, faults
from gmigen.journal.file import Journal
from gmigen.runtime import errors
from gmigen.runtime.protocol import entries
from gmigen.runtime.protocol.entries import attempts as noted
from gmigen.runtime.records import Attempt

SCRIPT = str(Path(__file__).with_name("killed.py"))
FSYNCS = 5
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")


def environment(running: Emulator) -> dict[str, str]:
    return {"PATH": "/usr/bin:/bin", "GMI_API_KEY": KEY, "GMI_BASE_URL": running.base_url}


def child(running: Emulator, how: str, number: int, folder: Path) -> Any:
    return subprocess.run(
        [sys.executable, SCRIPT, how, str(number), str(folder)],
        env=environment(running),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_life_without_a_kill_has_as_many_fsyncs_as_are_tried(tmp_path: Path) -> None:
    # The intent, its folder, the answer, the end of the job, the file.
    with emulator(DOCUMENTS, job_seconds=0.0) as running:
        done = child(running, "never", 0, tmp_path)
    assert done.stdout.split()[1:] == ["saved", str(FSYNCS)], done.stderr


@pytest.mark.parametrize("number", range(1, FSYNCS + 1))
@pytest.mark.parametrize("how", ["before", "after"])
def test_a_kill_at_any_fsync_leaves_no_job_unaccounted_for(
    how: str, number: int, tmp_path: Path
) -> None:
    colour = "async" if number % 2 else "sync"
    with emulator(DOCUMENTS, job_seconds=0.0) as running:
        died = child(running, how, number, tmp_path)
        assert died.returncode == -signal.SIGKILL
        posts = len(running.ledger.posts())
        assert posts <= 1
        with talking(colour, running, journal=tmp_path / "journal.jsonl") as talk:
            left = talk(talk.client.resume())
            found = [job.id for job in left.jobs]
            for unknown in left.unknown:
                looked = talk(unknown.areconcile() if talk.is_async else unknown.reconcile())
                found += [job.id for job in looked.jobs]
            attempts = noted(Journal(tmp_path / "journal.jsonl").find())
            over = [attempt.job_id for attempt in attempts if attempt.job_status]
            # Every job that is billed is known by name, and nothing was submitted to find it.
            assert set(running.ledger.billed_jobs) <= {*found, *over}
            assert len(running.ledger.posts()) == posts
            # The file has its name whole, or not at all.
            for job in running.ledger.billed_jobs:
                result = talk(talk.client.job(job).result())
                whole = talk.read(result.artifact)
                final = tmp_path / "boat.mp4"
                assert not final.exists() or final.read_bytes() == whole
                talk.save(result, final, overwrite=True)
                assert final.read_bytes() == whole
        assert len(running.ledger.posts()) == posts


def test_a_kill_in_the_middle_of_a_download_is_gone_on_with(tmp_path: Path) -> None:
    # Many times what is buffered on the way to the disk: over a second of it is left by then.
    long = {"mp4": bytes(64 * 1024)}
    with emulator(DOCUMENTS, job_seconds=0.0, artifacts=long) as running:
        running.faults.add("media", faults.Drip(size=640, seconds=0.02))
        process = started(running, tmp_path)
        part = tmp_path / "boat.mp4.part"
        until(lambda: part.exists() and part.stat().st_size > 0)
        process.kill()
        process.communicate()
        assert not (tmp_path / "boat.mp4").exists()
        with talking("sync", running) as talk:
            (job,) = running.ledger.billed_jobs
            talk.save(talk.client.job(job).result(), tmp_path / "boat.mp4")
        first, second = running.ledger.requests(route="media")
        assert first.header("range") is None
        assert (second.header("range") or "").startswith("bytes=")
        assert second.status == 206
        assert sorted(path.name for path in tmp_path.iterdir()) == ["boat.mp4", "journal.jsonl"]


def test_ctrl_c_in_a_held_post_is_unknown_and_says_where_to_look(tmp_path: Path) -> None:
    with emulator(DOCUMENTS) as running:
        running.faults.add("submit", faults.Hang(process=True))
        process = started(running, tmp_path)
        until(lambda: bool(running.ledger.billed_jobs))
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=20)
        assert len(running.ledger.posts()) == 1
        with talking("sync", running, journal=tmp_path / "journal.jsonl") as talk:
            (unknown,) = talk.client.resume().unknown
            found = unknown.reconcile()
            assert [job.id for job in found.jobs] == list(running.ledger.billed_jobs)
            # What was found is a job from now on.
            again = talk.client.resume()
            assert [job.id for job in again.jobs] == list(running.ledger.billed_jobs)
            assert again.unknown == ()
    if sys.version_info >= (3, 11):
        assert "may have arrived" in said
    assert KEY not in said


def test_ctrl_c_twice_is_immediate(tmp_path: Path) -> None:
    with emulator(DOCUMENTS) as running:
        running.faults.add("submit", faults.Hang(process=True))
        process = started(running, tmp_path)
        until(lambda: bool(running.ledger.billed_jobs))
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)
        assert process.returncode != 0


def started(running: Emulator, folder: Path) -> Any:
    return subprocess.Popen(
        [sys.executable, SCRIPT, "never", "0", str(folder)],
        env=environment(running),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def until(condition: Any) -> None:
    limit = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < limit, "it never came to that"
        time.sleep(0.005)


def test_resuming_asks_nothing_and_submits_nothing(
    colour: str, running: Emulator, tmp_path: Path
) -> None:
    path = tmp_path / "journal.jsonl"
    with talking(colour, running, journal=path) as talk:
        ended = talk(talk.client.run("clip-1", PROMPT)).job
        open_job = talk(talk.client.submit("clip-1", PROMPT))
        running.faults.add("submit", faults.Reset(process=True))
        with pytest.raises(errors.SubmissionUnknownError):
            talk(talk.client.submit("clip-2", PROMPT))
        with pytest.raises(errors.BadRequestError):
            talk(talk.client.submit("clip-1", {"no": "prompt"}))
    before = len(running.ledger)
    with talking(colour, running, journal=path) as talk:
        left = talk(talk.client.resume())
        assert left.jobs == (open_job,)
        assert ended not in left.jobs
        (unknown,) = left.unknown
        assert unknown.model == "clip-2"
        assert len(running.ledger) == before
        assert talk(left.jobs[0].result()).url
        assert talk(talk.client.resume()).jobs == ()
    assert len(running.ledger.posts()) == 4


def test_without_a_journal_there_is_nothing_to_resume_from(talk: Any) -> None:
    with pytest.raises(errors.ConfigurationError, match="journal"):
        talk(talk.client.resume())


@pytest.mark.parametrize(
    "line", ["", "{", "[]", "null", '{"attempt_id": 3}', '{"attempt_id": "a", "event": "intent"}']
)
def test_a_journal_with_a_torn_line_is_read_for_the_rest(tmp_path: Path, line: str) -> None:
    journal = Journal(tmp_path / "journal.jsonl")
    attempt = Attempt("one", "m", "x", 1.0)
    journal.append(entries.intent(attempt))
    with journal.path.open("a") as stream:
        stream.write(line)
    journal.append(entries.ending(replace(attempt, ending="accepted", job_id="j1")))
    attempts = {attempt.id: attempt for attempt in noted(journal.find())}
    assert attempts["one"].job_id == "j1"
