"""One emulated account in bad weather, two clients, and the books that must agree at any time.

A seed decides everything that is asked, every fault, and when somebody is interrupted or killed.
The emulator's request log is what happened; what a client returned, raised, noted or journalled is
what it believes.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from runtime_world import DOCUMENTS, KEY, Talk, talking
from starlette.responses import Response

from gmigen.emulator import Clock, Emulator, Entry, emulator, faults
from gmigen.emulator.artifacts import CONTENT_TYPES, StoredFile, shipped
from gmigen.emulator.ranges import serve
from gmigen.runtime import GMIError, JobFailedError, SubmissionUnknownError
from gmigen.runtime.journal.file import Journal
from gmigen.runtime.logs import logger
from gmigen.runtime.protocol.entries import attempts as noted
from gmigen.runtime.protocol.payload import payload_sha256

MODELS = ["clip-1", "picture-1", "song-1", "clip-2"]
FAILING = "clip-2"
TRACE = "the id of a gateway"
SCRIPT = Path(__file__).with_name("killed_client.py")


class Boom(Exception):
    """The caller's own code failed."""


def content_of(job_id: str, honest: bytes) -> bytes:
    """The file of a job: unlike that of any other."""
    return honest + job_id.encode() * 400


class View:
    """An exchange whose honest answer is another one, for a fault that spoils it."""

    def __init__(self, exchange: Any, response: Response) -> None:
        self._exchange = exchange
        self._response = response

    def __getattr__(self, name: str) -> Any:
        return getattr(self._exchange, name)

    async def honest(self) -> Response:
        return self._response


@dataclass
class Media:
    """Every file names its job, and many are spoiled on their way."""

    random: Random

    async def answer(self, exchange: Any) -> Response:
        honest = await exchange.honest()
        if honest.status_code not in (200, 206):
            return honest  # type: ignore[no-any-return]
        file = exchange_file(exchange, exchange.request.path_params["request_id"])
        fault = self.random.choice([None, None, None, *MEDIA])
        if fault == "range ignored":
            return serve(file, {})
        own = serve(file, exchange.request.headers)
        return await fault.answer(View(exchange, own)) if fault else own


def exchange_file(exchange: Any, job_id: str) -> StoredFile:
    extension = exchange.request.path_params["name"].rpartition(".")[2]
    return StoredFile(content_of(job_id, shipped(extension).content), CONTENT_TYPES[extension])


MEDIA: list[Any] = [
    "range ignored",
    faults.Truncated(0.5, "fin"),
    faults.Truncated(0.5, "reset"),
    faults.Truncated(0.3, "unmeasured"),
    faults.Truncated(0.7, "complete"),
    faults.BadChecksum(),
    faults.Status(503),
    faults.Status(403, "expired"),
    faults.Html(200, "Sign in"),
    faults.ContentType("text/html"),
    faults.Reset(),
    faults.Fin(),
    faults.Headers({"x-goog-hash": None}),
]
TORN = [faults.Truncated(share, end) for share in (0.1, 0.5, 0.9) for end in ("fin", "reset")]
SILENT = [
    kind(process=process) for kind in (faults.Reset, faults.Fin, faults.Hang) for process in (0, 1)
]
SUBMIT: list[Any] = [
    *TORN,
    *SILENT,
    *(faults.Status(status, process=True) for status in (500, 503, 504, 408, 502)),
    *(faults.Html(status, process=True) for status in (502, 504, 200)),
    *(faults.Status(status, "no") for status in (400, 403, 404, 409, 422)),
    faults.Status(500, "Backend error (400). Please try again."),
    faults.Status(200, body={"id": TRACE}),
    faults.Status(200, body={"id": TRACE}, process=True),
    faults.Status(503, body={"request_id": TRACE}, process=True),
    faults.Status(202, body=b"", process=True),
    faults.Redirect("/elsewhere"),
    faults.Capacity(),
    faults.Capacity(process=False),
    faults.RateLimited(retry_after="0"),
    faults.RateLimited(retry_after_ms=20),
    faults.RateLimited(retry_after="nonsense", html=True),
    faults.Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n{", process=True),
    faults.Raw(b"\x15\x03\x01\x00\x02\x02", process=True),
    faults.Headers({"Content-Encoding": "br"}),
    faults.Headers({"Content-Encoding": "gzip"}),
    faults.Drip(10, 0.05),
]
LOOK: list[Any] = [
    *TORN,
    *SILENT[:4],
    *(faults.Status(status) for status in (500, 502, 503, 429, 404, 408)),
    faults.Html(200, "Sign in"),
    faults.RateLimited(retry_after="0"),
    faults.Status(200, body={"status": "failed"}, content_type="text/plain"),
    faults.Raw(b"garbage"),
]
LIES: list[Any] = [
    faults.Regress(look=2, looks=2),
    faults.Regress(look=1, after_end=True),
    faults.NotYet(1),
    faults.NullOutcome(1),
    faults.Word("warming"),
    faults.Word("completed", instead_of="success"),
]


@dataclass
class Asked:
    """One submission that was asked for; `ending` is what came of it, None while nothing has."""

    number: int
    model: str
    ending: str | None = None
    job_id: str | None = None
    error: Any = None

    @property
    def payload(self) -> dict[str, str]:
        return {"prompt": f"boat {self.number}"}


class Heard(logging.Handler):
    """What the client says in its log, where Python 3.10 has no notes."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


@dataclass
class World:
    """The account, the clients and the books."""

    running: Emulator
    talks: list[Talk]
    folder: Path
    random: Random
    heard: Heard
    asked: dict[int, Asked] = field(default_factory=dict)
    done: Counter[str] = field(default_factory=Counter)

    @property
    def journal(self) -> Path:
        return self.folder / "journal.jsonl"

    def ask(self) -> Asked:
        one = Asked(len(self.asked), self.random.choice(MODELS))
        self.asked[one.number] = one
        return one

    def weather(self) -> None:
        """Other faults from now on."""
        script, random = self.running.faults, self.random
        script.clear()
        script.add("media", Media(random), nth=None)
        script.add("job", faults.Failed("blocked"), nth=None, match=FAILING)
        for route, menu, share in (("submit", SUBMIT, 0.3), ("status", LOOK, 0.25)):
            for fault in random.sample(menu, 2):
                script.add(route, fault, share=random.random() * share)
        script.add("list", random.choice(LOOK), share=0.3)
        script.add("job", random.choice(LIES), share=0.3)
        if random.random() < 0.2:
            script.add("connect", random.choice([faults.Reset(), faults.Fin()]), share=0.1)

    # What a user does

    def step(self) -> None:
        deeds = [self.submit, self.run, self.run, self.map, self.map, self.come_back]
        deeds += [self.interrupted, self.cancelled, self.find_out, self.weather]
        deed = self.random.choice(deeds)
        self.done[deed.__name__] += 1
        deed()
        self.check()

    def talk(self) -> Talk:
        return self.random.choice(self.talks)

    def submit(self) -> None:
        one, talk = self.ask(), self.talk()
        try:
            job = talk(talk.client.submit(one.model, one.payload, unchecked=True))
        except GMIError as error:
            self.ended(one, error)
            return
        self.ended(one, job)
        self.finish(talk, one, job)

    def finish(self, talk: Talk, one: Asked, job: Any) -> None:
        try:
            result = talk(job.result(timeout=2))
        except GMIError as error:
            self.about(error, job.id)
            self.judge(one, error)
            return
        self.save(talk, result)

    def run(self) -> None:
        one, talk = self.ask(), self.talk()
        try:
            result = talk(talk.client.run(one.model, one.payload, timeout=2))
        except GMIError as error:
            self.ended(one, error)
            return
        self.ended(one, result.job)
        self.save(talk, result)

    def map(self) -> None:
        asked, talk = [self.ask() for _ in range(self.random.randrange(2, 6))], self.talk()
        how = {"concurrency": self.random.randrange(1, 5), "ordered": self.random.random() < 0.5}
        requests = [(one.model, one.payload) for one in asked]
        found = talk.all(talk.client.map(requests, timeout=2, **how))
        assert sorted(one.index for one in found) == list(range(len(asked)))
        for ending in found:
            one = asked[ending.index]
            if isinstance(ending, GMIError):
                self.ended(one, ending)
            else:
                self.ended(one, ending.job)
                self.save(talk, ending)

    def interrupted(self) -> None:
        """The caller's own code raises, in a callback or in what is mapped."""
        talk, asked = self.talk(), [self.ask() for _ in range(3)]
        left = self.random.randrange(4)

        def told(_event: Any) -> None:
            nonlocal left
            left -= 1
            if left < 0:
                raise Boom

        def requests() -> Iterator[Any]:
            for one in asked:
                yield one.model, one.payload
            raise Boom

        mapped = self.random.random() < 0.6
        before = len(self.heard.lines)
        try:
            if mapped:
                talk.all(talk.client.map(requests(), timeout=2, on_update=told))
            else:
                talk(talk.client.run(asked[0].model, asked[0].payload, timeout=2, on_update=told))
                asked[0].ending = "quiet"
        except Boom as boom:
            self.named(asked, boom, before)
        except GMIError as error:
            self.ended(asked[0], error)

    def cancelled(self) -> None:
        """A task is cancelled after some steps of its loop."""
        talk, one = self.talks[1], self.ask()
        assert talk.loop is not None
        before = len(self.heard.lines)
        steps = int(2 ** (self.random.random() * 7))

        async def cut() -> Any:
            task = asyncio.ensure_future(talk.client.run(one.model, one.payload, timeout=2))
            for _ in range(steps):
                await asyncio.sleep(self.random.choice([0, 0, 0.002]))
            task.cancel()
            return await task

        try:
            result = talk.loop.run_until_complete(cut())
        except asyncio.CancelledError as error:
            self.named([one], error, before)
        except GMIError as error:
            self.ended(one, error)
        else:
            self.ended(one, result.job)

    def named(self, asked: list[Asked], error: BaseException, before: int) -> None:
        """An exception that is not ours names what it leaves behind."""
        time.sleep(0.05)  # what was in flight arrives, or never does
        said = " ".join([*getattr(error, "__notes__", ()), *self.heard.lines[before:]])
        attempts = {
            attempt.payload_sha256: attempt for attempt in noted(Journal(self.journal).find())
        }
        for one in asked:
            one.ending = "interrupted"
            attempt = attempts.get(payload_sha256(one.payload))
            for post in self.billed_by(one):
                ended = attempt is not None and attempt.job_status is not None
                known = post.request_id in said or (attempt is not None and attempt.id in said)
                assert ended or known, (one, said)

    def come_back(self) -> None:
        """A new process would do so: resume from the journal."""
        with talking(
            self.random.choice(["sync", "async"]), self.running, journal=self.journal
        ) as t:
            t.impatient()
            left = t(t.client.resume())
            for job in self.random.sample(left.jobs, min(2, len(left.jobs))):
                with_id = [one for one in self.asked.values() if self.job_of(one) == job.id]
                assert len(with_id) == 1, (job, with_id)
                self.finish(t, with_id[0], job)

    def find_out(self) -> None:
        """Look for the job of an unknown submission."""
        unknown = [one for one in self.asked.values() if one.ending == "unknown"]
        found = [one for one in unknown if self.billed_by(one)]
        if not found:
            return
        one = self.random.choice(found)
        job_id = self.billed_by(one)[0].request_id
        try:
            told = one.error.reconcile()
        except GMIError:
            return
        names = {job.id for job in told.jobs}
        assert told.verdict in ("one", "several", "none")
        assert told.verdict != "one" or names == {job_id}, (told, job_id)
        assert told.verdict != "several" or job_id in names
        if told.verdict == "one":
            one.ending, one.job_id, one.error = "job", job_id, None

    def killed(self, delay: float) -> None:
        """A child that submits, waits and saves is killed at some moment."""
        asked = [self.ask() for _ in range(12)]
        arguments = [f"{one.number}:{one.model}" for one in asked]
        child = subprocess.Popen(
            [sys.executable, str(SCRIPT), str(self.folder), *arguments],
            env={
                **os.environ,
                "GMI_API_KEY": KEY,
                "GMI_BASE_URL": self.running.base_url,
            },
            stdout=subprocess.PIPE,
            text=True,
        )
        assert child.stdout is not None
        with child, child.stdout:
            assert child.stdout.readline() == "ready\n"
            time.sleep(delay)
            child.send_signal(signal.SIGKILL)
        for one in asked:
            one.ending = "killed"
        self.settle()
        self.done["killed"] += 1
        self.check()

    def settle(self) -> None:
        """Until nothing arrives any more."""
        seen = -1
        while seen != len(self.running.log):
            seen = len(self.running.log)
            time.sleep(0.1)

    def save(self, talk: Talk, result: Any) -> None:
        try:
            saved = talk.save(result, self.folder / "files", timeout=1)
        except GMIError as error:
            self.about(error, result.job.id)
            self.done[f"not saved, {type(error).__name__}"] += 1
            return
        assert all(path.name.startswith(result.job.id) for path in saved)
        self.done["saved"] += len(saved)

    # The books

    def billed_by(self, one: Asked) -> list[Entry]:
        posts = self.running.log.posts(one.model)
        return [p for p in posts if p.created and p.json["payload"] == one.payload]

    def job_of(self, one: Asked) -> str | None:
        return next((post.request_id for post in self.billed_by(one)), None)

    def ended(self, one: Asked, what: Any) -> None:
        if isinstance(what, SubmissionUnknownError):
            assert what.attempt_id
            one.ending, one.job_id, one.error = "unknown", what.request_id, what
        elif isinstance(what, GMIError):
            one.ending, one.job_id = ("job", what.job_id) if what.job else ("refused", None)
            self.judge(one, what)
        else:
            one.ending, one.job_id = "job", what.id
        self.done[f"ended {one.ending}"] += 1

    def about(self, error: GMIError, job_id: str) -> None:
        """What is said about a job names it."""
        assert error.job_id == job_id, error

    def judge(self, one: Asked, error: GMIError) -> None:
        """Nothing ends as failed that succeeded."""
        if isinstance(error, JobFailedError):
            assert one.model == FAILING, error
        self.done[type(error).__name__] += 1

    def check(self) -> None:
        log = self.running.log
        assert len(log.billed_jobs) <= len(self.asked)
        posts: Counter[str] = Counter()
        billed: dict[str, list[str]] = {}
        for post in log.posts():
            if post.json is not None and post.status != 429:
                posts[post.json["payload"]["prompt"]] += 1
            if post.created:
                billed.setdefault(post.json["payload"]["prompt"], []).append(post.request_id)
        assert set(posts.values()) <= {1}, "one POST a submission"
        attempts = {
            attempt.payload_sha256: attempt for attempt in noted(Journal(self.journal).find())
        }
        for one in self.asked.values():
            jobs = billed.get(one.payload["prompt"], [])
            if one.ending == "refused":
                assert not jobs, (one, "was billed, and the client said that nothing was started")
            if one.ending == "job":
                assert jobs == [one.job_id], (one, jobs)
            if one.ending == "unknown" and one.job_id not in (None, TRACE) and jobs:
                assert jobs == [one.job_id], one
            if jobs:
                attempt = attempts[payload_sha256(one.payload)]
                assert attempt.ending != "refused", (one, attempt)
                assert attempt.job_id in (jobs[0], None, TRACE), (one, attempt)
                assert attempt.ending == "unknown" or attempt.job_id == jobs[0]
        self.check_files()

    def check_files(self) -> None:
        """Every file under a final name is whole and of its job."""
        for path in (self.folder / "files").glob("emu-*"):
            job_id, _, rest = path.name.rpartition("-")
            if job_id in self.running.jobs and rest.count(".") == 1:
                content = path.read_bytes()
                assert content.endswith(job_id.encode() * 400), path
                assert content.count(job_id.encode()) == 400, path


@contextmanager
def bad_weather(seed: int, folder: Path) -> Iterator[World]:
    """A world for the length of a `with`."""
    (folder / "files").mkdir()
    journal = folder / "journal.jsonl"
    clock = Clock(virtual=True, start=time.time(), tick=0.2)
    heard = Heard()
    logger.addHandler(heard)
    before = logger.level
    logger.setLevel(logging.WARNING)
    try:
        with (
            emulator(DOCUMENTS, clock=clock, job_seconds=1.0, seed=seed) as running,
            talking("sync", running, journal=journal, timeout=3) as first,
            talking("async", running, journal=journal, timeout=3) as second,
        ):
            first.impatient()
            second.impatient()
            world = World(running, [first, second], folder, Random(seed), heard)
            world.weather()
            yield world
    finally:
        logger.setLevel(before)
        logger.removeHandler(heard)
