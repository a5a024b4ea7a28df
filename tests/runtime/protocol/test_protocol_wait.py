"""Waiting, in virtual time: the pace, what is survived, and how each wait may end."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from virtual_world import (
    DROPPED,
    PAGE,
    RUNNING,
    SUCCESS,
    Answer,
    World,
    fresh,
    record,
    reply,
    waiting,
)

from gmigen.client.operations import raise_unless_successful
from gmigen.runtime import errors
from gmigen.runtime.protocol.effects import Failure, Send
from gmigen.runtime.protocol.pacing import Poll
from gmigen.runtime.protocol.poll import refresh
from gmigen.runtime.protocol.wait import wait
from gmigen.runtime.records import Handle, read_record


def ends_after(seconds: float) -> World:
    return World(lambda _, now: SUCCESS if now >= seconds else RUNNING)


def test_only_changes_are_events() -> None:
    steps = [record("queued")] * 3 + [RUNNING] * 5 + [SUCCESS]
    world = World.answering(steps)
    assert waiting(world).status == "success"
    assert world.kinds == ["queued", "started", "done"]
    assert all("\n" not in str(event) for event in world.events)


@pytest.mark.parametrize(("seconds", "gets"), [(5, 12), (30, 45), (120, 75), (600, 175)])
def test_the_number_of_looks_grows_slower_than_the_job(seconds: float, gets: int) -> None:
    world = ends_after(seconds)
    waiting(world)
    assert len(world.sends) <= gets
    assert world.now - seconds <= min(max(0.05 * seconds, 0.5), 5.0) * 1.1


@given(
    st.floats(0, 1e6), st.floats(0, 1, exclude_max=True), st.one_of(st.none(), st.floats(1, 1e4))
)
def test_the_interval_stays_within_a_tenth_of_its_bounds(
    elapsed: float, draw: float, prior: float | None
) -> None:
    interval = Poll(prior=prior).interval(elapsed, draw)
    assert 0.45 <= interval <= 11.0


def test_a_plain_number_is_a_fixed_interval() -> None:
    poll = Poll.of(2)
    assert [poll.interval(elapsed, 0.5) for elapsed in (0, 100, 10_000)] == [2, 2, 2]


@pytest.mark.parametrize(
    "trouble",
    [
        DROPPED,
        Failure("timeout", True, "no answer"),
        Failure("connect", False, "refused"),
        PAGE,
        reply(200, b'{"request_id": "j1", "sta'),
        reply(200, {"request_id": "j1"}),
        reply(200, {"request_id": "j1", "status": None}),
        record("success", id="somebody-else"),
        reply(302, b"", {"location": "https://login.example"}),
        reply(402, {"error": "Insufficient credits"}),
        reply(404, {"error": "not found"}),
        reply(408, b""),
        reply(409, b""),
        reply(429, {}, {"retry-after": "3"}),
        reply(500, b""),
        reply(502, b"<html>"),
        reply(503, b""),
        reply(504, b""),
    ],
    ids=repr,
)
@pytest.mark.parametrize("times", [1, 4])
def test_a_bad_moment_is_survived(trouble: Answer, times: int) -> None:
    world = World.answering([RUNNING, *[trouble] * times, RUNNING, SUCCESS])
    assert waiting(world).status == "success"
    assert world.kinds == ["queued", "started", "retrying", "done"]


def test_an_outage_shorter_than_the_tolerance_is_survived() -> None:
    world = World(lambda _, now: DROPPED if 5 < now < 120 else SUCCESS if now > 130 else RUNNING)
    assert waiting(world).status == "success"


def test_continuous_trouble_ends_the_wait_by_time_not_by_count() -> None:
    world = World.answering([RUNNING, DROPPED])
    with pytest.raises(errors.JobUnreachableError) as raised:
        waiting(world)
    assert raised.value.job is not None
    assert 120 <= world.now <= 140
    assert len(world.sends) < 40


def test_trouble_with_breaks_never_ends_the_wait() -> None:
    world = World(lambda _, now: SUCCESS if now > 1500 else DROPPED if now % 100 < 75 else RUNNING)
    assert waiting(world, poll=Poll(min=1, max=1)).status == "success"


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (reply(401, {"error": "bad key"}), errors.AuthenticationError),
        (reply(403, {"error": "no"}), errors.PermissionDeniedError),
        (reply(400, {"error": "bad id"}), errors.BadRequestError),
    ],
)
def test_a_refusal_ends_the_wait_at_once(answer: Answer, kind: type[errors.GMIError]) -> None:
    world = World.answering([answer])
    with pytest.raises(kind) as raised:
        waiting(world)
    assert len(world.sends) == 1
    assert raised.value.job == Handle("j1")


def test_a_job_not_visible_yet_is_waited_for() -> None:
    world = World(lambda _, now: reply(404, {}) if now < 12 else SUCCESS)
    assert waiting(world).status == "success"


def test_a_job_that_is_not_there_is_not_found_after_its_grace() -> None:
    world = World.answering([reply(404, {"error": "not found"})])
    with pytest.raises(errors.JobNotFoundError):
        waiting(world)
    assert 15 <= world.now <= 30


def test_an_id_nobody_submitted_here_is_not_found_at_once() -> None:
    world = World.answering([reply(404, {"error": "not found"})])
    with pytest.raises(errors.JobNotFoundError):
        waiting(world, job=Handle("j1"))
    assert len(world.sends) == 1


def test_a_vanished_job_keeps_its_last_record() -> None:
    world = World.answering([RUNNING, reply(404, {"error": "not found"})])
    with pytest.raises(errors.JobNotFoundError) as raised:
        waiting(world)
    assert raised.value.job is not None
    assert raised.value.job.status == "processing"
    assert "seen before" in str(raised.value)


def test_a_handle_from_elsewhere_is_looked_at_without_a_pause() -> None:
    world = World.answering([SUCCESS])
    waiting(world, job=Handle("j1"))
    assert world.now == 0.0


def test_a_job_that_ended_on_the_post_is_not_looked_at() -> None:
    ended = read_record({"request_id": "j1", "status": "success", "outcome": {"video_url": "x"}})
    world = World.answering([RUNNING])
    assert waiting(world, job=Handle("j1", record=ended)).status == "success"
    assert world.sends == []


def test_an_unknown_word_means_running_and_is_shown() -> None:
    world = World.answering([record("Warming up"), record("Warming up"), SUCCESS])
    job = fresh()
    waiting(world, job=job)
    assert [event.status for event in world.events] == ["queued", "Warming up", "success"]


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("canceled", errors.JobCancelledError),
        ("Cancelled", errors.JobCancelledError),
        ("error", errors.JobFailedError),
        ("FAILED", errors.JobFailedError),
    ],
)
def test_other_spellings_of_an_unhappy_end(word: str, kind: type[errors.JobError]) -> None:
    job = fresh()
    ended = waiting(World.answering([record(word)]), job=job)
    with pytest.raises(kind) as raised:
        raise_unless_successful(job, ended)
    assert raised.value.job is job


@pytest.mark.parametrize("word", ["completed", "succeeded", "Success"])
def test_other_spellings_of_success(word: str) -> None:
    answer = record(word, outcome={"video_url": "https://media.example/a.mp4"})
    assert waiting(World.answering([answer])).status == "success"


@pytest.mark.row("C")
@pytest.mark.parametrize(
    ("body", "reason", "code"),
    [
        ({"outcome": {"error": "bad prompt"}}, "bad prompt", None),
        ({"outcome": {"error": {"code": 7, "message": "bad"}}}, "bad", "7"),
        ({"outcome": {"error": {"status": "BLOCKED"}}}, "BLOCKED", "BLOCKED"),
        ({"outcome": {"message": "sorry"}}, "sorry", None),
        ({"outcome": None, "reason": "moderation"}, "moderation", None),
        ({"outcome": None}, None, None),
        ({"outcome": "oops"}, None, None),
    ],
)
def test_the_reason_of_a_failure_is_read_from_its_known_places(
    body: dict[str, Any], reason: str | None, code: str | None
) -> None:
    job = fresh()
    ended = waiting(World.answering([record("failed", **body)]), job=job)
    with pytest.raises(errors.JobFailedError) as raised:
        raise_unless_successful(job, ended)
    assert (raised.value.reason, raised.value.code) == (reason, code)


def test_success_without_an_outcome_is_looked_at_again() -> None:
    world = World.answering(
        [record("success", outcome=None), record("success", outcome={}), SUCCESS]
    )
    assert waiting(world).outcome


def test_success_that_never_shows_an_outcome_is_not_called_a_failure() -> None:
    world = World.answering([record("success", outcome=None)])
    with pytest.raises(errors.ProtocolError) as raised:
        waiting(world)
    assert len(world.sends) == 6
    assert 24 <= world.now <= 40
    assert raised.value.job is not None


def test_a_status_may_go_back_before_the_end_but_not_after_it() -> None:
    job = fresh()
    waiting(World.answering([RUNNING, record("queued"), SUCCESS]), job=job)
    world = World.answering([RUNNING])
    world.run(refresh(world.ctx(), job))
    assert job.status == "success"


def test_out_of_time_says_that_the_job_may_still_end_and_how_to_come_back() -> None:
    world = World.answering([RUNNING])
    with pytest.raises(errors.JobTimeoutError) as raised:
        waiting(world, timeout=60)
    assert world.now == pytest.approx(60)
    assert isinstance(raised.value, TimeoutError)
    assert 'client.job("j1")' in str(raised.value)
    assert "billed" in str(raised.value)


@pytest.mark.row("U2")
def test_out_of_time_knows_the_mark_of_a_model_that_never_runs() -> None:
    world = World.answering([record("queued", created_at=100, updated_at=100)])
    with pytest.raises(errors.JobTimeoutError, match="may be billed") as early:
        waiting(world, timeout=60)
    assert "never left the queue" not in str(early.value)
    with pytest.raises(errors.JobTimeoutError, match=r"never left the queue.* may be billed"):
        waiting(world, timeout=600)


def test_a_timeout_of_zero_still_looks_at_a_job_from_elsewhere() -> None:
    world = World.answering([SUCCESS])
    assert waiting(world, timeout=0, job=Handle("j1")).status == "success"


def test_no_look_may_take_longer_than_what_is_left() -> None:
    world = World.answering([RUNNING])
    with pytest.raises(errors.JobTimeoutError):
        waiting(world, timeout=3)
    assert all(sent.timeouts.total <= max(3 - now, 0.1) + 1e-9 for now, sent in world.sends)


def test_without_a_timeout_it_waits_for_as_long_as_it_takes() -> None:
    world = ends_after(86400)
    assert waiting(world, timeout=None).status == "success"


def test_a_stall_is_told_once() -> None:
    world = ends_after(1700)
    waiting(world)
    assert world.kinds == ["queued", "started", "stalled", "done"]
    assert world.events[2].elapsed == pytest.approx(600, abs=10)


def test_a_record_that_is_touched_does_not_stall() -> None:
    world = World(
        lambda _, now: SUCCESS if now > 1700 else record("processing", updated_at=int(now))
    )
    waiting(world)
    assert "stalled" not in world.kinds


def test_the_pace_of_the_server_wins_up_to_a_minute() -> None:
    body = {"request_id": "j1", "status": "processing"}
    slow, never = ({"retry-after": "20"}, {"retry-after": "9999"})
    world = World.answering([reply(200, body, slow), reply(200, body, never), SUCCESS])
    waiting(world)
    moments = [now for now, _ in world.sends]
    assert moments[1] - moments[0] == pytest.approx(20)
    assert moments[2] - moments[1] == pytest.approx(60)


def test_a_429_pauses_every_look_at_that_model() -> None:
    first = World.answering([reply(429, {}, {"retry-after": "30"}), SUCCESS])
    first.run(wait(first.ctx(), fresh(), 600))
    assert first.sends[1][0] - first.sends[0][0] >= 30
    for model, moment in (("Veo3", 40), ("Sora", 0)):
        success = record("success", id="j2", model=model, outcome={"video_url": "x"})
        world = World.answering([success])
        shared = world.ctx()
        shared.throttle.gate("Veo3").looks_from = 40
        world.run(wait(shared, Handle("j2", model=model), 600))
        assert world.sends[0][0] == moment


def test_an_interrupted_wait_says_how_to_come_back() -> None:
    world = World.answering([RUNNING])
    world.interrupt = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt) as raised:
        waiting(world)
    assert 'client.job("j1")' in getattr(raised.value, "__notes__", ['client.job("j1")'])[0]


_HONEST = st.sampled_from([RUNNING, record("queued"), record("dispatched"), record("odd word")])
_BAD = st.sampled_from([DROPPED, PAGE, reply(503, b""), reply(429, {})])
_STEPS = st.one_of(
    st.tuples(_HONEST),
    st.tuples(_BAD),
    # A 404 that lasts is taken at its word; one that passes is not.
    st.tuples(st.just(reply(404, {})), _HONEST),
)


@settings(max_examples=200)
@given(st.lists(_STEPS, max_size=10), st.sampled_from([SUCCESS, record("failed")]))
def test_short_troubles_in_any_order_never_lose_a_job(
    steps: list[tuple[Answer, ...]], end: Answer
) -> None:
    script = [answer for step in steps for answer in step]
    world = World.answering([RUNNING, *script, end])
    ended = waiting(world)
    assert ended.ended
    assert world.kinds.count("done") == 1
    assert len(world.sends) == len(script) + 2


@pytest.mark.slow
def test_fifty_thousand_looks_are_a_matter_of_arithmetic() -> None:
    world = ends_after(250_000)
    waiting(world, timeout=None)
    assert len(world.sends) > 49_000


def test_only_gets_are_sent_while_waiting() -> None:
    world = World.answering([RUNNING, DROPPED, PAGE, SUCCESS])
    waiting(world)
    assert {sent.method for _, sent in world.sends} == {"GET"}
    assert all(isinstance(sent, Send) and sent.lane == "api" for _, sent in world.sends)
