"""A guess never stands on the default path: what the client relies on and nobody saw may be wrong.

The list is found in the table: every belief that the client relies on and whose mark is a guess.
Each has a test here of an API that is otherwise, with the client as it is by default.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conformance_world import KEY, PROMPT, world

from gmigen.beliefs.marks import marks
from gmigen.beliefs.table import beliefs
from gmigen.client import Client, GMIError, Poll, SubmissionUnknownError
from gmigen.emulator import Emulator, faults
from gmigen.emulator.likeness import Likeness, Refusal
from gmigen.runtime.errors import AuthenticationError, JobNotFoundError

Otherwise = Callable[[Path], None]
FALLBACKS: dict[str, list[Otherwise]] = {}


def without(belief: str) -> Callable[[Otherwise], Otherwise]:
    """Mark a test of an API of which `belief` does not hold."""

    def added(test: Otherwise) -> Otherwise:
        FALLBACKS.setdefault(belief, []).append(test)
        return test

    return added


def client_of(api: Emulator) -> Client:
    return Client(KEY, base_url=api.base_url, poll=Poll(min=0.01, max=0.02))


def saved(folder: Path, like: Likeness, *faults_of_files: Any, **options: Any) -> None:
    """Run a job and save its file, whatever the host of files lacks."""
    with world(jobs=0, job_seconds=0, like=like, **options) as api:
        for fault in faults_of_files:
            api.faults.add("media", fault)
        with client_of(api) as client:
            (path,) = client.run("clip-1", {"prompt": PROMPT}).save(folder)
        sent = [one for one in api.log.requests(route="media") if one.status == 200]
        assert len(api.log.posts()) == 1
        assert api.log.auth_seen_on_foreign_host == ()
    assert b"ftyp" in path.read_bytes()[:64]
    assert sent


@without("error:REQUEST_NOT_FOUND")
def a_job_that_is_not_there_is_a_page(folder: Path) -> None:
    like = Likeness(refusals={"REQUEST_NOT_FOUND": Refusal(404, None, "text/html")})
    with (
        world(jobs=0, like=like) as api,
        client_of(api) as client,
        pytest.raises(JobNotFoundError),
    ):
        client.jobs.get("nobody")


@without("error:REQUEST_NOT_FOUND")
def a_job_that_is_not_there_is_gone(folder: Path) -> None:
    like = Likeness(refusals={"REQUEST_NOT_FOUND": Refusal(410, "gone")})
    with (
        world(jobs=0, like=like) as api,
        client_of(api) as client,
        pytest.raises(GMIError, match="gone"),
    ):
        client.jobs.get("nobody")


@without("error:UNAUTHORIZED")
def a_wrong_key_is_a_page(folder: Path) -> None:
    like = Likeness(refusals={"UNAUTHORIZED": Refusal(401, None, "text/html")})
    with world(jobs=0, like=like, keys=["another-key"]) as api, client_of(api) as client:
        with pytest.raises(AuthenticationError):
            client.models.list()
        assert len(api.log) == 1


@without("error:UNAUTHORIZED")
def a_wrong_key_is_forbidden(folder: Path) -> None:
    like = Likeness(refusals={"UNAUTHORIZED": Refusal(403, "no")})
    with world(jobs=0, like=like, keys=["another-key"]) as api, client_of(api) as client:
        with pytest.raises(GMIError, match="403"):
            client.models.list()
        assert len(api.log) == 1


def lost(api: Emulator, client: Client) -> SubmissionUnknownError:
    """A submission that was held until the gateway gave up, and whose job runs."""
    api.faults.add("submit", faults.Html(504, process=True))
    with pytest.raises(SubmissionUnknownError) as unknown:
        client.submit("clip-1", {"prompt": "a rare boat"})
    return unknown.value


@without("rule:the list is newest first")
def the_list_is_oldest_first(folder: Path) -> None:
    with world(like=Likeness(newest_first=False)) as api, client_of(api) as client:
        found = lost(api, client).reconcile()
        assert [job.id for job in found.jobs] == [api.log.billed_jobs[-1]]
        assert len(api.log.posts("clip-1")) == 4


@without("rule:the list does not lag behind a single look")
def the_list_shows_the_job_late(folder: Path) -> None:
    with world(jobs=0) as api, client_of(api) as client:
        error = lost(api, client)
        api.faults.add("list", faults.Status(200, body={"requests": [], "has_more": False}))
        found = error.reconcile()
        assert [job.id for job in found.jobs] == [*api.log.billed_jobs]
        assert len(api.log.posts()) == 1


@without("rule:a record stays as it is after its end")
def a_job_runs_again_after_its_end(folder: Path) -> None:
    with world(jobs=0, job_seconds=0) as api, client_of(api) as client:
        api.faults.add("job", faults.Regress(look=2, looks=9, after_end=True))
        job = client.submit("clip-1", {"prompt": PROMPT})
        assert job.result().url
        job.refresh()
        assert job.result().url
        assert len(api.log.posts()) == 1


@without("rule:files have an ETag")
def files_have_no_etag(folder: Path) -> None:
    saved(folder, Likeness(etag=False), faults.Truncated(ending="fin"))


@without("rule:files are served in part")
def files_are_served_whole_only(folder: Path) -> None:
    saved(folder, Likeness(ranges=False), faults.Truncated(ending="fin"))


@without("rule:files state a checksum")
def files_have_no_checksum(folder: Path) -> None:
    saved(folder, Likeness(checksum=False, etag=False))


@without("rule:the Date of answers is right")
def the_api_lives_in_tomorrow(folder: Path) -> None:
    saved(folder, Likeness(skew=86400))


@without("rule:answers are below 8 MiB")
def an_answer_is_huge(folder: Path) -> None:
    with world(jobs=0) as api, client_of(api) as client:
        body = {"model_ids": ["clip-1"], "more": "x" * (9 * 1024 * 1024)}
        api.faults.add("models", faults.Status(200, body=body))
        assert client.models.list() == ["clip-1"]


CASES = [(belief, test) for belief, tests in FALLBACKS.items() for test in tests]


@pytest.mark.parametrize(("belief", "test"), CASES, ids=[test.__name__ for _, test in CASES])
def test_the_client_needs_no_luck(belief: str, test: Otherwise, tmp_path: Path) -> None:
    assert belief in beliefs()
    test(tmp_path)


def test_every_guess_that_the_client_relies_on_has_a_fallback() -> None:
    relied = {name for name, one in marks().items() if one.mark == "guess" and one.belief.relied_on}
    assert relied == {*FALLBACKS}


def test_what_the_client_asks_for_by_default_is_marked_as_relied_on(tmp_path: Path) -> None:
    with world(jobs=0, job_seconds=0) as api, client_of(api) as client:
        client.models.get(client.models.list()[0])
        client.run("clip-1", {"prompt": PROMPT}).save(tmp_path)
        next(iter(client.jobs.list()))
        client.upload(b"\x89PNG\r\n\x1a\n" + bytes(100))
        routes = {f"route:{entry.route}" for entry in api.log.entries}
        statuses = {f"status:{job.stage(job.created)[0]}" for job in api.jobs.values()}
    assert {f"route:{name}" for name in ("models", "submit", "media", "put")} <= routes
    for name in routes | statuses:
        assert beliefs()[name].relied_on, name
