"""One job within a limit: chosen by price, bought once, followed to its end."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from conformance_world import DOCUMENTS, KEY, ORG, caller, details, differing, world

from gmigen.catalog.models import read_all
from gmigen.catalog.snapshot import Document, Snapshot
from gmigen.conformance.buying import RESERVED, Spend
from gmigen.conformance.keeping import recorded
from gmigen.conformance.offers import PROMPT, cheapest
from gmigen.conformance.report import told
from gmigen.conformance.run import Report, run
from gmigen.emulator import Clock, Emulator, faults
from gmigen.emulator.likeness import Likeness
from gmigen.settings import Settings

CHEAP = details("clip-2", price_info={"price": 1000, "unit": "second"})
SHOP: Mapping[str, bytes] = {**DOCUMENTS, "clip-2": CHEAP}


def spend(limit: str, documents: Mapping[str, bytes] = SHOP) -> Spend:
    files = tuple(Document(f"{name}.json", text) for name, text in documents.items())
    return Spend(Decimal(limit), read_all(Snapshot(files), [], Settings()).models)


def bought(api: Emulator, limit: str = "0.05", **bounds: Any) -> Report:
    """The report of a run that may buy; every pause lets the emulator's time pass instead."""
    asking = caller(api.base_url, **bounds)
    asking.draw = lambda: 0.5
    asking.sleep = lambda seconds: void(api.clock.advance(seconds))
    try:
        return run(asking, secrets=[ORG], spend=spend(limit))
    finally:
        asking.close()


def void(_: object) -> None:
    return None


def shop(**options: Any) -> Any:
    return world(**{"documents": SHOP, "jobs": 0, "job_seconds": 20, **options})


def within(api: Emulator, micro_dollars: int) -> None:
    """The log is the witness: what was billed, and that nothing was submitted twice."""
    assert len(api.log.posts()) <= 1
    assert api.log.billed_micro_dollars <= micro_dollars
    assert api.log.auth_seen_on_foreign_host == ()
    assert len(api.log) <= 60


def test_the_cheapest_job_is_bought_once_and_followed_to_its_end() -> None:
    with shop() as api:
        report = bought(api)
        within(api, 50_000)
        (post,) = api.log.posts()
    assert post.model == "clip-2"
    assert post.json["payload"]["prompt"] == PROMPT
    assert post.header("idempotency-key")
    assert differing(report) == {}
    came = {one.id: one.came for one in report.findings}
    assert came["states"] == "queued > dispatched > processing > success"
    assert came["job-times"] == "the job took 20 s"
    assert came["file-part"] == "HTTP 206, 1 bytes"
    assert {one.verdict for one in report.findings if one.id.startswith(("file", "job"))} == {
        "as believed"
    }
    assert report.job in report.spending
    assert report.job not in json.dumps([str(one) for one in recorded(report, "").findings])
    assert any("it was made" in line for line in told(report))


@pytest.mark.parametrize("limit", ["0.004", "0.0049999"])
def test_nothing_is_bought_that_may_cost_more_than_the_limit(limit: str) -> None:
    with shop() as api:
        report = bought(api, limit)
        assert api.log.posts() == ()
    assert "Nothing was bought: no listed model" in report.spending


def test_nothing_is_bought_where_the_price_has_grown_since_the_snapshot() -> None:
    dear = details("clip-2", price_info={"price": 900_000, "unit": "second"})
    with shop(documents={**SHOP, "clip-2": dear}) as api:
        report = bought(api)
        assert api.log.posts() == ()
    assert "clip-2 may cost $4.50 now, more than $0.05" in report.spending


def test_a_price_that_nobody_can_be_sure_of_is_not_within_any_limit() -> None:
    unknown = {"x": details("x", price_info=None), "y": details("y", price_info={"price": 1})}
    offers = spend("99", unknown)
    assert cheapest(offers.models, {"x", "y"}, offers.limit) is None
    # A model that is free may be one whose price is wrong, and one that is not listed is gone.
    free = spend("99", {"z": details("z", price_info={"price": 0, "unit": "second"})})
    assert cheapest(free.models, {"z"}, free.limit) is None
    assert cheapest(spend("99").models, set(), Decimal(99)) is None


TROUBLE: dict[str, tuple[Any, str]] = {
    "held until the gateway gives up": (
        faults.Html(504, process=True),
        "nobody can know whether it was made",
    ),
    "a reset after it was read": (faults.Capacity(), "it was made"),
    "too many": (faults.RateLimited(retry_after="1"), "it was refused (HTTP 429"),
    "no credit": (faults.Status(402, "Insufficient credits."), "it was refused (HTTP 402"),
    "the vendor refuses": (faults.Refused(), "it was made"),
    "the upstream fails": (faults.BackendError(), "nobody can know whether it was made"),
}


@pytest.mark.parametrize("name", TROUBLE)
def test_a_submission_that_fails_is_never_sent_again(name: str) -> None:
    fault, expected = TROUBLE[name]
    with shop() as api:
        api.faults.add("submit", fault)
        report = bought(api)
        within(api, 50_000)
        assert len(api.log.posts()) == 1
    assert expected in report.spending


def test_a_job_that_never_ends_leaves_room_for_what_comes_after() -> None:
    with shop(job_seconds=10**9) as api:
        report = bought(api, requests=50)
        within(api, 50_000)
        assert len(api.log) <= 50
        looks = len(api.log.requests(route="status"))
    assert looks > 5
    assert report.requests > 50 - RESERVED
    came = {one.id: (one.verdict, one.came) for one in report.findings}
    assert came["job-times"] == ("not seen", "the job had not ended when the asking did")
    assert came["states"][1] == "queued"


DIFFERENT: dict[str, tuple[dict[str, Any], dict[str, str]]] = {
    "other status words": (
        {"like": Likeness(words={"queued": "IN_QUEUE", "success": "COMPLETED"})},
        {
            "status-words": "COMPLETED",
            "states": "IN_QUEUE > dispatched > processing > COMPLETED",
        },
    ),
    "signed addresses": (
        {"like": Likeness(signed=True)},
        {
            "file-signed": "a query with x-goog-expires, x-goog-signature",
            "file-lifetime": "stated in x-goog-expires",
        },
    ),
    "files without marks": (
        {"like": Likeness(etag=False, ranges=False, checksum=False)},
        {"file-etag": "no etag", "file-checksum": "no x-goog-hash"},
    ),
    "the end in the answer": ({"sync_models": {"clip-2"}}, {}),
    "no echo": ({"echo_payload": False}, {}),
}


@pytest.mark.parametrize("name", DIFFERENT)
def test_each_difference_of_a_job_is_found_and_named(name: str) -> None:
    options, expected = DIFFERENT[name]
    with shop(**options) as api:
        report = bought(api)
        within(api, 50_000)
    found = differing(report)
    part = found.pop("file-part", "")
    assert found == expected
    assert bool(part) == (name == "files without marks")
    assert "emu" * 4 not in repr(report)


def test_without_spend_nothing_is_ever_submitted_and_with_it_the_command_says_what_it_did(
    gmigen: Callable[..., Result], project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GMI_API_KEY", KEY)
    bundled = {"Veo3": details("Veo3"), "seedream-5.0-lite": details("seedream-5.0-lite")}
    with world(documents=bundled, clock=Clock(), job_seconds=0, jobs=0) as api:
        monkeypatch.setenv("GMI_BASE_URL", api.base_url)
        assert "was bought" not in gmigen("conformance").output
        assert api.log.posts() == ()
        refused = gmigen("conformance", "--spend", "0.0001")
        assert "Nothing was bought" in refused.output
        assert api.log.posts() == ()
    assert gmigen("conformance", "--spend", "-1").exit_code == 2
    assert gmigen("conformance", "--spend", "nan").exit_code == 2


def test_ctrl_c_while_the_job_runs_names_the_job_that_was_paid_for() -> None:
    def interrupted(seconds: float) -> None:
        raise KeyboardInterrupt

    with shop(job_seconds=10**9) as api:
        asking = caller(api.base_url)
        asking.sleep = interrupted
        try:
            report = run(asking, spend=spend("0.05"))
        finally:
            asking.close()
        (job,) = api.log.billed_jobs
    assert (report.complete, report.job) == (False, job)
    assert f"`gmi wait {job}`" in "\n".join(told(report))
    assert any(one.id == "submit" and one.verdict == "as believed" for one in report.findings)
