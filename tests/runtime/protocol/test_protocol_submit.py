"""One submit, one POST: what is done about every answer, in virtual time."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from virtual_world import DROPPED, PAGE, WALL, Answer, World, record, reply

from gmigen.runtime import errors
from gmigen.runtime.journal.file import Journal
from gmigen.runtime.protocol.attempts import Undertaking
from gmigen.runtime.protocol.effects import Failure, Send
from gmigen.runtime.protocol.entries import attempts as noted
from gmigen.runtime.protocol.submit import submit
from gmigen.runtime.records import Handle, Record

ACCEPTED = record("queued")
REFUSED_TO_CONNECT = Failure("connect", False, "refused")
CAPACITY = {"error": "Upstream capacity temporarily exhausted", "request_id": "j9"}


def handle(record: Record) -> Handle:
    return Handle(record.id, record=record)


def submitting(world: World, **manners: Any) -> Handle:
    return world.run(
        submit(world.ctx(**manners), "Veo3", {"prompt": "rain"}, handle, Undertaking("Veo3"))
    )


def test_an_accepted_submission_is_one_post_with_model_and_payload() -> None:
    world = World.answering([ACCEPTED])
    job = submitting(world)
    (sent,) = world.posts
    assert sent[1].lane == "submit"
    assert isinstance(sent[1].body, bytes)
    assert json.loads(sent[1].body) == {"model": "Veo3", "payload": {"prompt": "rain"}}
    assert (job.id, job.model, job.status) == ("j1", "Veo3", "queued")


@pytest.mark.parametrize(
    "answer",
    [
        DROPPED,
        Failure("timeout", True, "no answer"),
        Failure("write timeout", True, "stuck"),
        Failure("unreadable", True, "bad gzip"),
        PAGE,
        reply(200, b'{"request_id": "j'),
        reply(200, {"status": "queued"}),
        reply(200, []),
        reply(202, {}),
        reply(204, b""),
        reply(408, {"error": "timeout"}),
        reply(499, b"closed"),
        reply(500, {"error": "oops"}),
        reply(500, {"error": "Backend error (502). Please try again."}),
        reply(500, b"Backend error (400)"),
        reply(502, b"<html><title>Bad Gateway</title></html>"),
        reply(503, CAPACITY),
        reply(504, b"<html>"),
        reply(200, b"[" * 100_000),
    ],
    ids=repr,
)
def test_what_may_have_arrived_is_unknown_and_is_never_posted_again(answer: Answer) -> None:
    world = World.answering([answer])
    with pytest.raises(errors.SubmissionUnknownError) as raised:
        submitting(world)
    assert len(world.posts) == 1
    assert not isinstance(raised.value, (errors.APIConnectionError, errors.APIStatusError))
    assert "may be running" in str(raised.value)
    assert "not sent again" in str(raised.value)
    assert raised.value.started_at == WALL


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (reply(400, {"error": "bad"}), errors.BadRequestError),
        (reply(401, {"error": "bad key"}), errors.AuthenticationError),
        (reply(401, b"nope"), errors.AuthenticationError),
        (reply(402, {"error": "Insufficient credits."}), errors.InsufficientCreditsError),
        (reply(403, {"error": "no"}), errors.PermissionDeniedError),
        (reply(403, b"error code: 1010"), errors.PermissionDeniedError),
        (reply(404, b"<html>not here</html>"), errors.NotFoundError),
        (reply(405, b"<html>"), errors.APIStatusError),
        (reply(409, {"error": "conflict"}), errors.APIStatusError),
        (reply(413, b"too big"), errors.APIStatusError),
        (reply(422, {"error": "bad"}), errors.BadRequestError),
        (
            reply(500, {"error": "Backend error (400). Please try again."}),
            errors.InternalServerError,
        ),
        (
            reply(500, {"error": "Backend error (403). Please try again."}),
            errors.InternalServerError,
        ),
        (reply(307, b"", {"location": "https://evil.example/x"}), errors.ProtocolError),
        (Failure("tls", False, "certificate"), errors.APIConnectionError),
    ],
    ids=repr,
)
def test_a_refusal_is_a_typed_error_after_one_post(
    answer: Answer, kind: type[errors.GMIError]
) -> None:
    world = World.answering([answer])
    with pytest.raises(kind) as raised:
        submitting(world)
    assert len(world.posts) == 1
    assert not isinstance(raised.value, errors.SubmissionUnknownError)


def test_an_unknown_model_comes_with_ids_that_look_like_it() -> None:
    def serve(sent: Send, _: float) -> Answer:
        if sent.method == "POST":
            return reply(404, {"error": "model veo3 does not exist"})
        return reply(200, {"model_ids": ["Veo-3", "veo3-fast", "Sora"]})

    with pytest.raises(errors.ModelNotFoundError) as raised:
        submitting(World(serve))
    assert raised.value.near[0] == "Veo-3"
    assert "Did you mean Veo-3" in str(raised.value)


def test_the_id_in_a_503_is_a_handle_on_the_job_that_may_run() -> None:
    world = World.answering([reply(503, CAPACITY)])
    with pytest.raises(errors.SubmissionUnknownError) as raised:
        submitting(world)
    assert raised.value.request_id == "j9"
    assert raised.value.job == Handle("j9")
    assert "error.job" in str(raised.value)


def test_the_id_in_a_torn_answer_is_kept() -> None:
    world = World.answering([reply(200, b'{"request_id":"j7","model":"Ve')])
    with pytest.raises(errors.SubmissionUnknownError) as raised:
        submitting(world)
    assert raised.value.request_id == "j7"


def test_what_never_left_is_sent_again_twice_at_most() -> None:
    world = World.answering([REFUSED_TO_CONNECT, REFUSED_TO_CONNECT, ACCEPTED])
    assert submitting(world).id == "j1"
    world = World.answering([REFUSED_TO_CONNECT])
    with pytest.raises(errors.APIConnectionError):
        submitting(world)
    assert len(world.posts) == 3
    assert world.now <= 4


@pytest.mark.parametrize(
    ("answer", "least", "most"),
    [
        (reply(429, {}, {"retry-after": "7"}), 7, 7.7),
        (reply(429, {"rate_limit": {"retry_after_ms": 29970}}), 29.97, 33),
        (reply(429, {"error": "Retry in 2000 ms."}), 2, 2.2),
        (reply(429, b"<html>slow down</html>"), 1, 1.1),
        (reply(429, {}, {"retry-after": "-5"}), 1, 1.1),
        (reply(429, {}, {"retry-after": "nan"}), 1, 1.1),
        (
            reply(
                429,
                {},
                {
                    "retry-after": "Wed, 21 Oct 2015 07:28:30 GMT",
                    "date": "Wed, 21 Oct 2015 07:28:00 GMT",
                },
            ),
            30,
            33,
        ),
    ],
)
def test_after_a_429_it_waits_as_told_and_posts_again(
    answer: Answer, least: float, most: float
) -> None:
    world = World.answering([answer, ACCEPTED])
    assert submitting(world).id == "j1"
    (first, _), (second, _) = world.posts
    assert least <= second - first <= most


def test_a_429_is_answered_with_three_more_posts_at_most() -> None:
    world = World.answering([reply(429, {}, {"retry-after": "1"})])
    with pytest.raises(errors.RateLimitError) as raised:
        submitting(world)
    assert len(world.posts) == 4
    assert raised.value.retry_after == 1


def test_a_429_that_asks_for_too_long_is_raised_at_once() -> None:
    world = World.answering([reply(429, {}, {"retry-after": "3600"})])
    with pytest.raises(errors.RateLimitError) as raised:
        submitting(world)
    assert (len(world.posts), world.now) == (1, 0.0)
    assert raised.value.retry_after == 3600


def test_every_missing_parameter_is_named() -> None:
    text = (
        "invalid payload parameters: image (Required parameter is missing), "
        "person_image.24 (Required parameter is missing)"
    )
    world = World.answering([reply(400, {"error": text})])
    with pytest.raises(errors.BadRequestError) as raised:
        submitting(world)
    assert raised.value.missing == ("image", "person_image.24")


@pytest.mark.parametrize("payload", [{"x": float("nan")}, {"x": {1, 2}}, {"x": "\ud800"}])
def test_a_payload_that_is_not_json_is_refused_before_the_network(payload: dict[str, Any]) -> None:
    world = World.answering([ACCEPTED])
    with pytest.raises(errors.InvalidRequestError):
        world.run(submit(world.ctx(), "Veo3", payload, handle, Undertaking("Veo3")))
    assert world.sends == []


def test_an_interrupted_post_says_where_to_look() -> None:
    world = World.answering([ACCEPTED])
    world.interrupt = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt) as raised:
        submitting(world)
    notes = getattr(raised.value, "__notes__", ["jobs.list"])
    assert "jobs.list" in notes[0]


def test_the_intent_is_on_disk_before_the_post(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.jsonl")
    seen: list[str] = []

    def serve(_sent: Send, _now: float) -> Answer:
        seen.append(journal.path.read_text())
        return DROPPED

    with pytest.raises(errors.SubmissionUnknownError) as raised:
        submitting(World(serve), journal=journal)
    assert '"intent"' in seen[0]
    assert "rain" not in journal.path.read_text()
    (entry,) = noted(journal.find())
    assert (entry.id, entry.ending) == (raised.value.attempt_id, "unknown")
    assert entry.payload_sha256 == raised.value.payload_sha256


def test_a_journal_that_cannot_be_written_stops_the_submission(tmp_path: Path) -> None:
    world = World.answering([ACCEPTED])
    with pytest.raises(errors.ConfigurationError):
        submitting(world, journal=Journal(tmp_path))
    assert world.sends == []


_ANSWERS = st.one_of(
    st.just(ACCEPTED),
    st.just(DROPPED),
    st.just(REFUSED_TO_CONNECT),
    st.builds(
        reply,
        st.integers(200, 599),
        st.one_of(
            st.just({}),
            st.just({"error": "no"}),
            st.just(CAPACITY),
            st.just({"error": "Backend error (400)"}),
            st.binary(max_size=40),
        ),
        st.one_of(st.just({}), st.fixed_dictionaries({"retry-after": st.text(max_size=6)})),
    ),
)


@given(st.lists(_ANSWERS, min_size=1, max_size=8))
def test_every_post_but_the_last_provably_started_nothing(answers: list[Answer]) -> None:
    world = World.answering([*answers, ACCEPTED])
    try:
        job = submitting(world)
    except errors.GMIError:
        job = None
    # The near-match look-up after a 404 is a GET, so the n-th POST got the n-th answer.
    got = [*answers, ACCEPTED][: len(world.posts)]
    for answer in got[:-1]:
        assert answer == REFUSED_TO_CONNECT or getattr(answer, "status", None) == 429
    assert (job is not None) == (
        not isinstance(got[-1], Failure)
        and 200 <= got[-1].status < 300
        and "request_id" in str(got[-1].body)
    )
