"""Submitting and waiting over real sockets; the emulator's ledger says what really happened."""

from __future__ import annotations

import pickle
from typing import Any, ClassVar

import pytest
from runtime_world import DOCUMENTS, PROMPT, Talk, talking

from gmigen.emulator import Emulator, emulator, faults
from gmigen.journal.file import Journal
from gmigen.runtime import errors
from gmigen.runtime.protocol.entries import attempts as noted


def test_a_job_runs_from_submission_to_result(talk: Talk, running: Emulator) -> None:
    job = talk(talk.client.submit("clip-1", PROMPT))
    assert job.id.startswith("emu-")
    kinds = [event.kind for event in talk.all(job.events())]
    assert (kinds[0], kinds[-1]) == ("queued", "done")
    looks = len(running.ledger.requests(route="status"))
    result = talk(job.result())
    assert len(running.ledger.requests(route="status")) == looks
    assert result.artifact.kind == "video"
    assert result.thumbnail_url
    (post,) = running.ledger.posts()
    assert post.json == {"model": "clip-1", "payload": PROMPT}


def test_run_and_its_alias_tell_what_changes(talk: Talk) -> None:
    seen: list[str] = []
    result = talk(talk.client.run("picture-1", PROMPT, on_update=lambda e: seen.append(e.kind)))
    assert seen[-1] == "done"
    assert [artifact.kind for artifact in result.artifacts] == ["image"] * len(result.artifacts)
    assert talk(talk.client.subscribe("picture-1", PROMPT)).url


@pytest.mark.parametrize("model", ["clip-1", "picture-1", "gemini-picture", "song-1"])
def test_the_result_of_every_kind_of_model_has_a_file(talk: Talk, model: str) -> None:
    result = talk(talk.client.run(model, PROMPT))
    assert result.url
    assert talk.read(result.artifact)


def test_a_model_that_answers_on_the_post_is_never_looked_at(colour: str) -> None:
    with (
        emulator(DOCUMENTS, sync_models={"picture-1"}) as running,
        talking(colour, running) as talk,
    ):
        assert talk(talk.client.run("picture-1", PROMPT)).url
        assert running.ledger.requests(route="status") == ()


def test_a_success_on_the_post_without_its_outcome_costs_one_look(colour: str) -> None:
    with (
        emulator(DOCUMENTS, sync_models={"picture-1"}, sync_outcome=False) as running,
        talking(colour, running) as talk,
    ):
        assert talk(talk.client.run("picture-1", PROMPT)).url
        assert len(running.ledger.requests(route="status")) == 1


SUBMIT_FAULTS = {
    "reset before": faults.Reset("before"),
    "reset after": faults.Reset(process=True),
    "fin before": faults.Fin("before"),
    "fin after": faults.Fin(process=True),
    "hang": faults.Hang(process=True),
    "drip": faults.Drip(size=1, seconds=0.05),
    "cut json": faults.Truncated(0.5),
    "short body": faults.Truncated(0.5, "fin"),
    "reset body": faults.Truncated(0.5, "reset"),
    "no length": faults.Truncated(0.5, "unmeasured"),
    "garbage": faults.Raw(b"NOT HTTP AT ALL\r\n\r\n", process=True),
    "html 200": faults.Html(200, "Sign in", process=True),
    "html 502": faults.Html(502, process=True),
    "408": faults.Status(408, process=True),
    "500": faults.Status(500, "oops", process=True),
    "503": faults.Capacity(),
    "504": faults.Status(504, "gateway", process=True),
    "204": faults.Status(204, process=True),
    "202 empty": faults.Status(202, body={}, process=True),
    "bad gzip": faults.Headers({"Content-Encoding": "gzip"}),
}


@pytest.mark.parametrize("fault", SUBMIT_FAULTS.values(), ids=SUBMIT_FAULTS)
def test_an_ambiguous_submission_reaches_the_server_once(
    talk: Talk, running: Emulator, fault: Any
) -> None:
    talk.impatient()
    running.faults.add("submit", fault)
    with pytest.raises(errors.SubmissionUnknownError) as raised:
        talk(talk.client.submit("clip-1", PROMPT))
    assert len(running.ledger.posts()) == 1
    assert raised.value.__cause__ is None
    assert raised.value.__context__ is None


def test_a_503_that_names_a_job_can_be_waited_for(talk: Talk, running: Emulator) -> None:
    running.faults.add("submit", faults.Capacity())
    with pytest.raises(errors.SubmissionUnknownError) as raised:
        talk(talk.client.submit("clip-1", PROMPT))
    job: Any = raised.value.job
    assert talk(job.result()).url
    assert len(running.ledger.posts()) == 1


def test_a_redirect_of_a_submission_is_not_followed(talk: Talk, running: Emulator) -> None:
    running.faults.add("submit", faults.Redirect(running.files_url + "/media/x"))
    with pytest.raises(errors.ProtocolError, match=r"127\.0\.0\.1"):
        talk(talk.client.submit("clip-1", PROMPT))
    assert len(running.ledger) == 1


@pytest.mark.parametrize(
    "fault",
    [faults.RateLimited(retry_after_ms=20, pace=(100, 1)), faults.RateLimited(retry_after="0")],
    ids=["body", "header"],
)
def test_a_429_is_paced_and_buys_one_job(talk: Talk, running: Emulator, fault: Any) -> None:
    running.faults.add("submit", fault, nth=[1, 2])
    talk(talk.client.submit("clip-1", PROMPT))
    assert len(running.ledger.posts()) == 3
    assert len(running.ledger.billed_jobs) == 1


def test_an_api_that_is_down_is_an_unsent_submission(talk: Talk, running: Emulator) -> None:
    with running.down(), pytest.raises(errors.APIConnectionError) as raised:
        talk(talk.client.submit("clip-1", PROMPT))
    assert not isinstance(raised.value, errors.SubmissionUnknownError)
    assert running.ledger.posts() == ()


POLL_FAULTS = {
    "reset": faults.Reset(),
    "fin": faults.Fin("before"),
    "hang": faults.Hang(),
    "500": faults.Status(500, "oops"),
    "502": faults.Html(502),
    "503": faults.Capacity(process=False),
    "429": faults.RateLimited(retry_after="0"),
    "404": faults.Status(404, "not found"),
    "408": faults.Status(408),
    "html 200": faults.Html(200, "Sign in"),
    "cut json": faults.Truncated(0.5),
    "short body": faults.Truncated(0.5, "fin"),
    "no length": faults.Truncated(0.5, "unmeasured"),
    "garbage": faults.Raw(b"NOT HTTP\r\n\r\n"),
    "bad gzip": faults.Headers({"Content-Encoding": "gzip"}),
    "redirect": faults.Redirect("https://login.example/"),
}


@pytest.mark.parametrize("fault", POLL_FAULTS.values(), ids=POLL_FAULTS)
def test_a_bad_answer_to_a_look_does_not_lose_the_job(
    talk: Talk, running: Emulator, fault: Any
) -> None:
    job = talk(talk.client.submit("clip-1", PROMPT))
    talk.impatient()
    running.faults.add("status", fault, nth=2)
    assert talk(job.result()).url
    assert len(running.ledger.posts()) == 1


JOB_LIES = {
    "unknown word": faults.Word("warming-up"),
    "regression": faults.Regress(look=2),
    "not visible yet": faults.NotYet(1),
    "null outcome once": faults.Word("succeeded", instead_of="success"),
}


@pytest.mark.parametrize("lie", JOB_LIES.values(), ids=JOB_LIES)
def test_what_the_service_says_oddly_is_understood(talk: Talk, running: Emulator, lie: Any) -> None:
    running.faults.add("job", lie)
    assert talk(talk.client.run("clip-1", PROMPT)).url


def test_a_failed_job_carries_its_reason(talk: Talk, running: Emulator) -> None:
    running.faults.add("job", faults.Failed())
    with pytest.raises(errors.JobFailedError) as raised:
        talk(talk.client.run("clip-1", PROMPT))
    assert raised.value.reason
    assert raised.value.job is not None
    assert raised.value.job.status == "failed"


def test_a_stuck_job_times_out_with_a_handle_that_works(talk: Talk, running: Emulator) -> None:
    running.faults.add("job", faults.Stuck())
    with pytest.raises(errors.JobTimeoutError, match="may be billed") as raised:
        talk(talk.client.run("clip-1", PROMPT, timeout=0.1))
    twin: Any = pickle.loads(pickle.dumps(raised.value)).job
    assert twin.id in running.jobs


def test_a_hanging_look_does_not_outlast_the_timeout(talk: Talk, running: Emulator) -> None:
    job = talk(talk.client.submit("clip-1", PROMPT))
    running.faults.add("status", faults.Hang(), nth=None)
    with pytest.raises(errors.JobTimeoutError):
        talk(job.result(timeout=0.3))


def test_a_handle_of_an_id_makes_no_request(talk: Talk, running: Emulator) -> None:
    job = talk(talk.client.submit("clip-1", PROMPT))
    before = len(running.ledger)
    again = talk.client.job(job.id)
    assert len(running.ledger) == before
    assert again == job
    assert talk(again.refresh()).model == "clip-1"


def test_jobs_are_listed_and_got(talk: Talk) -> None:
    jobs = [talk(talk.client.submit("clip-1", PROMPT)) for _ in range(3)]
    talk(talk.client.submit("clip-2", PROMPT))
    assert set(talk(talk.client.jobs.list("clip-1"))) == set(jobs)
    assert len(talk(talk.client.jobs.list("clip-1", limit=2))) == 2
    assert talk(talk.client.jobs.get(jobs[0].id)).status
    with pytest.raises(errors.JobNotFoundError):
        talk(talk.client.jobs.get("emu-nobody"))


@pytest.mark.parametrize("shape", ["ids", "details"])
def test_models_are_listed_in_both_shapes_of_the_wire(colour: str, shape: Any) -> None:
    with emulator(DOCUMENTS, list_shape=shape) as running, talking(colour, running) as talk:
        assert set(talk(talk.client.models.list())) == set(DOCUMENTS)


def test_an_id_with_a_slash_and_a_space_is_one_part_of_the_path(
    talk: Talk, running: Emulator
) -> None:
    assert talk(talk.client.models.get("with space/and.dot"))["model"] == "with space/and.dot"
    assert "with%20space%2Fand.dot" in running.ledger.entries[-1].path


def test_an_unknown_model_comes_with_the_one_that_was_meant(talk: Talk) -> None:
    for asked in (
        lambda: talk.client.models.get("Clip-1"),
        lambda: talk.client.submit("Clip-1", PROMPT),
    ):
        with pytest.raises(errors.ModelNotFoundError) as raised:
            talk(asked())
        assert "clip-1" in raised.value.near


@pytest.mark.parametrize("id", ["", ".", "..", "a\nb", "a\x00"])
def test_an_id_that_is_not_one_makes_no_request(talk: Talk, running: Emulator, id: str) -> None:
    for call in (talk.client.models.get, talk.client.jobs.get):
        with pytest.raises(errors.InvalidRequestError):
            talk(call(id))
    with pytest.raises(errors.InvalidRequestError):
        talk.client.job(id)
    assert len(running.ledger) == 0


def test_an_unknown_submission_finds_its_job(colour: str) -> None:
    with emulator(DOCUMENTS, job_seconds=0.0) as running, talking(colour, running) as talk:
        running.faults.add("submit", faults.Status(504, "gateway", process=True))
        with pytest.raises(errors.SubmissionUnknownError) as raised:
            talk(talk.client.submit("clip-1", PROMPT))
        unknown = raised.value
        found = talk(unknown.areconcile() if talk.is_async else unknown.reconcile())
        assert found.verdict == "one"
        assert found.jobs[0].id == running.ledger.billed_jobs[0]
        assert len(running.ledger.posts()) == 1


def test_the_journal_knows_every_attempt(running: Emulator, colour: str, tmp_path: Any) -> None:
    path = tmp_path / "journal.jsonl"
    with talking(colour, running, journal=path) as talk:
        job = talk(talk.client.submit("clip-1", PROMPT))
        running.faults.add("submit", faults.Reset())
        with pytest.raises(errors.SubmissionUnknownError):
            talk(talk.client.submit("clip-1", PROMPT))
        with pytest.raises(errors.BadRequestError):
            talk(talk.client.submit("clip-1", {"no": "prompt"}))
    entries = noted(Journal(path).find())
    assert [entry.ending for entry in entries] == ["accepted", "unknown", "refused"]
    assert entries[0].job_id == job.id
    assert path.stat().st_mode & 0o077 == 0
    assert "boat" not in path.read_text()


def test_requests_of_a_batch_come_as_they_finish(talk: Talk, running: Emulator) -> None:
    requests = [Boat(f"boat {number}") for number in range(12)]
    done = talk.all(talk.client.map(requests, concurrency=4))
    assert {one.request for one in done} == set(requests)
    assert all(one.url for one in done)
    assert len(running.ledger.posts()) == 12
    assert running.ledger.duplicate_payloads == ()


def test_an_error_in_a_batch_is_one_of_its_values(talk: Talk, running: Emulator) -> None:
    running.faults.add("submit", faults.Reset(), match="", nth=2)
    requests = [Boat("a"), Boat("b"), Boat(""), Boat("c")]
    done = talk.all(talk.client.map(requests, concurrency=2))
    assert len(done) == 4
    wrong = [one for one in done if isinstance(one, errors.GMIError)]
    assert {type(one) for one in wrong} == {errors.SubmissionUnknownError}
    assert wrong[0].request in requests


def test_a_refused_key_stops_a_batch(colour: str) -> None:
    with emulator(DOCUMENTS, keys=["another"]) as running, talking(colour, running) as talk:
        done = talk.all(talk.client.map([Boat(str(n)) for n in range(20)], concurrency=1))
        assert len(done) == 20
        assert {type(one) for one in done} == {errors.AuthenticationError}
        assert len(running.ledger) == 1


def test_held_posts_of_a_batch_run_beside_each_other(colour: str) -> None:
    options = {"sync_models": {"picture-1"}, "sync_seconds": 2.0}
    with emulator(DOCUMENTS, **options) as running, talking(colour, running) as talk:  # type: ignore[arg-type]
        done = talk.all(talk.client.map([Boat(str(n), "picture-1") for n in range(8)]))
        assert len(done) == 8
        posts = running.ledger.posts()
        # Every POST arrived before the first of them was answered.
        assert posts[-1].at - posts[0].at < 2.0


class Boat:
    """The smallest thing that is shaped like a generated request."""

    MODEL_ID: ClassVar[str] = "clip-1"

    def __init__(self, prompt: str, model: str = "clip-1") -> None:
        self.prompt = prompt
        self.MODEL_ID = model  # type: ignore[misc]

    def payload(self) -> dict[str, Any]:
        return {"prompt": self.prompt}


def test_one_request_is_not_taken_for_many(talk: Talk, running: Emulator) -> None:
    """A request class iterates over its members, and pairs are requests of a batch."""
    for one in (Boat("a"), "clip-1", {"prompt": "a boat"}):
        with pytest.raises(errors.InvalidRequestError, match="in a list"):
            talk.all(talk.client.map(one))
    assert running.log.posts() == ()
