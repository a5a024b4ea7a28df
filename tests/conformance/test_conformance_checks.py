"""What the checks find of an API that is as believed, and of ones that are not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest
from conformance_world import DOCUMENTS, KEY, checked, details, differing, proxy, world

from gmigen.beliefs.table import beliefs
from gmigen.conformance.caller import MADE_UP as SENT
from gmigen.conformance.questions import questions
from gmigen.conformance.suite import READ_ONLY
from gmigen.emulator import faults
from gmigen.emulator.hosts import MADE_UP as REFUSED
from gmigen.emulator.likeness import Likeness, Refusal


def test_of_an_api_as_believed_everything_is_as_believed() -> None:
    with world() as api:
        before = len(api.log)
        report = checked(api.base_url)
        asked = api.log.since(before)
    assert differing(report) == {}
    verdicts = Counter(finding.verdict for finding in report.findings)
    assert verdicts["as believed"] >= 35
    unseen = {one.id for one in report.findings if one.verdict == "not seen"}
    assert unseen == {"tls"}
    assert (report.of, report.complete) == ("an emulator", True)
    # The log is the witness: no job, no more than is said, the key nowhere but at the API.
    assert asked.posts() == ()
    assert report.requests == len(asked) <= 60
    assert asked.auth_seen_on_foreign_host == ()


def test_a_wrong_key_goes_on_a_connection_of_its_own() -> None:
    with world(jobs=0) as api:
        checked(api.base_url)
        entries = api.log.requests(route="models")
    wrong = [entry for entry in entries if entry.status == 401]
    assert len(wrong) == 1
    others = {entry.connection for entry in api.log.entries if entry is not wrong[0]}
    assert wrong[0].connection not in others
    assert SENT == REFUSED


OTHERWISE: Mapping[str, tuple[dict[str, Any], dict[str, str]]] = {
    "another shape of the list": (
        {"like": Likeness(list_key="data", list_id="id")},
        {"list-of-models": "a list of objects with `id` under `data`, 3 models"},
    ),
    "the list of the vendor's SDK": (
        {"list_shape": "details"},
        {"list-of-models": "a list of objects with `model` under `models`, 3 models"},
    ),
    "another 404": (
        {
            "like": Likeness(
                refusals={
                    "MODEL_NOT_FOUND": Refusal(404, "no such thing"),
                    "REQUEST_NOT_FOUND": Refusal(410, "gone"),
                    "ROUTE_NOT_FOUND": Refusal(403, None, "text/html"),
                }
            )
        },
        {
            "unknown-model": "HTTP 404, error: no such thing",
            "unknown-job": "HTTP 410, error: gone",
            "unknown-path": "HTTP 403, text/html; charset=utf-8, 31 bytes",
        },
    ),
    "other status words": (
        {"like": Likeness(words={"success": "COMPLETED"})},
        {"status-words": "COMPLETED"},
    ),
    "a list in another order": (
        {"like": Likeness(newest_first=False, has_more=False, limits=False, filters=False)},
        {
            "list-of-requests": "an object with requests, total",
            "list-order": "oldest first, 3 records",
            "paging": "3 records for limit=2",
            "filter": "records of other models for model_id=gmigen-conformance-no-such-model",
        },
    ),
    "uploads signed otherwise": (
        {
            "like": Likeness(
                signed_types={
                    "png": "image/png",
                    "jpeg": "image/jpeg",
                    "jpg": "image/jpeg",
                    "mp4": "video/mp4",
                    "mp3": "audio/mp3",
                },
                expires=60,
                wrong_type=(400, "InvalidArgument"),
            )
        },
        {
            "upload-lifetime": "60 seconds",
            "upload-wrong-type": "HTTP 400, InvalidArgument for application/octet-stream",
            "upload-jpg": "HTTP 400, InvalidArgument for image/jpg",
            "upload-mp3": "HTTP 400, InvalidArgument for audio/mpeg",
            "upload-wav": "no grant: HTTP 400, error: Unsupported file_type. Allowed: jpeg, jpg, "
            "png, mp4, mp3, wav",
        },
    ),
    "headers of limits and a clock that is ahead": (
        {"like": Likeness(headers={"X-RateLimit-Remaining": "7"}, skew=7200)},
        {
            "rate-limit-headers": "x-ratelimit-remaining",
            "clock": "ahead by 120 minutes",
        },
    ),
    "a key that is none, let in": (
        {"keys": [KEY, "a-key"], "like": Likeness(refusals={"UNAUTHORIZED": Refusal(200)})},
        {"wrong-key": "HTTP 200, JSON, 2 bytes"},
    ),
    "details of another kind": (
        {
            "documents": {
                **DOCUMENTS,
                "clip-2": details(
                    "clip-2",
                    parameters=[{"name": "x", "type": "hologram", "weight": 3}],
                    price_info={"price": 0.5, "unit": "hour"},
                ),
            }
        },
        {
            "type-words": "unknown: hologram",
            "parameter-keys": "unknown: weight",
            "prices": "clip-2 has the price 0.5 (float)",
        },
    ),
}


@pytest.mark.parametrize("name", OTHERWISE)
def test_each_difference_is_found_and_named_and_no_other(name: str) -> None:
    options, expected = OTHERWISE[name]
    with world(**options) as api:
        report = checked(api.base_url)
        assert report.requests <= 60
    found = differing(report)
    assert {**found, **expected} == found
    assert {*found} == {*expected}
    for finding in report.findings:
        assert finding.expected
        assert finding.source


def test_http_1_0_and_what_a_proxy_rewrites_are_found() -> None:
    def older(answer: bytes) -> bytes:
        return answer.replace(b"HTTP/1.1", b"HTTP/1.0", 1)

    def renamed(answer: bytes) -> bytes:
        head, _, body = answer.partition(b"\r\n\r\n")
        body = body.replace(b'"upload_url"', b'"put_here"').replace(b'"parameters"', b'"inputs"')
        lines = [
            one for one in head.split(b"\r\n") if not one.lower().startswith(b"content-length")
        ]
        return b"\r\n".join([*lines, b"", body])

    with world() as api:
        with proxy(api, older) as base:
            assert differing(checked(base)) == {"http-version": "HTTP/1.0, HTTP/1.1"}
        with proxy(api, renamed) as base:
            report = checked(base)
    assert differing(report) == {
        "details": "the details of clip-1 hold no list `parameters`",
        "upload-grant": f"{_grant(report)}, without upload_url",
    }


def _grant(report: Any) -> str:
    came = next(one.came for one in report.findings if one.id == "upload-grant")
    return str(came.partition(", without")[0])


def test_what_is_too_slow_is_not_seen_and_stops_nothing() -> None:
    with world() as api:
        # Time stands still there, so this answer never comes.
        api.faults.add("details", faults.Slow(3600))
        report = checked(api.base_url, each=0.2)
    assert differing(report) == {}
    came = {one.id: (one.verdict, one.came) for one in report.findings}
    assert came["details"] == ("not seen", "no whole answer within 0.2 seconds")
    assert came["upload-public"][0] == "as believed"


def test_the_bound_on_requests_holds() -> None:
    with world() as api:
        before = len(api.log)
        report = checked(api.base_url, requests=5)
        assert len(api.log.since(before)) == report.requests == 5
    came = {one.id: (one.verdict, one.came) for one in report.findings}
    assert came["wrong-key"][0] == "not seen"
    assert "5 requests that one run may take were used up" in came["wrong-key"][1]


def test_every_check_holds_one_belief_of_the_table_and_has_a_name_of_its_own() -> None:
    assert {check.belief for check in READ_ONLY} <= {*beliefs()}
    assert len({check.id for check in READ_ONLY}) == len(READ_ONLY)
    names = [ask.name for ask in questions()]
    assert len(set(names)) == len(names) <= 60
