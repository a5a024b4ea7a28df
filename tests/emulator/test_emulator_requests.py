"""Submissions and the life of a job, on a clock that moves only when told."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from emulator_world import client_of, soon, submitted

from gmigen.emulator import Clock, Emulator, emulator
from gmigen.emulator.clock import VIRTUAL_START


def test_a_submission_is_answered_with_the_documented_fields(client: httpx.Client) -> None:
    record = submitted(client)
    assert record.pop("request_id").startswith("emu-")
    assert record == {
        "model": "clip-1",
        "status": "queued",
        "created_at": int(VIRTUAL_START),
        "updated_at": int(VIRTUAL_START),
        "queued_at": int(VIRTUAL_START),
    }


def test_a_job_passes_through_every_state_as_the_clock_moves(
    running: Emulator, client: httpx.Client
) -> None:
    job_id = submitted(client)["request_id"]
    seen = []
    for seconds in (0, 25, 10, 64.9, 0.1):
        running.clock.advance(seconds)
        record = client.get(f"/requests/{job_id}").json()
        seen.append((record["status"], record["outcome"] is None))
    assert seen == [
        ("queued", True),
        ("dispatched", True),
        ("processing", True),
        ("processing", True),
        ("success", False),
    ]


def test_updated_at_is_when_the_present_state_began(
    running: Emulator, client: httpx.Client
) -> None:
    job_id = submitted(client)["request_id"]
    running.clock.advance(1000)
    record = client.get(f"/requests/{job_id}").json()
    assert record["updated_at"] - record["created_at"] == 100


def test_a_ticking_clock_brings_a_job_to_its_end_by_polling_alone(
    documents: dict[str, bytes],
) -> None:
    clock = Clock(virtual=True, tick=1)
    with emulator(documents, clock=clock, job_seconds=5) as running, client_of(running) as client:
        job_id = submitted(client)["request_id"]
        polls = 1
        while client.get(f"/requests/{job_id}").json()["status"] != "success":
            polls += 1
    assert polls == 5


@pytest.mark.row("U16")
def test_ids_are_fresh_at_every_start(documents: dict[str, bytes]) -> None:
    def ids() -> tuple[str, str]:
        with emulator(documents) as running, client_of(running) as client:
            place = client.post("/upload-url", json={"file_type": "png"}).json()
            return submitted(client)["request_id"], place["public_url"].rpartition("/")[2]

    assert len({*ids(), *ids()}) == 4


def test_ids_are_the_same_for_one_seed_and_others_for_another(documents: dict[str, bytes]) -> None:
    def ids(seed: int) -> list[str]:
        with emulator(documents, seed=seed) as running, client_of(running) as client:
            return [submitted(client)["request_id"] for _ in range(2)]

    assert ids(1) == ids(1)
    assert len({*ids(1), *ids(2)}) == 4


def test_a_record_echoes_the_payload_unless_told_not_to(documents: dict[str, bytes]) -> None:
    def echo(**options: Any) -> Any:
        with emulator(documents, **options) as running, client_of(running) as client:
            job_id = submitted(client)["request_id"]
            return client.get(f"/requests/{job_id}").json()["payload"]

    assert echo() == {"prompt": "a boat"}
    assert echo(echo_payload=False) == {}


def test_an_unknown_request_is_not_found(client: httpx.Client) -> None:
    assert client.get("/requests/emu-nope").status_code == 404


def test_a_sync_model_answers_the_submission_with_the_end_of_the_job(
    documents: dict[str, bytes],
) -> None:
    with emulator(documents, sync_models={"clip-1"}) as running, client_of(running) as client:
        record = submitted(client)
        assert record["status"] == "success"
        assert record["outcome"]["video_url"].startswith(running.files_url)
        assert submitted(client, "picture-1")["status"] == "queued"


def test_a_sync_model_may_leave_out_the_outcome_which_the_record_then_has(
    documents: dict[str, bytes],
) -> None:
    options: dict[str, Any] = {"sync_models": lambda model: True, "sync_outcome": False}
    with emulator(documents, **options) as running, client_of(running) as client:
        record = submitted(client)
        assert record["status"] == "success"
        assert "outcome" not in record
        assert client.get(f"/requests/{record['request_id']}").json()["outcome"]["video_url"]


def test_a_held_submission_is_answered_when_the_emulators_clock_gets_there(
    documents: dict[str, bytes],
) -> None:
    options: dict[str, Any] = {"sync_models": {"clip-1"}, "sync_seconds": 144}
    clock = Clock(virtual=True)
    with (
        emulator(documents, clock=clock, **options) as running,
        client_of(running) as client,
        ThreadPoolExecutor(1) as elsewhere,
    ):
        answer = elsewhere.submit(submitted, client)
        while not running.log.billed_jobs:
            assert not answer.done()
        clock.advance(143)
        assert client.get("/requests").json()["requests"][0]["status"] == "processing"
        clock.advance(1)
        assert answer.result()["status"] == "success"


def test_a_client_that_leaves_a_held_submission_leaves_a_billed_job(
    documents: dict[str, bytes],
) -> None:
    options: dict[str, Any] = {"sync_models": {"clip-1"}, "sync_seconds": 20}
    with (
        emulator(documents, clock=Clock(virtual=True), **options) as running,
        client_of(running) as client,
    ):
        body = {"model": "clip-1", "payload": {"prompt": "x"}}
        with pytest.raises(httpx.ReadTimeout):
            client.post("/requests", json=body, timeout=0.05)
        assert soon(lambda: len(running.log.billed_jobs) == 1)


def test_the_list_is_newest_first_and_says_whether_there_is_more(client: httpx.Client) -> None:
    ids = [submitted(client)["request_id"] for _ in range(3)]
    submitted(client, "picture-1")
    first = client.get("/requests", params={"model_id": "clip-1", "limit": 2}).json()
    rest = client.get("/requests", params={"model_id": "clip-1", "limit": 2, "offset": 2}).json()
    assert [record["request_id"] for record in first["requests"]] == ids[:0:-1]
    assert [record["request_id"] for record in rest["requests"]] == ids[:1]
    assert (first["has_more"], rest["has_more"], first["total"]) == (True, False, 3)
    assert len(client.get("/requests").json()["requests"]) == 4


@pytest.mark.parametrize("query", ["limit=x", "limit=-1", "offset=-1"])
def test_a_list_argument_that_is_no_count_is_refused(client: httpx.Client, query: str) -> None:
    assert client.get(f"/requests?{query}").status_code == 400


def test_listing_does_not_count_as_looking_at_a_job(
    running: Emulator, client: httpx.Client
) -> None:
    job_id = submitted(client)["request_id"]
    client.get("/requests")
    assert running.jobs[job_id].looks == 0


def test_the_rate_limit_of_a_model_is_refused_in_the_recorded_words(
    documents: dict[str, bytes],
) -> None:
    clock = Clock(virtual=True)
    with (
        emulator(documents, clock=clock, rate_limit=(2, 60)) as running,
        client_of(running) as client,
    ):
        submitted(client)
        clock.advance(30)
        submitted(client)
        clock.advance(0.03)
        body = {"model": "clip-1", "payload": {"prompt": "x"}}
        refused = client.post("/requests", json=body)
        submitted(client, "picture-1")
        clock.advance(29.97)
        submitted(client)
    assert refused.status_code == 429
    assert refused.json() == {
        "error": "Rate limit exceeded for model clip-1: 2 requests per 60 seconds. "
        "Retry in 29970 ms.",
        "rate_limit": {
            "limit_type": "RPM",
            "limit": 2,
            "interval_seconds": 60,
            "retry_after_ms": 29970,
        },
    }


def test_a_job_that_the_credit_does_not_cover_is_refused(documents: dict[str, bytes]) -> None:
    with (
        emulator(documents, credit_micro_dollars=200_000) as running,
        client_of(running) as client,
    ):
        submitted(client)
        body = {"model": "clip-1", "payload": {"prompt": "x"}}
        refused = client.post("/requests", json=body)
        submitted(client, "picture-1")
        assert running.log.billed_micro_dollars == 192_000
    assert refused.status_code == 402
    assert refused.json()["error"].startswith("Insufficient credits.")
