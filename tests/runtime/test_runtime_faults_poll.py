"""Faults of a wait over real sockets: nothing the API says or leaves unsaid loses a job."""

from __future__ import annotations

from typing import Any

import pytest
from runtime_world import DOCUMENTS, IMPATIENT, PROMPT, Talk, talking
from test_runtime_wire_jobs import Boat
from virtual_world import DROPPED, PAGE, RUNNING, SUCCESS, World, fresh, record, reply, waiting

from gmigen.client import Poll
from gmigen.emulator import Emulator, emulator, faults
from gmigen.runtime import errors
from gmigen.runtime.protocol.wait import wait
from gmigen.runtime.records import Handle

HASTY = Poll(min=0.01, max=0.02, tolerance=0.1)
# Three looks come within the tolerance on however busy a machine.
THRICE = Poll(min=0.05, max=0.1, tolerance=1.0)


def test_an_api_that_comes_back_is_waited_for(talk: Talk, running: Emulator) -> None:
    job = talk(talk.client.submit("clip-1", PROMPT))
    outage = running.down()
    outage.__enter__()
    kinds: list[str] = []

    async def awatch() -> None:
        async for event in job.events():
            seen(event)

    def seen(event: Any) -> None:
        kinds.append(event.kind)
        if event.kind == "retrying":
            outage.__exit__(None, None, None)

    if talk.is_async:
        talk(awatch())
    else:
        for event in job.events():
            seen(event)
    assert kinds[-1] == "done"
    assert "retrying" in kinds
    assert len(running.ledger.posts()) == 1


NONSENSE = {
    "cut json": faults.Truncated(0.5),
    "page": faults.Html(200, "Sign in to the airport"),
    "no status": faults.Status(200, body={"request_id": "x"}),
    "another job": faults.Status(200, body={"request_id": "x", "status": "success"}),
    "another model": faults.Status(200, body={"model": "Sora", "status": "success"}),
    "bad gzip": faults.Headers({"Content-Encoding": "gzip"}),
}


@pytest.mark.parametrize("fault", NONSENSE.values(), ids=NONSENSE)
def test_nothing_but_nonsense_is_a_protocol_error_with_the_job_in_hand(
    colour: str, running: Emulator, fault: Any
) -> None:
    with talking(colour, running, poll=THRICE) as talk:
        job = talk(talk.client.submit("clip-1", PROMPT))
        running.faults.add("status", fault, nth=None)
        with pytest.raises(errors.ProtocolError) as raised:
            talk(job.result())
        assert raised.value.job == job
        assert len(running.ledger.requests(route="status")) >= 3
        if fault is NONSENSE["page"]:
            assert "Sign in to the airport" in str(raised.value)
        running.faults.clear()
        assert talk(job.result()).url
    assert len(running.ledger.posts()) == 1


def test_an_outage_is_told_apart_from_nonsense(colour: str, running: Emulator) -> None:
    with talking(colour, running, poll=HASTY) as talk:
        job = talk(talk.client.submit("clip-1", PROMPT))
        running.faults.add("status", faults.Status(503, "busy"), nth=None)
        with pytest.raises(errors.JobUnreachableError) as raised:
            talk(job.result())
        assert raised.value.job == job
        running.faults.clear()
        assert talk(job.result()).url


@pytest.mark.parametrize("status", [402, 408, 409, 425, 500, 504])
def test_a_passing_refusal_of_a_look_is_survived(
    talk: Talk, running: Emulator, status: int
) -> None:
    job = talk(talk.client.submit("clip-1", PROMPT))
    running.faults.add("status", faults.Status(status, "not now"), nth=[1, 2])
    assert talk(job.result()).url


def test_a_look_is_refused_for_good_by_403(talk: Talk, running: Emulator) -> None:
    job = talk(talk.client.submit("clip-1", PROMPT))
    running.faults.add("status", faults.Status(403, "no entitlement"), nth=None)
    with pytest.raises(errors.PermissionDeniedError) as raised:
        talk(job.result())
    assert raised.value.job == job
    assert len(running.ledger.requests(route="status")) == 1


class NowAndThen:
    """A lie that is told at some looks only."""

    def __init__(self, changes: dict[str, Any], looks: tuple[int, ...]) -> None:
        self.changes = changes
        self.looks = looks

    def tell(self, record: dict[str, Any], job: Any) -> dict[str, Any] | None:
        return {**record, **self.changes} if job.looks in self.looks else record


@pytest.mark.parametrize("changes", [{"request_id": "emu-other"}, {"model": "another"}])
def test_a_record_of_another_job_is_discarded(
    talk: Talk, running: Emulator, changes: dict[str, Any]
) -> None:
    lie = NowAndThen(
        {**changes, "status": "success", "outcome": {"video_url": "https://x/y"}}, (2,)
    )
    running.faults.add("job", lie)
    result = talk(talk.client.run("clip-1", PROMPT))
    assert result.job.id == running.ledger.billed_jobs[0]
    assert result.url.startswith(running.files_url)


@pytest.mark.parametrize(
    ("lie", "reason"),
    [
        (faults.Failed("blocked"), "blocked"),
        (faults.Failed({"code": 7, "message": "too dark", "status": "FAILED"}), "too dark"),
        (faults.Failed(None, message="upstream gave up"), "upstream gave up"),
        (faults.Failed(None, reason="never said"), "never said"),
        (faults.Failed(None), None),
    ],
    ids=["text", "object", "message", "reason", "absent"],
)
def test_a_failure_is_told_in_every_recorded_shape(
    talk: Talk, running: Emulator, lie: Any, reason: str | None
) -> None:
    running.faults.add("job", lie)
    with pytest.raises(errors.JobFailedError) as raised:
        talk(talk.client.run("clip-1", PROMPT))
    assert raised.value.reason == reason
    assert len(running.ledger.posts()) == 1


@pytest.mark.parametrize("word", ["completed", "SUCCEEDED", "Success"])
def test_other_spellings_of_success_end_the_wait(talk: Talk, running: Emulator, word: str) -> None:
    running.faults.add("job", faults.Word(word, instead_of="success"))
    result = talk(talk.client.run("clip-1", PROMPT))
    assert result.job.status == "success"
    assert result.job.record.raw["status"] == word


def test_a_job_cancelled_elsewhere_says_so(talk: Talk, running: Emulator) -> None:
    running.faults.add("job", faults.Cancelled())
    with pytest.raises(errors.JobCancelledError):
        talk(talk.client.run("clip-1", PROMPT))


def test_what_was_once_an_end_stays_one(talk: Talk, running: Emulator) -> None:
    running.faults.add("job", faults.Regress(look=2, looks=99, after_end=True))
    result = talk(talk.client.run("clip-1", PROMPT))
    talk(result.job.refresh())
    assert result.job.status == "success"
    running.faults.add("status", faults.Status(404, "gone"), nth=None)
    assert talk(result.job.result()).url == result.url


def test_files_under_unknown_keys_are_not_guessed(talk: Talk, running: Emulator) -> None:
    outcome = {"debug_url": "https://x.example/trace", "video_url": "https://m.example/a.mp4"}
    running.faults.add("job", faults.Outcome(outcome))
    result = talk(talk.client.run("clip-1", PROMPT))
    assert [artifact.url for artifact in result.artifacts] == ["https://m.example/a.mp4"]
    assert result.outcome == outcome


def test_a_look_whose_head_drips_ends_in_time(talk: Talk, running: Emulator) -> None:
    job = talk(talk.client.submit("clip-1", PROMPT))
    talk.client._session.context.ask_timeouts = IMPATIENT
    running.faults.add("status", faults.Drip(size=1, seconds=0.02, head=True))
    assert talk(job.result()).url
    assert running.ledger.requests(route="status")[0].status is None


def test_a_429_to_a_look_pauses_every_look_at_that_model(colour: str) -> None:
    # Looks far enough apart that a thread which is late with its answer is not two looks late.
    looks = Poll(min=0.2, max=0.4)
    with (
        emulator(DOCUMENTS, job_seconds=0.6) as running,
        talking(colour, running, poll=looks) as talk,
    ):
        running.faults.add("status", faults.RateLimited(retry_after="0.5"), nth=1)
        done = talk.all(talk.client.map([Boat("a"), Boat("b")]))
        assert all(one.url for one in done)
        limited, *others = running.ledger.requests(route="status")
        # One look may have been under way beside the one that was limited.
        assert sum(other.at - limited.at < 0.5 for other in others) <= 1


# In virtual time: what takes minutes.


def test_a_job_unseen_after_its_submission_has_a_minute() -> None:
    missing = reply(404, {"error": "not found"})
    world = World(lambda _, now: missing if now < 50 else SUCCESS)
    assert waiting(world, job=fresh_unseen()).status == "success"
    world = World.answering([missing])
    with pytest.raises(errors.JobNotFoundError):
        waiting(world, job=fresh_unseen())
    assert 60 <= world.now <= 75
    assert world.posts == []


def fresh_unseen() -> Handle:
    job = fresh()
    job.record = None
    return job


def test_a_machine_that_slept_does_not_blame_the_api() -> None:
    class Sleepy(World):
        def step(self, running: Any) -> float | None:
            slept = super().step(running)
            if slept is not None and len(self.sends) == 3:
                return slept + 3 * 3600
            return slept

    world = Sleepy.answering([RUNNING, RUNNING, DROPPED, DROPPED, DROPPED, SUCCESS])
    assert waiting(world, timeout=None).status == "success"
    assert world.sends[3][0] - world.sends[2][0] > 3 * 3600


def test_after_a_sleep_longer_than_its_time_it_looks_once_more() -> None:
    class Sleepy(World):
        def step(self, running: Any) -> float | None:
            slept = super().step(running)
            return slept if slept is None or len(self.sends) != 1 else 7200.0

    world = Sleepy.answering([RUNNING, SUCCESS])
    assert waiting(world, timeout=60.0).status == "success"


def test_nonsense_that_changes_to_silence_is_unreachable() -> None:
    world = World(lambda _, now: PAGE if now < 100 else DROPPED)
    with pytest.raises(errors.JobUnreachableError):
        waiting(world)


def test_a_handle_that_knows_no_model_takes_any() -> None:
    world = World.answering([record("success", model="Sora", outcome={"video_url": "x"})])
    job = Handle("j1")
    world.run(wait(world.ctx(), job, 60.0))
    assert job.model == "Sora"
