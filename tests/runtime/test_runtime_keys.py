"""Keys through both clients, over sockets: the log of the API says what was posted and billed."""

from __future__ import annotations

import asyncio
import io
import json
import os
import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from runtime_world import KEY, PNG, PROMPT, QUICK, Talk, talking

from gmigen.client import AsyncClient, Client
from gmigen.emulator import Emulator, faults
from gmigen.journal.file import Journal
from gmigen.journal.sqlite import SQLiteJournal
from gmigen.runtime import errors
from gmigen.runtime.errors import GMIError


@pytest.fixture(params=["jobs.jsonl", "jobs.db"])
def journal(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return tmp_path / str(request.param)


def test_a_key_pays_once_over_clients_and_processes(
    colour: str, running: Emulator, journal: Path
) -> None:
    with talking(colour, running, journal=journal) as talk:
        job = talk(talk.client.submit("clip-1", PROMPT, key="row-17"))
        assert job.key == "row-17"
        assert pickle.loads(pickle.dumps(job)).key == "row-17"
    with talking(colour, running, journal=journal) as talk:
        (left,) = talk(talk.client.resume()).jobs
        assert (left, left.key) == (job, "row-17")
        result = talk(talk.client.run("clip-1", PROMPT, key="row-17"))
        assert result.job == job
        assert result.job.key == "row-17"
        # Its end is known, and it is still that job.
        assert talk(talk.client.submit("clip-1", PROMPT, key="row-17")) == job
    assert running.log.billed_jobs == (job.id,)
    assert len(running.log.posts()) == 1


def test_events_and_errors_name_the_key(colour: str, running: Emulator, journal: Path) -> None:
    seen: list[Any] = []
    running.faults.add("job", faults.Failed("no such luck"))
    with talking(colour, running, journal=journal) as talk:
        with pytest.raises(errors.JobFailedError) as raised:
            talk(talk.client.run("clip-1", PROMPT, key="row-17", on_update=seen.append))
        assert raised.value.key == "row-17"
        assert {event.key for event in seen} == {"row-17"}
        assert pickle.loads(pickle.dumps(raised.value)).key == "row-17"
        with pytest.raises(errors.InvalidRequestError) as refused:
            talk(talk.client.submit("clip-1", {"prompt": "another"}, key="row-17"))
        assert refused.value.key == "row-17"


def test_an_unknown_key_is_found_by_the_next_submission(
    colour: str, running: Emulator, journal: Path
) -> None:
    running.faults.add("submit", faults.Reset(process=True))
    with talking(colour, running, journal=journal) as talk:
        with pytest.raises(errors.SubmissionUnknownError) as raised:
            talk(talk.client.submit("clip-1", PROMPT, key="row-17"))
        assert raised.value.key == "row-17"
        (unknown,) = talk(talk.client.resume()).unknown
        assert unknown.key == "row-17"
        job = talk(talk.client.submit("clip-1", PROMPT, key="row-17"))
        assert running.log.billed_jobs == (job.id,)
        assert talk(talk.client.resume()).unknown == ()
    assert len(running.log.posts()) == 1


def test_a_file_is_told_by_its_content_and_uploaded_once(
    colour: str, running: Emulator, journal: Path, tmp_path: Path
) -> None:
    picture = tmp_path / "first.png"
    picture.write_bytes(PNG)
    payload = {"prompt": "a boat", "image": picture}
    with talking(colour, running, journal=journal) as talk:
        job = talk(talk.client.submit("clip-1", payload, key="row-17"))
        puts = len(running.log.requests(route="put"))
        assert puts == 1
    with talking(colour, running, journal=journal) as talk:
        again = {"prompt": "a boat", "image": io.BytesIO(PNG)}
        assert talk(talk.client.submit("clip-1", again, key="row-17")) == job
        assert len(running.log.requests(route="put")) == puts
        picture.write_bytes(PNG + b"another")
        with pytest.raises(errors.InvalidRequestError, match="another request"):
            talk(talk.client.submit("clip-1", payload, key="row-17"))
    assert len(running.log.posts()) == 1


@pytest.mark.parametrize("given", ["list", "generator", "function"])
def test_many_requests_have_a_key_each(
    given: str, colour: str, running: Emulator, journal: Path
) -> None:
    rows = [("clip-1", {"prompt": f"boat {number}"}) for number in range(6)]
    names = [f"row-{number}" for number in range(6)]
    keys: Any = {
        "list": lambda: names,
        "generator": lambda: iter(names),
        "function": lambda: lambda row: f"row-{row[1]['prompt'][-1]}",
    }
    made = []
    for _ in range(2):
        with talking(colour, running, journal=journal) as talk:
            ended = talk.all(talk.client.map(rows, key=keys[given](), ordered=True))
            assert [one.job.key for one in ended] == names
            made.append([one.job.id for one in ended])
    assert made[0] == made[1]
    assert sorted(running.log.billed_jobs) == sorted(made[0])


def test_one_key_twice_in_a_batch_is_one_job(talk: Talk, running: Emulator, journal: Path) -> None:
    with talking("async" if talk.is_async else "sync", running, journal=journal) as keyed:
        rows = [("clip-1", PROMPT)] * 20
        ended = keyed.all(keyed.client.map(rows, key=["same"] * 20, concurrency=20))
    assert {one.job.id for one in ended} == set(running.log.billed_jobs)
    assert len(running.log.posts()) == 1


def test_keys_that_do_not_fit_the_requests_are_refused(
    colour: str, running: Emulator, journal: Path
) -> None:
    rows = [("clip-1", PROMPT)] * 2
    with talking(colour, running, journal=journal) as talk:
        with pytest.raises(errors.InvalidRequestError, match="one for each"):
            talk.all(talk.client.map(rows, key="row"))
        with pytest.raises(errors.InvalidRequestError, match="fewer keys"):
            talk.all(talk.client.map(rows, key=[]))
        (ended,) = talk.all(talk.client.map(rows[:1], key=["a\nb"]))
        assert isinstance(ended, errors.InvalidRequestError)
    assert running.log.posts() == ()


def test_threads_with_one_key_post_once(running: Emulator, journal: Path) -> None:
    with (
        Client(KEY, base_url=running.base_url, poll=QUICK, journal=journal) as client,
        ThreadPoolExecutor(8) as pool,
    ):
        jobs = list(pool.map(lambda _: client.submit("clip-1", PROMPT, key="k"), range(8)))
    assert {job.id for job in jobs} == set(running.log.billed_jobs)
    assert len(running.log.posts()) == 1


def test_a_submission_cancelled_while_it_waits_for_its_key_leaves_the_key_free(
    running: Emulator, journal: Path
) -> None:
    store = SQLiteJournal(journal) if journal.suffix == ".db" else Journal(journal)
    claim = store.claim("k")
    assert claim is not None

    async def work() -> None:
        async with AsyncClient(KEY, base_url=running.base_url, journal=store) as client:
            task = asyncio.create_task(client.submit("clip-1", PROMPT, key="k"))
            for _ in range(20):
                await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError) as raised:
                await task
            assert (
                "Nothing was submitted"
                in getattr(raised.value, "__notes__", ["Nothing was submitted"])[0]
            )
            claim.close()
            await client.submit("clip-1", PROMPT, key="k")

    asyncio.run(work())
    assert len(running.log.posts()) == 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_a_child_that_ends_takes_no_key_from_its_parent(journal: Path) -> None:
    code = (
        "import os, sys\n"
        "from gmigen.journal.file import Journal\n"
        "held = Journal(sys.argv[1]).claim('k')\n"
        "child = os.fork()\n"
        "if not child:\n"
        "    del held\n"
        "    os._exit(0)\n"
        "os.waitpid(child, 0)\n"
        "assert Journal(sys.argv[1]).claim('k') is None\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(journal)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_a_journal_is_three_words_of_whatever_keeps_lines(colour: str, running: Emulator) -> None:
    class Listed:
        def __init__(self) -> None:
            self.entries: list[Any] = []

        def append(self, entry: Any) -> None:
            self.entries.append(json.loads(json.dumps(entry)))

        def find(self, key: str | None = None) -> list[Any]:
            return [one for one in self.entries if key in (None, one.get("key"))]

        def claim(self, key: str) -> Any:
            return io.BytesIO()

    listed = Listed()
    with talking(colour, running, journal=listed) as talk:
        job = talk(talk.client.submit("clip-1", PROMPT, key="k"))
        assert talk(talk.client.submit("clip-1", PROMPT, key="k")) == job
        assert talk(talk.client.resume()).jobs == (job,)
    assert "boat" not in json.dumps(listed.entries)
    assert len(running.log.posts()) == 1


def test_what_is_no_journal_is_said_at_once(running: Emulator) -> None:
    with pytest.raises(errors.ConfigurationError, match="append, find and claim"):
        Client(KEY, base_url=running.base_url, journal=17)  # type: ignore[arg-type]


def test_without_a_journal_a_key_is_refused_before_anything_is_sent(
    talk: Talk, running: Emulator
) -> None:
    with pytest.raises(errors.ConfigurationError, match="journal=") as raised:
        talk(talk.client.submit("clip-1", PROMPT, key="row-17"))
    assert isinstance(raised.value, GMIError)
    assert raised.value.key == "row-17"
    assert len(running.log) == 0
