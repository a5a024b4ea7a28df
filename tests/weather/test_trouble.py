"""Lists that lie or hang, looks that hang, disks that fill, clocks that differ."""

from __future__ import annotations

import asyncio
import json
import math
import os
import pickle
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest
from runtime_world import DOCUMENTS, KEY, PROMPT, talking
from starlette.responses import Response
from virtual_world import DROPPED, WALL, World, record, reply

from gmigen.emulator import Clock, Emulator, emulator, faults
from gmigen.runtime import (
    Client,
    ConfigurationError,
    GMIError,
    JobTimeoutError,
    SubmissionUnknownError,
)
from gmigen.runtime.journal.file import Journal
from gmigen.runtime.protocol.attempts import Undertaking
from gmigen.runtime.protocol.effects import Failure, Send
from gmigen.runtime.protocol.entries import attempts as noted
from gmigen.runtime.protocol.payload import payload_sha256
from gmigen.runtime.protocol.recovery import reconcile
from gmigen.runtime.protocol.submit import submit
from gmigen.runtime.protocol.wait import wait
from gmigen.runtime.records import Handle, Record

NO_SUCH = pytest.mark.skipif(sys.platform == "win32", reason="there is none on Windows")


@pytest.fixture
def running() -> Iterator[Emulator]:
    with emulator(DOCUMENTS, clock=Clock(virtual=True, tick=0.25), job_seconds=1.0) as one:
        yield one


def requests(count: int) -> list[tuple[str, dict[str, str]]]:
    return [("clip-1", {"prompt": f"boat {number}"}) for number in range(count)]


class Liar:
    """A list that shows every job as failed, or under the outcome of another."""

    def __init__(self, how: str) -> None:
        self.how = how

    async def answer(self, exchange: Any) -> Response:
        honest = await exchange.honest()
        told = json.loads(bytes(honest.body))
        jobs = told["requests"]
        if self.how == "failed":
            jobs = [{**job, "status": "failed", "outcome": {"error": "no"}} for job in jobs]
        elif self.how == "swapped":
            ids = [job["request_id"] for job in jobs]
            jobs = [
                {**job, "request_id": other}
                for job, other in zip(jobs, reversed(ids), strict=True)
            ]  # fmt: skip
        elif self.how == "ended":
            jobs = [{**job, "status": "success", "outcome": {"url": "https://a/b"}} for job in jobs]
        elif self.how == "doubled":
            jobs = [*jobs, *({**job, "status": "cancelled"} for job in jobs)]
        return Response(json.dumps({**told, "requests": jobs}), media_type="application/json")


@pytest.mark.row("R10")
@pytest.mark.parametrize("how", ["failed", "swapped", "ended", "doubled"])
def test_an_ending_is_believed_only_from_a_look_of_its_own(
    colour: str, how: str, running: Emulator
) -> None:
    running.faults.add("list", Liar(how), nth=None)
    with talking(colour, running) as talk:
        ended = talk.all(talk.client.map(requests(8)))
    assert [one for one in ended if isinstance(one, GMIError)] == []
    for result in ended:
        assert all(result.job.id in url for url in result.urls)


@pytest.mark.row("R10")
@pytest.mark.parametrize("word", ["failed", "error", "cancelled", "FAILED"])
def test_an_ending_that_names_no_job_is_not_believed(
    colour: str, word: str, running: Emulator
) -> None:
    """So reads the trouble of a gateway, too, while the job runs on."""
    trouble = faults.Status(200, body={"status": word, "message": "internal"})
    running.faults.add("status", trouble, nth=[1, 2])
    with talking(colour, running) as talk:
        result = talk(talk.client.run("clip-1", PROMPT))
    assert [result.job.id] == list(running.log.billed_jobs)


class Hanging:
    """Calls that get no answer; `gone` when the client has given one up."""

    def __init__(self, match: str = "") -> None:
        self.match = match
        self.met = 0
        self.gone = threading.Event()

    async def answer(self, exchange: Any) -> Response:
        if self.match not in exchange.request.url.path or (self.match and self.met):
            return await exchange.honest()  # type: ignore[no-any-return]
        self.met += 1
        await exchange.connection.gone.wait()
        self.gone.set()
        return exchange.silence()  # type: ignore[no-any-return]


@pytest.mark.row("R12")
def test_a_list_that_hangs_holds_up_nobody_but_who_asked(colour: str) -> None:
    hanging = Hanging()
    # Long enough that each job is looked at twice, after which a list is asked for.
    lasting = emulator(DOCUMENTS, clock=Clock(virtual=True, tick=0.25), job_seconds=6.0)
    with lasting as running, talking(colour, running) as talk:
        running.faults.add("list", hanging, nth=None)
        seen = []
        mapped = talk.client.map(requests(6))
        for _ in range(5):
            seen.append(next(mapped) if talk.loop is None else _next(talk, mapped))
        assert hanging.met
        assert not hanging.gone.is_set(), "nobody waited for the list"
        if talk.loop is not None:
            talk.loop.run_until_complete(mapped.aclose())
        else:
            mapped.close()
    assert not [one for one in seen if isinstance(one, GMIError)]


def _next(talk: Any, mapped: Any) -> Any:
    return talk.loop.run_until_complete(mapped.__anext__())


@pytest.mark.row("R12")
@pytest.mark.parametrize("left", [2.0, 100.0])
def test_a_list_gets_no_more_time_than_is_left(left: float) -> None:
    """Six jobs in virtual time; every list hangs for as long as it may."""
    asked: list[float] = []

    def serve(sent: Send, now: float) -> Any:
        if "/requests?" in sent.url:
            asked.append(sent.timeouts.total)
            world.now += sent.timeouts.total
            return Failure("timeout", True, "no answer")
        return record("processing", id=sent.url.rpartition("/")[2], updated_at=1)

    world = World(serve)
    context = world.ctx()
    for number in range(6):
        context.waiters.enter("Veo3", f"j{number}")
    known = Record("j1", "Veo3", "processing", {}, updated_at=1.0, raw={"request_id": "j1"})
    with pytest.raises(JobTimeoutError):
        world.run(wait(context, Handle("j1", record=known, submitted_at=WALL), left))
    assert asked
    assert max(asked) <= min(5.0, left)
    assert world.now <= left + 0.2
    looks = [sent for sent in world.sends if "?" not in sent[1].url]
    assert len(looks) >= len(asked), "single looks go on meanwhile"


@pytest.mark.row("R13")
def test_a_look_that_hangs_holds_up_no_other_result(colour: str, running: Emulator) -> None:
    first = threading.Event()

    class One(Hanging):
        async def answer(self, exchange: Any) -> Response:
            job = exchange.request.path_params["request_id"]
            first.set()
            self.match = self.match or job
            return await super().answer(exchange)

    hanging = One()
    running.faults.add("status", hanging, nth=None)
    with talking(colour, running) as talk:
        mapped = talk.client.map(requests(4))
        seen = [next(mapped) if talk.loop is None else _next(talk, mapped) for _ in range(3)]
        assert hanging.met == 1
        assert not hanging.gone.is_set(), "the others came while it hung"
        if talk.loop is not None:
            talk.loop.run_until_complete(mapped.aclose())
        else:
            mapped.close()
    assert not [one for one in seen if isinstance(one, GMIError)]


# Reconciling


def unknown_of(talk: Any, payload: Any = PROMPT) -> SubmissionUnknownError:
    with pytest.raises(SubmissionUnknownError) as caught:
        talk(talk.client.submit("clip-1", payload))
    return caught.value


def told(talk: Any, error: SubmissionUnknownError) -> Any:
    return error.reconcile() if talk.loop is None else talk(error.areconcile())


@pytest.mark.row("R8")
@pytest.mark.parametrize("written", [True, False], ids=["journal", "no journal"])
def test_a_job_that_another_submission_owns_is_no_candidate(
    colour: str, written: bool, running: Emulator, tmp_path: Path
) -> None:
    journal = {"journal": tmp_path / "journal.jsonl"} if written else {}
    running.faults.add("submit", faults.Fin(process=True), nth=2)
    with talking(colour, running, **journal) as talk:
        first = talk(talk.client.submit("clip-1", PROMPT))
        error = unknown_of(talk)
        third = talk(talk.client.submit("clip-1", PROMPT))
        found = told(talk, error)
    (mine,) = {*running.log.billed_jobs} - {first.id, third.id}
    assert (found.verdict, [job.id for job in found.jobs]) == ("one", [mine])
    if written:
        ids = [attempt.job_id for attempt in noted(Journal(journal["journal"]).find())]
        assert len(ids) == len(set(ids)) == 3


@pytest.mark.row("R8")
def test_several_candidates_stay_unknown_and_are_named(
    colour: str, running: Emulator, tmp_path: Path
) -> None:
    running.faults.add("submit", faults.Reset(process=True), nth=[1, 2])
    path = tmp_path / "journal.jsonl"
    with talking(colour, running, journal=path) as talk:
        errors = [unknown_of(talk), unknown_of(talk)]
        found = [told(talk, error) for error in errors]
    for one in found:
        assert one.verdict == "several"
        assert {job.id for job in one.jobs} == set(running.log.billed_jobs)
        assert all(job in str(one) for job in running.log.billed_jobs)
    assert [attempt.job_id for attempt in noted(Journal(path).find())] == [None, None]
    assert [attempt.ending for attempt in noted(Journal(path).find())] == ["unknown", "unknown"]


@pytest.mark.row("R4")
@pytest.mark.row("R8")
@pytest.mark.parametrize("hint", ["id", "request_id"])
def test_what_an_unusable_answer_names_is_a_hint_and_no_job(
    colour: str, hint: str, running: Emulator, tmp_path: Path
) -> None:
    """The job was made, and the id in the answer is the trace of a gateway."""
    trace = faults.Status(503, body={hint: "trace-1", "error": "later"}, process=True)
    running.faults.add("submit", trace)
    path = tmp_path / "journal.jsonl"
    with talking(colour, running, journal=path) as talk:
        assert unknown_of(talk).request_id == "trace-1"
        left = talk(talk.client.resume())
        assert left.jobs == ()
        (error,) = left.unknown
        found = told(talk, error)
        (job,) = talk(talk.client.resume()).jobs
    assert [one.id for one in found.jobs] == [job.id] == list(running.log.billed_jobs)


@pytest.mark.row("R4")
def test_a_job_that_an_unusable_answer_names_is_looked_for_first(
    colour: str, running: Emulator, tmp_path: Path
) -> None:
    running.faults.add("submit", faults.Capacity())
    path = tmp_path / "journal.jsonl"
    with talking(colour, running, journal=path) as talk:
        error = unknown_of(talk)
        found = told(talk, talk(talk.client.resume()).unknown[0])
        (job,) = talk(talk.client.resume()).jobs
    assert [one.id for one in found.jobs] == [job.id] == [error.job_id]
    assert running.log.requests(route="list") == ()


@pytest.mark.row("F6")
@pytest.mark.parametrize("ahead", [-7200.0, -400.0, 0.0, 400.0, 86_400.0])
def test_the_clock_of_the_service_may_be_another(colour: str, ahead: float, tmp_path: Path) -> None:
    clock = Clock(start=time.time() + ahead)
    with emulator(DOCUMENTS, clock=clock) as running:
        running.faults.add("submit", faults.Fin(process=True))
        with talking(colour, running) as talk:
            found = told(talk, unknown_of(talk))
        assert [job.id for job in found.jobs] == list(running.log.billed_jobs)
    assert found.verdict == "one"


@pytest.mark.row("F6")
@pytest.mark.row("R8")
def test_a_job_of_another_time_is_no_candidate_whatever_the_clocks() -> None:
    """In the service's own time it was made an hour before the submission."""
    ahead = 5000.0

    def serve(sent: Send, now: float) -> Any:
        if sent.method == "POST":
            return DROPPED
        old = {"request_id": "old", "model": "Veo3", "status": "queued", "payload": {}}
        date = formatdate(WALL + now + ahead, usegmt=True)
        listed = {"requests": [{**old, "created_at": WALL + ahead - 3600}], "has_more": False}
        return reply(200, listed, {"date": date})

    world = World(serve)
    context = world.ctx()
    with pytest.raises(SubmissionUnknownError) as caught:
        world.run(submit(context, "Veo3", {"prompt": "x"}, _handle, Undertaking("Veo3")))
    assert world.run(reconcile(context, caught.value, _handle)).verdict == "none"


def _handle(found: Record) -> Handle:
    return Handle(found.id, record=found)


# Journals


@NO_SUCH
@pytest.mark.row("R9")
def test_what_cannot_be_written_down_is_not_submitted(tmp_path: Path, running: Emulator) -> None:
    child = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("full_disk.py")), str(tmp_path)],
        env={**os.environ, "GMI_API_KEY": KEY, "GMI_BASE_URL": running.base_url},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert child.returncode == 0, child.stderr
    intents = {
        attempt.payload_sha256
        for path in tmp_path.glob("*.jsonl")
        for attempt in noted(Journal(path).find())
    }
    posted = {payload_sha256(post.json["payload"]) for post in running.log.posts()}
    assert posted
    assert posted == intents


@NO_SUCH
@pytest.mark.row("R16")
@pytest.mark.parametrize("kind", ["fifo", "full", "folder", "null", "zero"])
def test_a_journal_that_is_no_file_is_refused_before_anything_is_submitted(
    colour: str, kind: str, running: Emulator, tmp_path: Path
) -> None:
    path = tmp_path / "journal"
    if kind == "fifo":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    else:
        path = Path("/dev") / kind
    with talking(colour, running, journal=path) as talk:
        with pytest.raises(ConfigurationError, match="nothing was submitted"):
            talk(talk.client.submit("clip-1", PROMPT))
        with pytest.raises(ConfigurationError, match="cannot be read"):
            talk(talk.client.resume())
    assert running.log.posts() == ()


# Bounds


@pytest.mark.row("R24")
@pytest.mark.parametrize(
    "timeout",
    [10**100, 10**400, math.inf, math.nan, -1, -math.inf, 1e308, True, "5", b"", [], 5j],
    ids=lambda timeout: repr(timeout)[:20],
)
def test_a_bound_is_a_number_that_is_meant_or_for_ever(
    colour: str, timeout: Any, running: Emulator
) -> None:
    def ending_of(call: Any) -> Any:
        try:
            return call()
        except ConfigurationError as error:
            return error

    sensible = isinstance(timeout, (int, float)) and timeout is not True and timeout >= 0
    with talking(colour, running) as talk:
        job = talk(talk.client.submit("clip-1", PROMPT))
        for call in (
            lambda: talk(job.wait(timeout=timeout)),
            lambda: talk(talk.client.run("clip-1", PROMPT, timeout=timeout)),
            lambda: talk.all(talk.client.map([("clip-1", PROMPT)], timeout=timeout)),
            lambda: (
                talk.save(talk(job.result()), os.devnull, timeout=timeout) if not sensible else None
            ),
        ):
            ended = ending_of(call)
            assert isinstance(ended, ConfigurationError) is not sensible
    made = ending_of(lambda: Client(KEY, base_url=running.base_url, timeout=timeout))
    assert isinstance(made, ConfigurationError) is not sensible


# Handles and errors that travel


@pytest.mark.row("F5")
@pytest.mark.row("F25")
def test_a_result_saves_without_its_client_and_without_a_key(
    colour: str, running: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with talking(colour, running) as talk:
        result = talk(talk.client.run("clip-1", PROMPT))
    for name in ("GMI_API_KEY", "GMI_ORG_ID"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GMI_BASE_URL", running.base_url)
    for number, one in enumerate((result, pickle.loads(pickle.dumps(result)))):
        folder = tmp_path / str(number)
        saving = one.save(folder / "boat.mp4")
        (saved,) = asyncio.run(_awaited(saving)) if colour == "async" else saving
        assert saved.read_bytes()


async def _awaited(value: Any) -> Any:
    return await value


@pytest.mark.row("F25")
def test_an_error_whose_request_holds_an_open_file_travels(
    colour: str, running: Emulator, tmp_path: Path
) -> None:
    path = tmp_path / "boat.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"pixels" * 9)
    running.faults.add("submit", faults.Status(402), nth=None)
    with talking(colour, running) as talk, path.open("rb") as stream:
        request = ("clip-1", {"prompt": "x", "image": stream})
        (error,) = talk.all(talk.client.map([request], unchecked=True))
        assert error.request is request
        again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again)) == (type(error), str(error))
    assert again.request is None


class Absurd:
    """Numbers no machine takes and half of a surrogate pair, in every record that is shown."""

    def __init__(self, number: bytes) -> None:
        self.number = number

    async def answer(self, exchange: Any) -> Response:
        body = bytes((await exchange.honest()).body)
        body = re.sub(rb'("\w+_at"): ?[\d.]+', rb"\1:" + self.number, body)
        body = re.sub(rb'("request_id")', rb'"x\\ud800":' + self.number + rb",\1", body)
        return Response(body, media_type="application/json")


@pytest.mark.row("R2")
@pytest.mark.parametrize("number", [b"9" * 400, b"9" * 5000, b"1e400", b"NaN", b"-Infinity"])
def test_one_absurd_record_ends_nobody_elses_wait(
    colour: str, number: bytes, running: Emulator
) -> None:
    for route in ("submit", "status", "list"):
        running.faults.add(route, Absurd(number), nth=None)
    with talking(colour, running) as talk:
        ended = talk.all(talk.client.map(requests(6)))
        listed = talk(talk.client.jobs.list("clip-1"))
    assert [one for one in ended if isinstance(one, GMIError)] == []
    assert {job.id for job in listed} == set(running.log.billed_jobs)
    assert all(job.record.created_at is None for job in listed)
