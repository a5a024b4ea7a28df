"""Whatever comes, a run ends in a report: no traceback, no secret, no address that is not ours."""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from conformance_world import DOCUMENTS, KEY, ORG, caller, checked, differing, world
from hypothesis import given, settings
from hypothesis import strategies as st
from test_conformance_spend import SHOP, spend

from gmigen.beliefs.recording import MOST_BYTES, written
from gmigen.conformance import caller as calling
from gmigen.conformance.answer import Answer
from gmigen.conformance.finding import found
from gmigen.conformance.gate import NotTheApiError
from gmigen.conformance.keeping import recorded
from gmigen.conformance.likeness import options
from gmigen.conformance.offers import cheapest
from gmigen.conformance.paid import checks
from gmigen.conformance.private import private
from gmigen.conformance.purchase import SUBMIT, afterwards, look
from gmigen.conformance.questions import questions
from gmigen.conformance.run import Report, run
from gmigen.conformance.scrub import scrubbed
from gmigen.conformance.suite import READ_ONLY
from gmigen.emulator import faults

OFFER = cheapest(spend("1").models, {*SHOP}, spend("1").limit)
assert OFFER is not None
NAMES = [ask.name for ask in questions()] + [SUBMIT, "job 0", "job again", "job listed"]
NAMES += ["file part", "price now"]
WORDS = (
    *("model_ids", "models", "requests", "request_id", "model", "status", "outcome", "payload"),
    *("created_at", "updated_at", "has_more", "upload_url", "public_url", "parameters", "type"),
    *("name", "price_info", "price", "unit", "error", "media_urls", "video_url", "url", "x"),
)
KEYS = st.sampled_from(WORDS)
PLAIN = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**400), 10**400),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from(["success", "clip-1", "https://x.example/y?Expires=1", "\ud800", "emu"]),
)
JSON = st.recursive(
    PLAIN,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=6),
    max_leaves=24,
)
HEADERS = st.lists(
    st.tuples(
        st.sampled_from(["date", "content-type", "etag", "retry-after", "x-ratelimit-left"]),
        st.text(max_size=20),
    ),
    max_size=4,
)


@st.composite
def answers(draw: st.DrawFn) -> Mapping[str, Answer]:
    def one() -> Answer:
        body = draw(st.one_of(JSON.map(json.dumps).map(str.encode), st.binary(max_size=30)))
        status = draw(st.sampled_from([200, 200, 200, 206, 301, 400, 404, 500, 999]))
        return Answer(status, tuple(draw(HEADERS)), body, "HTTP/1.1", at=1.8e9)

    return {name: one() for name in draw(st.lists(st.sampled_from(NAMES), unique=True))}


@settings(max_examples=30)
@given(answers())
def test_whatever_comes_is_judged_recorded_and_imitated(came: Mapping[str, Answer]) -> None:
    assert OFFER is not None
    for ask in (*questions(), *afterwards(OFFER), look("job 1")):
        where = ask.where(came)
        assert where is None or where.startswith(("/", "../", "http"))
    judged = found((*READ_ONLY, *checks(OFFER)), came)
    safe = tuple(
        type(one)(**{**vars(one), "came": scrubbed(one.came), "facts": scrubbed(one.facts)})
        for one in judged
    )
    assert private(came) is not None
    recording = recorded(Report("the service", safe, 3), "2026-11-29")
    assert len(written(recording)) < MOST_BYTES
    assert options(recording)["like"]


@pytest.mark.parametrize(
    "url", ["http://169.254.169.254/x", "https://10.0.0.1/x", "https://u:p@x.example/", "ftp://x/y"]
)
def test_an_address_that_leads_elsewhere_is_not_asked(url: str) -> None:
    with world(jobs=0) as api:
        body = {"upload_url": url, "public_url": url}
        api.faults.add("upload_url", faults.Status(200, body=body), nth=None)
        report = checked(api.base_url)
        assert api.log.requests(route="put") == ()
    came = {one.id: (one.verdict, one.came) for one in report.findings}
    assert came["upload-png"][0] == "not seen"
    assert "upload-png" not in differing(report)


def test_a_429_is_waited_for_as_it_says_and_asked_once_more() -> None:
    pauses: list[float] = []
    with world() as api:
        api.faults.add("details", faults.RateLimited(retry_after="7"))
        api.faults.add("list", faults.RateLimited(retry_after="100000"))
        asking = caller(api.base_url)
        asking.sleep = pauses.append
        try:
            report = run(asking, secrets=[ORG])
        finally:
            asking.close()
        details = [entry.status for entry in api.log.requests(route="details")]
    assert pauses == [7]
    assert details[:2] == [429, 200]
    came = {one.id: one.came for one in report.findings}
    assert came["list-of-requests"].startswith("HTTP 429")


def test_the_bound_on_time_holds() -> None:
    def seconds() -> Iterator[float]:
        passed = 0.0
        while True:
            yield passed
            passed += 10

    ticking = seconds()
    with world() as api:
        asking = caller(api.base_url, seconds=300)
        asking.clock = lambda: next(ticking)
        asking._started = 0
        try:
            report = run(asking)
        finally:
            asking.close()
        assert 0 < len(api.log.requests(route="models")) < 3
        assert report.requests < 15
    assert any("300 seconds that one run may take" in one.came for one in report.findings)


def test_over_tls_it_is_seen_and_an_untrusted_certificate_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with world(jobs=0, tls=True, documents=DOCUMENTS) as api:
        trusting = ssl.create_default_context(cadata=api.authority)
        monkeypatch.setattr(calling, "tls_context", lambda: trusting)
        report = checked(api.base_url)
        came = {one.id: (one.verdict, one.came) for one in report.findings}
        assert came["tls"] == ("as believed", "TLSv1.3")
        assert came["upload-public"][0] == "as believed"
        monkeypatch.setattr(calling, "tls_context", ssl.create_default_context)
        with pytest.raises(NotTheApiError, match=r"could not be reached.*CERTIFICATE"):
            checked(api.base_url)


def test_the_key_goes_to_the_origin_of_the_api_only(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[Any] = []

    def refused(self: object, request: Any) -> None:
        sent.append(request)
        raise OSError("nobody is there")

    with world(jobs=0) as api:
        asking = caller(api.base_url)
        monkeypatch.setattr(calling.httpx.HTTPTransport, "handle_request", refused)
        for ask in questions():
            for where in ("/models", "http://127.0.0.1:1/x", f"{api.files_url}/x"):
                asking.bounds = type(asking.bounds)(requests=1000)
                fixed = type(ask)(ask.name, lambda _, to=where: to, ask.method, ask.key)
                asking.ask(fixed, {})
        asking.close()
    carried = {(one.url.host, one.url.port) for one in sent if KEY in str(one.headers.raw)}
    assert len({(one.url.host, one.url.port) for one in sent}) == 3
    assert carried == {("127.0.0.1", int(api.origin.rpartition(":")[2]))}
