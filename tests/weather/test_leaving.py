"""Whatever ends a paying call early names the job or the attempt, or nothing was submitted."""

from __future__ import annotations

import asyncio
import random
import sys
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from runtime_world import DOCUMENTS, KEY, PROMPT, QUICK, Talk, talking
from starlette.responses import Response
from stateful_world import Boom, Heard

from gmigen.client import AsyncClient, ConfigurationError
from gmigen.emulator import Clock, Emulator, emulator
from gmigen.journal.file import Journal
from gmigen.runtime.logs import logger
from gmigen.runtime.protocol.entries import attempts as noted
from gmigen.runtime.protocol.payload import payload_sha256

HAS_NOTES = sys.version_info >= (3, 11)


@pytest.fixture
def running() -> Iterator[Emulator]:
    with emulator(DOCUMENTS, clock=Clock(virtual=True, tick=0.25), job_seconds=1.0) as one:
        yield one


@pytest.fixture
def heard() -> Iterator[Heard]:
    listening = Heard()
    logger.addHandler(listening)
    yield listening
    logger.removeHandler(listening)


class Cut:
    """A coroutine that is cancelled where it waits for the `number`-th time.

    `late` is when what it waits for is there already, but it has not been told yet.
    """

    def __init__(self, coroutine: Any, number: int, *, late: bool) -> None:
        self._coroutine = coroutine
        self._number = number
        self._late = late
        self.waited = 0

    def __await__(self) -> Generator[Any, None, Any]:
        step = self._coroutine.__await__()
        try:
            waiting = next(step)
            while True:
                self.waited += 1
                if self.waited != self._number:
                    yield waiting
                    waiting = step.send(None)
                    continue
                if self._late:
                    yield waiting
                elif waiting is not None:
                    waiting.cancel()
                waiting = step.throw(asyncio.CancelledError())
        except StopIteration as end:
            return end.value


async def waited(client: AsyncClient, prompt: str, number: int, late: bool) -> tuple[int, Any]:
    """How often the run waited, and the exception it was left with."""
    cut = Cut(client.run("clip-1", {"prompt": prompt}), number, late=late)
    try:
        await cut
    except asyncio.CancelledError as error:
        return cut.waited, error
    return cut.waited, None


@pytest.mark.row("F7")
@pytest.mark.row("R11")
@pytest.mark.parametrize("late", [False, True], ids=["at once", "too late"])
def test_cancelled_at_any_await_the_exception_names_what_it_leaves(
    running: Emulator, heard: Heard, tmp_path: Path, late: bool
) -> None:
    said: dict[str, str] = {}
    journal = tmp_path / "journal.jsonl"

    async def every() -> None:
        async with AsyncClient(
            KEY, base_url=running.base_url, poll=QUICK, journal=journal
        ) as client:
            for number in range(1, 400):
                heard.lines.clear()
                prompt = f"cut {number}"
                _, error = await waited(client, prompt, number, late)
                if error is None:
                    return
                assert not HAS_NOTES or error.__notes__
                said[prompt] = " ".join([*getattr(error, "__notes__", ()), *heard.lines])
        raise AssertionError("it never came to its end")

    asyncio.run(every())
    assert len(said) > 15
    billed = {post.json["payload"]["prompt"]: post for post in running.log.posts() if post.created}
    attempts = {attempt.payload_sha256: attempt for attempt in noted(Journal(journal).find())}
    for prompt, words in said.items():
        attempt = attempts.get(payload_sha256({"prompt": prompt}))
        if prompt in billed:
            assert attempt is not None
            assert billed[prompt].request_id in words or attempt.id in words
            assert attempt.job_id == billed[prompt].request_id or attempt.ending == "unknown"
        elif HAS_NOTES:
            assert "Nothing was submitted" in words or (attempt and attempt.id in words)


class Held:
    """Submissions whose jobs are made; half of the answers never come, the others after that."""

    def __init__(self) -> None:
        self.made = 0
        self.both = asyncio.Event()

    async def answer(self, exchange: Any) -> Response:
        response = await exchange.honest()
        if (await exchange.json())["payload"]["prompt"].startswith("held"):
            self.made += 1
            if self.made == 2:
                self.both.set()
            await exchange.connection.gone.wait()
        await self.both.wait()
        return response  # type: ignore[no-any-return]


def words_of(error: BaseException, heard: Heard) -> str:
    return " ".join([*getattr(error, "__notes__", ()), *heard.lines])


@pytest.mark.row("R11")
@pytest.mark.parametrize("kind", [Boom, KeyboardInterrupt, OSError, TimeoutError])
@pytest.mark.parametrize("where", ["what is mapped", "the callback"])
def test_what_ends_a_batch_names_every_job_and_every_attempt(
    colour: str, where: str, kind: Any, running: Emulator, heard: Heard, tmp_path: Path
) -> None:
    """Two jobs run and two submissions are held when the caller's own code raises."""
    running.faults.add("submit", Held(), nth=None)
    raised = kind("by the caller")

    def requests() -> Iterator[Any]:
        for prompt in ("held 1", "held 2", "quick 1", "quick 2"):
            yield "clip-1", {"prompt": prompt}
        if where == "what is mapped":
            raise raised

    def told(_event: Any) -> None:
        if where == "the callback":
            raise raised

    journal = tmp_path / "journal.jsonl"
    with talking(colour, running, journal=journal) as talk, pytest.raises(kind) as caught:
        talk.all(talk.client.map(requests(), concurrency=4, on_update=told))
    assert caught.value is raised
    words = words_of(raised, heard)
    attempts = {attempt.payload_sha256: attempt for attempt in noted(Journal(journal).find())}
    torn = 0
    for post in running.log.posts():
        if post.json is None:  # the client left between its head and its body
            torn += 1
            continue
        attempt = attempts.pop(payload_sha256(post.json["payload"]))
        ended = attempt.job_status is not None
        names = {attempt.id, post.request_id} - {""}
        assert ended or any(name in words for name in names), (post, words)
    named = [attempt for attempt in attempts.values() if attempt.id in words]
    assert len(named) >= torn, (attempts, words)


@pytest.mark.row("F16")
@pytest.mark.row("F17")
@pytest.mark.row("R11")
@pytest.mark.parametrize("kind", [TimeoutError, OSError, ConnectionError, KeyboardInterrupt, Boom])
def test_what_a_callback_raises_passes_through_with_the_job_named(
    colour: str, kind: Any, running: Emulator, heard: Heard
) -> None:
    raised = kind("by the caller")

    def told(_event: Any) -> None:
        raise raised

    with talking(colour, running) as talk, pytest.raises(kind) as caught:
        talk(talk.client.run("clip-1", PROMPT, on_update=told))
    assert caught.value is raised
    assert running.log.billed_jobs[0] in words_of(raised, heard)


@pytest.mark.row("F16")
@pytest.mark.row("R11")
@pytest.mark.parametrize("kind", [StopIteration, StopAsyncIteration])
@pytest.mark.parametrize("word", ["run", "map"])
def test_a_callback_that_ends_an_iteration_ends_no_job_in_silence(
    colour: str, word: str, kind: Any, running: Emulator, heard: Heard
) -> None:
    """A `next()` of the caller's that finds nothing: in a coroutine it would look like an end."""
    raised = kind("by the caller")

    def told(_event: Any) -> None:
        raise raised

    def done(talk: Talk) -> Any:
        if word == "run":
            return talk(talk.client.run("clip-1", PROMPT, on_update=told))
        return talk.all(talk.client.map([("clip-1", PROMPT)], on_update=told))

    with talking(colour, running) as talk, pytest.raises(RuntimeError) as caught:
        done(talk)
    assert raised in (caught.value.__cause__, caught.value.__cause__.__cause__)
    assert running.log.billed_jobs[0] in words_of(caught.value, heard)


@pytest.mark.row("R11")
def test_a_wait_whose_client_is_closed_under_it_names_its_job(
    colour: str, running: Emulator, heard: Heard
) -> None:
    with talking(colour, running) as talk:
        closing = talk.client.close if colour == "sync" else talk.client.aclose

        def told(_event: Any) -> Any:
            return closing()

        with pytest.raises(ConfigurationError, match="closed") as caught:
            talk(talk.client.run("clip-1", PROMPT, on_update=told))
    (billed,) = running.log.billed_jobs
    assert caught.value.job_id == billed
    assert billed in words_of(caught.value, heard)


@pytest.mark.row("F21")
def test_the_dice_of_the_process_are_left_alone(colour: str, running: Emulator) -> None:
    before = random.getstate()
    with talking(colour, running) as talk:
        talk(talk.client.run("clip-1", PROMPT))
    assert random.getstate() == before
