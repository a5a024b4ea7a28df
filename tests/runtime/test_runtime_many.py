"""Many jobs of one client: what they share, so that a crowd costs little more than one."""

from __future__ import annotations

import asyncio
import json
import threading
from collections import Counter, deque
from itertools import pairwise
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from runtime_world import DOCUMENTS, KEY, PROMPT, QUICK, Talk, talking
from test_runtime_wire_jobs import Boat
from virtual_world import DROPPED, WALL, Answer, Crowd, record, reply

from gmigen.client import AsyncClient
from gmigen.client.many.sync import _Crew
from gmigen.emulator import Emulator, emulator, faults
from gmigen.runtime import errors
from gmigen.runtime.clock import monotonic
from gmigen.runtime.protocol.effects import Failure, Send
from gmigen.runtime.protocol.pacing import Poll
from gmigen.runtime.protocol.throttle import CAPACITY, COST, PROBE_EVERY
from gmigen.runtime.protocol.wait import wait
from gmigen.runtime.records import Handle, Record


class Queue:
    """A service in virtual time: jobs that end, a list that may lie, and a count of calls."""

    def __init__(self, jobs: int, seconds: float, *, lagging: float = 0.0, has_list: bool = True):
        self.ids = [f"j{number}" for number in range(jobs)]
        self.seconds = seconds
        self.lagging = lagging
        self.has_list = has_list
        self.calls: Counter[str] = Counter()
        self.looked: dict[str, list[float]] = {job: [] for job in self.ids}

    def raw(self, job: str, now: float) -> dict[str, Any]:
        done = now >= self.seconds
        told: dict[str, Any] = {"request_id": job, "model": "Veo3", "created_at": 1}
        told["status"] = "success" if done else "processing" if now > 1 else "queued"
        told["outcome"] = {"video_url": f"https://m.example/{job}.mp4"} if done else None
        told["updated_at"] = 3 if done else 2 if now > 1 else 1
        return told

    def __call__(self, sent: Send, now: float) -> Answer:
        parts = urlsplit(sent.url)
        if parts.path.endswith("/requests"):
            self.calls["list"] += 1
            if not self.has_list:
                return reply(404, {"error": "not found"})
            query = parse_qs(parts.query)
            offset, limit = int(query["offset"][0]), int(query["limit"][0])
            page = self.ids[offset : offset + limit]
            for job in page:
                self.looked[job].append(now)
            told = [self.raw(job, now - self.lagging) for job in page]
            return reply(200, {"requests": told, "has_more": offset + limit < len(self.ids)})
        self.calls["look"] += 1
        job = parts.path.rpartition("/")[2]
        self.looked[job].append(now)
        return reply(200, self.raw(job, now))

    def handles(self) -> list[Handle]:
        known = [Record(job, "Veo3", "queued", {}, raw={"request_id": job}) for job in self.ids]
        return [Handle(one.id, record=one, submitted_at=WALL) for one in known]


def crowd(queue: Queue, timeout: float = 1800.0, **manners: Any) -> tuple[Crowd, list[Any]]:
    world = Crowd(queue, draw=None)
    shared = world.ctx(**manners)
    return world, world.run_all(wait(shared, handle, timeout) for handle in queue.handles())


def test_three_jobs_of_a_model_are_looked_at_one_by_one() -> None:
    queue = Queue(3, 20)
    crowd(queue)
    assert queue.calls["list"] == 0


@pytest.mark.parametrize("jobs", [4, 40, 200])
def test_one_list_answers_for_a_hundred_jobs(jobs: int) -> None:
    queue = Queue(jobs, 60)
    world, ended = crowd(queue)
    assert {one.status for one in ended} == {"success"}
    pages = -(-jobs // 100)
    # A look at one job costs 50 GETs in this time; lists cost twice as many for all of them.
    assert queue.calls["list"] <= 150 * pages
    # Each by itself for each change, which there are three of, and twice a minute in any case.
    assert queue.calls["look"] <= 4 * jobs
    assert world.now <= 60 + 2 * 3.3


def test_a_list_that_lags_is_found_out_and_costs_no_job_its_end() -> None:
    queue = Queue(10, 60, lagging=1e6)
    world, ended = crowd(queue)
    assert {one.status for one in ended} == {"success"}
    assert world.now <= 60 + 5.5
    assert queue.calls["list"] < 100


def test_a_list_that_begins_to_lag_later_is_found_out_within_a_minute() -> None:
    class Later(Queue):
        def __call__(self, sent: Send, now: float) -> Answer:
            self.lagging = now if now > 10 else 0.0
            return super().__call__(sent, now)

    queue = Later(10, 100)
    world, ended = crowd(queue)
    assert {one.status for one in ended} == {"success"}
    assert world.now <= 100 + 65


def test_an_api_without_a_list_is_polled_as_if_nothing_were() -> None:
    queue = Queue(10, 60, has_list=False)
    world, ended = crowd(queue)
    assert {one.status for one in ended} == {"success"}
    assert queue.calls["list"] <= 4
    assert world.now <= 60 + 5.5


def test_a_job_the_list_leaves_out_is_looked_at_by_itself() -> None:
    class Partial(Queue):
        def __call__(self, sent: Send, now: float) -> Answer:
            answer = super().__call__(sent, now)
            if "offset" not in sent.url:
                return answer
            body = json.loads(answer.body)  # type: ignore[union-attr]
            body["requests"] = [one for one in body["requests"] if one["request_id"] != "j7"]
            return reply(200, body)

    queue = Partial(10, 60)
    _, ended = crowd(queue)
    assert {one.status for one in ended} == {"success"}
    assert queue.calls["look"] >= 20


def test_a_success_the_list_shows_without_its_outcome_is_fetched_by_itself() -> None:
    class Bare(Queue):
        def __call__(self, sent: Send, now: float) -> Answer:
            answer = super().__call__(sent, now)
            if "offset" not in sent.url:
                return answer
            body = json.loads(answer.body)  # type: ignore[union-attr]
            return reply(200, {"requests": [{**r, "outcome": None} for r in body["requests"]]})

    queue = Bare(8, 30)
    world, ended = crowd(queue)
    assert all(one.outcome["video_url"] for one in ended)
    assert world.now <= 30 + 6


def test_every_job_of_a_crowd_gets_its_turn() -> None:
    queue = Queue(200, 100, has_list=False)
    crowd(queue)
    gaps = [
        max(after - before for before, after in pairwise(times)) for times in queue.looked.values()
    ]
    assert max(gaps) <= 5.5


def test_a_crowd_does_not_hammer_a_server_that_is_down() -> None:
    class Down(Queue):
        def __call__(self, sent: Send, now: float) -> Answer:
            answer = super().__call__(sent, now)
            return DROPPED if 30 < now < 630 else answer

    jobs = 1_000
    queue = Down(jobs, 700, has_list=False)
    world, ended = crowd(queue, poll=Poll(tolerance=1200.0, max=60.0), timeout=3600.0)
    assert {one.status for one in ended} == {"success"}
    moments = [at for at, _ in world.sends]
    # The looks under way when the trouble begins come through; then the tokens are spent.
    calm = [at for at in moments if 120 < at < 630]
    assert len(calm) <= (630 - 120) / PROBE_EVERY + 1
    back = Counter(int(at) for at in moments if 630 <= at < 700)
    assert sum(back.values()) >= 0.5 * jobs
    # Who comes back comes spread over the time of a probe, not at one moment.
    assert max(back.values()) <= 0.2 * jobs


def test_one_job_in_trouble_is_never_kept_from_asking() -> None:
    world = Crowd(lambda _, now: DROPPED if now < 900 else record("success", outcome={"a": "b"}))
    shared = world.ctx(poll=Poll(tolerance=1800.0))
    world.run(wait(shared, Handle("j1", model="Veo3", submitted_at=WALL), 3600.0))
    gaps = [b[0] - a[0] for a, b in pairwise(world.sends)]
    assert max(gaps) <= 11
    assert shared.throttle.tokens.next_probe is None
    assert 0 <= shared.throttle.tokens.count <= CAPACITY
    assert COST < CAPACITY


def test_a_refused_key_is_asked_about_once_for_a_thousand_jobs() -> None:
    world = Crowd(lambda _sent, _now: reply(401, {"error": "bad key"}), draw=None)
    shared = world.ctx()
    handles = Queue(1000, 60).handles()
    ended = world.run_all(wait(shared, handle, 600.0) for handle in handles)
    assert {type(one) for one in ended} == {errors.AuthenticationError}
    assert [one.job for one in ended] == handles
    assert len(world.sends) == 1
    assert {handle.status for handle in handles} == {"queued"}


def test_a_key_that_works_again_is_noticed() -> None:
    world = Crowd(lambda _, now: reply(401, {}) if now < 5 else record("success", outcome={"a": 1}))
    shared = world.ctx()
    with pytest.raises(errors.AuthenticationError):
        world.run(wait(shared, Handle("j1", model="Veo3"), 600.0))
    with pytest.raises(errors.AuthenticationError, match="not asked about"):
        world.run(wait(shared, Handle("j1", model="Veo3"), 600.0))
    assert len(world.sends) == 1
    world.now += 30
    assert world.run(wait(shared, Handle("j1", model="Veo3"), 600.0)).status == "success"


@pytest.fixture
def busy() -> Any:
    with emulator(DOCUMENTS, job_seconds=1.0) as one:
        yield one


def test_a_wait_for_who_slept_enough_ends_however_short_it_is() -> None:
    """A time-out of a microsecond is usual with many jobs, and a thread may be late for any."""

    class Sleepers:
        def next_due(self) -> float:
            return monotonic() + 1e-6

    nobody: Any = Sleepers()
    crews: deque[_Crew] = deque(maxlen=1)
    late = threading.Timer(10, lambda: crews[0].ready.put(nobody))
    late.start()
    try:
        for _ in range(10_000):
            crews.append(_Crew(nobody, nobody, None))
            assert crews[0].next() is None
    finally:
        late.cancel()


def test_a_batch_asks_for_lists_over_the_wire(colour: str, busy: Emulator) -> None:
    with talking(colour, busy) as talk:
        done = talk.all(talk.client.map([Boat(str(n)) for n in range(32)], concurrency=32))
    assert all(one.url for one in done)
    assert len(busy.ledger.posts()) == 32
    looks = len(busy.ledger.requests(route="status"))
    lists = len(busy.ledger.requests(route="list"))
    # Each job is in sight for a second and due every 10 to 20 ms: looked at one by one, that would
    # be a thousand looks and more.
    assert lists > 0
    assert looks + lists < 32 * 10


def test_a_refused_key_ends_every_wait_of_a_client_after_one_look(
    talk: Talk, running: Emulator
) -> None:
    jobs = [talk(talk.client.submit("clip-1", PROMPT)) for _ in range(6)]
    running.faults.add("status", faults.Status(401, "bad key"), nth=None)
    for job in jobs:
        with pytest.raises(errors.AuthenticationError) as raised:
            talk(job.result())
        assert raised.value.job == job
        assert job.status == "queued"
    assert len(running.ledger.requests(route="status")) == 1


def test_ten_waits_of_one_loop_share_lists(busy: Emulator) -> None:
    async def scenario() -> int:
        async with AsyncClient(KEY, base_url=busy.base_url, poll=QUICK) as client:
            jobs = [await client.submit("clip-1", PROMPT) for _ in range(10)]
            results = await asyncio.gather(*(job.result() for job in jobs))
            return sum(bool(result.url) for result in results)

    assert asyncio.run(scenario()) == 10
    assert busy.ledger.requests(route="list")
    assert len(busy.ledger.posts()) == 10


def test_want_of_a_connection_is_never_counted_against_the_api() -> None:
    busy = Failure("pool", False, "no connection came free in time")
    world = Crowd(lambda _, now: busy if now < 900 else record("success", outcome={"a": "b"}))
    shared = world.ctx()
    ended = world.run(wait(shared, Handle("j1", model="Veo3", submitted_at=WALL), 3600.0))
    assert ended.status == "success"
    assert shared.throttle.tokens.count == CAPACITY


def test_a_hundred_waits_need_no_more_connections_than_there_are(running: Emulator) -> None:
    running.faults.add("list", faults.Status(404, "no list here"), nth=None)

    async def scenario() -> int:
        async with AsyncClient(KEY, base_url=running.base_url, poll=QUICK) as client:
            jobs = [await client.submit("clip-1", PROMPT) for _ in range(100)]
            return len(await asyncio.gather(*(job.result() for job in jobs)))

    assert asyncio.run(scenario()) == 100
    looks = running.ledger.requests(route="status")
    assert 1 < len({look.connection for look in looks}) <= 20
