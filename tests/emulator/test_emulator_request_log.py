"""The ledger holds what was received, and no key."""

from __future__ import annotations

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
from emulator_world import KEY, submitted

from gmigen.emulator import Emulator, faults
from gmigen.emulator.request_log import reduced_headers


def test_a_submission_is_recorded_with_its_body_and_its_job(
    running: Emulator, client: httpx.Client
) -> None:
    body = b'{"model":"clip-1","payload":{"prompt":"x","typo":1}}'
    answer = client.post("/requests", content=body)
    (entry,) = running.log.posts()
    assert entry.json == json.loads(body)
    assert entry.body_sha256 == hashlib.sha256(body).hexdigest()
    assert (entry.listener, entry.method, entry.route) == ("api", "POST", "submit")
    assert (entry.status, entry.created, entry.billed) == (200, True, 152000)
    assert entry.request_id == answer.json()["request_id"]
    assert entry.unknown_keys == ("typo",)
    assert entry.header("Content-Length") == str(len(body))


def test_refused_submissions_are_recorded_and_not_billed(
    running: Emulator, client: httpx.Client
) -> None:
    client.post("/requests", json={"model": "clip-1", "payload": {}})
    client.post("/requests", json={"model": "nope", "payload": {}})
    client.post("/requests", content=b"{")
    assert [post.status for post in running.log.posts()] == [400, 404, 400]
    assert [post.model for post in running.log.posts()] == ["clip-1", "nope", ""]
    assert running.log.billed_micro_dollars == 0


def test_one_payload_that_made_two_jobs_is_a_duplicate_whatever_its_key_order(
    running: Emulator, client: httpx.Client
) -> None:
    first = submitted(client, prompt="x", extra=1)
    submitted(client, prompt="y")
    submitted(client, "picture-1", prompt="x", extra=1)
    again = submitted(client, extra=1, prompt="x")
    (group,) = running.log.duplicate_payloads
    assert [entry.request_id for entry in group] == [first["request_id"], again["request_id"]]


def test_a_payload_sent_again_after_a_refusal_is_no_duplicate(
    running: Emulator, client: httpx.Client
) -> None:
    running.faults.add("submit", faults.RateLimited(retry_after="1"))
    body = {"model": "clip-1", "payload": {"prompt": "x"}}
    assert [client.post("/requests", json=body).status_code for _ in range(2)] == [429, 200]
    assert [post.json for post in running.log.posts("clip-1")] == [body, body]
    assert running.log.duplicate_payloads == ()


def test_a_key_is_reduced_to_a_fingerprint_wherever_it_was_sent(
    running: Emulator, client: httpx.Client
) -> None:
    client.get("/models", headers={"X-Trace": f"token={KEY}", "Cookie": "session=CANARY-cookie"})
    (entry,) = running.log.entries
    fingerprint = f"sha256:{hashlib.sha256(KEY.encode()).hexdigest()[:8]}"
    assert entry.header("Authorization") == f"Bearer {fingerprint}"
    assert entry.header("X-Trace") == f"token={fingerprint}"
    assert entry.credentials == ("authorization", "cookie")
    window = client.get(f"{running.origin}/_emu/log").text
    assert "CANARY" not in repr(running.log.entries) + window


def test_headers_come_out_in_order_and_in_lower_case() -> None:
    assert reduced_headers(((b"B", b"1"), (b"a", b"2"), (b"b", b"3"))) == (
        ("b", "1"),
        ("a", "2"),
        ("b", "3"),
    )


def test_the_ledger_is_read_over_http_and_looking_leaves_no_entry(
    running: Emulator, client: httpx.Client
) -> None:
    job_id = submitted(client)["request_id"]
    client.get(f"{running.origin}/_emu/log")
    window = client.get(f"{running.origin}/_emu/log").json()
    assert window["billed_jobs"] == [job_id]
    assert window["billed_micro_dollars"] == 152000
    assert [entry["route"] for entry in window["entries"]] == ["submit"]


def test_a_later_part_of_the_ledger_can_be_asked_alone(
    running: Emulator, client: httpx.Client
) -> None:
    submitted(client)
    mark = len(running.log)
    job_id = submitted(client)["request_id"]
    assert running.log.since(mark).billed_jobs == (job_id,)
    assert len(running.log.billed_jobs) == 2


def test_requests_from_many_threads_are_all_recorded_once(
    running: Emulator, client: httpx.Client
) -> None:
    with ThreadPoolExecutor(8) as pool:
        ids = {job["request_id"] for job in pool.map(lambda _: submitted(client), range(100))}
    assert set(running.log.billed_jobs) == ids
    assert len(ids) == len(running.log.billed_jobs) == 100
    assert [entry.number for entry in running.log.entries] == list(range(100))


def test_requests_are_found_by_path_route_and_method(
    running: Emulator, client: httpx.Client
) -> None:
    client.get("/models/clip-1?x=1")
    client.get("/models")
    ledger = running.log
    assert len(ledger.requests("/models")) == 2
    (details,) = ledger.requests(route="details")
    assert details.path.endswith("/apikey/models/clip-1?x=1")
    assert ledger.requests(method="POST") == ()


def test_the_clock_is_read_and_moved_over_http(running: Emulator, client: httpx.Client) -> None:
    url = f"{running.origin}/_emu/clock"
    before = client.get(url).json()
    after = client.post(url, json={"advance": 899}).json()
    assert after["now"] - before["now"] == 899
    assert running.clock.now() == after["now"]
    wrongs: list[Any] = [{"advance": -1}, {"advance": "x"}, {}, []]
    for wrong in wrongs:
        assert client.post(url, json=wrong).status_code == 400
