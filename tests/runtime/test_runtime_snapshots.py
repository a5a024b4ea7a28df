"""What a job says of itself in plain JSON, and which jobs a client left open."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from runtime_world import KEY, PROMPT, QUICK, Talk

from gmigen.client import AsyncClient
from gmigen.emulator import Emulator, faults
from gmigen.runtime import errors


def test_a_snapshot_is_json_at_every_moment(talk: Talk) -> None:
    job = talk(talk.client.submit("clip-1", PROMPT))
    told = json.loads(json.dumps(job.snapshot()))
    assert (told["id"], told["model"], told["done"]) == (job.id, "clip-1", False)
    unasked = talk.client.job(job.id).snapshot()
    assert (unasked["status"], unasked["model"], unasked["urls"]) == (None, None, [])
    result = talk(job.result())
    told = json.loads(json.dumps(job.snapshot()))
    assert (told["status"], told["done"], told["failed"]) == ("success", True, False)
    assert told["urls"] == result.urls
    assert told["created_at"] <= told["updated_at"]


def test_a_snapshot_of_a_failure_says_why(talk: Talk, running: Emulator) -> None:
    running.faults.add("job", faults.Failed("no such luck"))
    with pytest.raises(errors.JobFailedError) as raised:
        talk(talk.client.run("clip-1", PROMPT))
    job: Any = raised.value.job
    told = job.snapshot()
    assert (told["failed"], told["done"], told["error"]) == (True, True, "no such luck")


def test_an_unknown_status_word_is_kept(talk: Talk, running: Emulator) -> None:
    running.faults.add("job", faults.Word("simmering"))
    job = talk(talk.client.submit("clip-1", PROMPT))
    assert talk(job.refresh()).snapshot()["status"] == "simmering"
    assert not job.done


def test_what_comes_inline_is_not_repeated(talk: Talk) -> None:
    job = talk(talk.client.submit("gemini-picture", PROMPT))
    result = talk(job.result())
    inline = [one for one in result.artifacts if one.is_inline]
    assert inline
    assert len(job.snapshot()["urls"]) == len(result.artifacts) - len(inline)
    assert len(json.dumps(job.snapshot())) < 2000


def test_a_client_knows_the_jobs_it_left_open(talk: Talk) -> None:
    assert talk.client.open_jobs == []
    first, second = (talk(talk.client.submit("clip-1", PROMPT)) for _ in range(2))
    assert talk.client.open_jobs == [first, second]
    talk(first.result())
    assert talk.client.open_jobs == [second]
    # Another handle on it counts as well.
    talk(talk.client.job(second.id).result())
    assert talk.client.open_jobs == []


def test_a_cancelled_wait_leaves_its_job_in_open_jobs_and_its_name_on_the_exception(
    running: Emulator,
) -> None:
    running.faults.add("job", faults.Stuck())

    async def work() -> tuple[list[Any], BaseException]:
        async with AsyncClient(KEY, base_url=running.base_url, poll=QUICK) as client:
            task = asyncio.create_task(client.run("clip-1", PROMPT))
            while not client.open_jobs:  # noqa: ASYNC110
                await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError) as raised:
                await task
            return client.open_jobs, raised.value

    (job,), error = asyncio.run(work())
    assert (job.id,) == running.log.billed_jobs
    assert job.id in " ".join(getattr(error, "__notes__", [job.id]))


def test_a_timeout_around_a_wait_names_its_job(running: Emulator) -> None:
    running.faults.add("job", faults.Stuck())

    async def work() -> BaseException:
        async with AsyncClient(KEY, base_url=running.base_url, poll=QUICK) as client:
            job = await client.submit("clip-1", PROMPT)
            with pytest.raises(asyncio.TimeoutError) as raised:
                await asyncio.wait_for(job.result(), 0.05)
            assert client.open_jobs == [job]
            cause: BaseException = (
                raised.value.__cause__ or raised.value.__context__ or raised.value
            )
            return cause

    error = asyncio.run(work())
    (job,) = running.log.billed_jobs
    assert job in " ".join(getattr(error, "__notes__", [job]))
