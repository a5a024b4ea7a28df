"""The published pace of a model: whoever waits for it loses time, and no job."""

from __future__ import annotations

import threading
from collections import deque
from typing import Any

import pytest
from runtime_world import DOCUMENTS, KEY, PROMPT, QUICK, talking
from virtual_world import Answer, Crowd, record, reply

from gmigen.client import Client, GMIError, RateLimitError
from gmigen.emulator import emulator
from gmigen.runtime.protocol.attempts import Undertaking
from gmigen.runtime.protocol.effects import Send
from gmigen.runtime.protocol.submit import submit
from gmigen.runtime.records import Handle, Record

LIMIT, INTERVAL = 2, 60.0


class Paced:
    """A service that lets through `LIMIT` submissions in any `INTERVAL` seconds, for everybody.

    `told` is how much its refusal says. `others` is when somebody else's submissions come.
    """

    def __init__(self, told: str, others: tuple[float, ...] = ()) -> None:
        self.told = told
        self.others = deque(others)
        self.let_through: deque[float] = deque()
        self.refused = 0
        self.accepted = 0

    def __call__(self, sent: Send, now: float) -> Answer:
        while self.others and self.others[0] <= now:
            self._takes(self.others.popleft())
        if self._takes(now):
            self.accepted += 1
            return record("queued", id=f"j{self.accepted}")
        self.refused += 1
        wait = self.let_through[0] + INTERVAL - now
        sentence = f"Rate limit exceeded for model m. Retry in {wait * 1000:.0f} ms."
        stated = {"limit_type": "RPM", "limit": LIMIT, "interval_seconds": INTERVAL}
        if self.told == "everything":
            stated["retry_after_ms"] = int(wait * 1000) + 1
            return reply(429, {"error": sentence, "rate_limit": stated})
        if self.told == "a sentence":
            return reply(429, {"error": sentence})
        if self.told == "a header":
            return reply(429, {"error": "slow down"}, {"retry-after": str(int(wait) + 1)})
        return reply(429, b"<html><title>Too Many Requests</title>")

    def _takes(self, now: float) -> bool:
        while self.let_through and self.let_through[0] + INTERVAL <= now:
            self.let_through.popleft()
        if len(self.let_through) >= LIMIT:
            return False
        self.let_through.append(now)
        return True


def crowd(service: Paced, size: int, **how: Any) -> tuple[Crowd, list[Any]]:
    world = Crowd(service, draw=None)
    shared = world.ctx()
    flows = [submit(shared, "m", PROMPT, handle_of, Undertaking("m"), **how) for _ in range(size)]
    return world, world.run_all(flows)


def handle_of(found: Record) -> Handle:
    return Handle(found.id, record=found)


TOLD = ["everything", "a sentence", "a header", "nothing"]


@pytest.mark.row("F2")
@pytest.mark.parametrize("told", TOLD)
@pytest.mark.parametrize("others", [(), tuple(range(0, 600, 45))], ids=["alone", "with others"])
def test_a_batch_loses_no_job_to_the_pace_of_its_model(told: str, others: Any) -> None:
    paced = Paced(told, others)
    world, ended = crowd(paced, 20, paced=None)
    assert [type(one) for one in ended] == [Handle] * 20
    assert len({one.id for one in ended}) == paced.accepted == 20
    assert len(world.posts) == 20 + paced.refused


@pytest.mark.row("F2")
def test_a_stated_pace_is_kept_and_not_tried_again_and_again() -> None:
    paced = Paced("everything")
    world, _ = crowd(paced, 20, paced=None)
    assert paced.refused <= 4
    assert world.now <= 20 / LIMIT * INTERVAL * 1.2, "and no time is wasted"


@pytest.mark.row("F2")
@pytest.mark.parametrize("told", ["everything", "a sentence", "a header"])
def test_submissions_side_by_side_lose_no_job_to_the_pace(told: str) -> None:
    paced = Paced(told)
    _, ended = crowd(paced, 20, within=1800.0)
    assert [type(one) for one in ended] == [Handle] * 20


@pytest.mark.row("F2")
def test_whose_turn_comes_too_late_is_told_so_and_nothing_was_submitted() -> None:
    paced = Paced("everything")
    world, ended = crowd(paced, 20, within=125.0)
    late = [one for one in ended if isinstance(one, RateLimitError)]
    assert len(late) + paced.accepted == 20
    assert paced.accepted >= 4
    assert world.now <= 130


@pytest.mark.row("F2")
def test_threads_wait_for_the_pace_of_an_emulated_model() -> None:
    ended: list[Any] = []

    def one(client: Client) -> None:
        try:
            ended.append(client.submit("clip-1", PROMPT))
        except GMIError as error:
            ended.append(error)

    with emulator(DOCUMENTS, rate_limit=(4, 0.4)) as running:
        with Client(KEY, base_url=running.base_url, poll=QUICK, timeout=30) as client:
            threads = [threading.Thread(target=one, args=(client,)) for _ in range(12)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        assert len(running.log.billed_jobs) == 12
    assert [type(job).__name__ for job in ended] == ["Job"] * 12


@pytest.mark.row("F2")
def test_a_mapped_batch_waits_for_the_pace_of_an_emulated_model(colour: str) -> None:
    with emulator(DOCUMENTS, rate_limit=(4, 0.4), job_seconds=0.0) as running:
        with talking(colour, running, timeout=30) as talk:
            requests = [("clip-1", {"prompt": f"boat {number}"}) for number in range(12)]
            ended = talk.all(talk.client.map(requests))
        assert len(running.log.billed_jobs) == 12
    assert not [one for one in ended if isinstance(one, GMIError)]
