"""The fault script, the faults that are HTTP answers, and the lies about jobs."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import pytest
from emulator_world import submitted

from gmigen.emulator import Emulator, faults

BODY = {"model": "clip-1", "payload": {"prompt": "x"}}


def post(client: httpx.Client) -> httpx.Response:
    return client.post("/requests", json=BODY)


def statuses(client: httpx.Client, calls: int) -> list[int]:
    return [post(client).status_code for _ in range(calls)]


# The script


@pytest.mark.parametrize(
    ("nth", "met"),
    [
        (1, [503, 200, 200, 200]),
        (3, [200, 200, 503, 200]),
        ([2, 4], [200, 503, 200, 503]),
        (range(1, 4), [503, 503, 503, 200]),
        (None, [503, 503, 503, 503]),
        ([], [200, 200, 200, 200]),
    ],
)
def test_a_fault_strikes_at_the_calls_it_is_ordered_for(
    running: Emulator, client: httpx.Client, nth: Any, met: list[int]
) -> None:
    running.faults.add("submit", faults.Status(503), nth=nth)
    assert statuses(client, 4) == met


def test_calls_are_counted_from_when_the_fault_was_added(
    running: Emulator, client: httpx.Client
) -> None:
    statuses(client, 2)
    running.faults.add(route="submit", nth=2, fault=faults.Status(502))
    assert statuses(client, 3) == [200, 502, 200]


def test_the_first_fault_ordered_for_a_call_wins(running: Emulator, client: httpx.Client) -> None:
    running.faults.add("submit", faults.Status(500), nth=[1])
    running.faults.add("submit", faults.Status(502), nth=[1, 2])
    assert statuses(client, 3) == [500, 502, 200]


def test_a_fault_can_be_kept_to_one_path(running: Emulator, client: httpx.Client) -> None:
    running.faults.add("details", faults.Status(500), nth=None, match="picture")
    found = [client.get(f"/models/{name}").status_code for name in ("clip-1", "picture-1")]
    assert found == [200, 500]


def test_a_share_of_calls_is_the_same_share_for_the_same_seed() -> None:
    def met(seed: int) -> list[bool]:
        script = faults.Script(seed)
        script.add("submit", faults.Status(500), share=0.3)
        return [bool(script.take("submit")) for _ in range(1000)]

    assert met(1) == met(1)
    assert met(1) != met(2)
    assert 250 < sum(met(1)) < 350


def test_a_cleared_script_troubles_nobody(running: Emulator, client: httpx.Client) -> None:
    running.faults.add("submit", faults.Status(500), nth=None)
    running.faults.clear()
    assert statuses(client, 1) == [200]


def test_a_fault_that_cannot_strike_there_is_refused_at_once(running: Emulator) -> None:
    with pytest.raises(ValueError, match="no route 'submitt'"):
        running.faults.add("submitt", faults.Status(500))  # type: ignore[arg-type]
    for route, fault in (
        ("job", faults.Status(500)),
        ("submit", faults.Stuck()),
        ("connect", faults.Html()),
    ):
        with pytest.raises(TypeError, match=f"{type(fault).__name__} cannot strike at '{route}'"):
            running.faults.add(route, fault)  # type: ignore[arg-type]


def test_the_ledger_names_the_fault_a_request_met(running: Emulator, client: httpx.Client) -> None:
    running.faults.add("models", faults.Html())
    client.get("/models")
    client.get("/models")
    assert [entry.fault for entry in running.log.entries] == ["Html", ""]


@pytest.mark.parametrize("route", ["models", "details", "list", "status", "upload_url"])
def test_every_route_of_the_api_can_be_troubled(
    running: Emulator, client: httpx.Client, route: Any
) -> None:
    running.faults.add(route, faults.Status(418))
    answers = [
        client.get("/models"),
        client.get("/models/clip-1"),
        client.get("/requests"),
        client.get("/requests/x"),
        client.post("/upload-url", json={"file_type": "png"}),
    ]
    assert [answer.status_code for answer in answers].count(418) == 1


# Answers


def test_an_error_answer_may_hide_a_job_that_was_created_and_billed(
    running: Emulator, client: httpx.Client
) -> None:
    running.faults.add("submit", faults.Html(504, "Gateway Time-out", process=True))
    answer = post(client)
    assert (answer.status_code, "<title>Gateway Time-out</title>" in answer.text) == (504, True)
    assert len(running.log.billed_jobs) == 1
    assert running.log.posts()[0].status == 504


def test_an_error_answer_alone_creates_nothing(running: Emulator, client: httpx.Client) -> None:
    running.faults.add("submit", faults.Status(500, "Backend error (400). Please try again."))
    assert post(client).json() == {"error": "Backend error (400). Please try again."}
    assert running.log.billed_jobs == ()


def test_exhausted_capacity_names_the_record_that_exists(
    running: Emulator, client: httpx.Client
) -> None:
    running.faults.add("submit", faults.Capacity())
    answer = post(client)
    assert answer.status_code == 503
    assert list(running.jobs) == [answer.json()["request_id"]]
    assert client.get(f"/requests/{answer.json()['request_id']}").status_code == 200


def test_a_rate_limit_gives_its_hint_in_every_known_form(
    running: Emulator, client: httpx.Client
) -> None:
    for fault in (
        faults.RateLimited(retry_after="7"),
        faults.RateLimited(retry_after="soon"),
        faults.RateLimited(retry_after_date=90),
        faults.RateLimited(retry_after_ms=29970),
        faults.RateLimited(html=True),
    ):
        running.faults.add("submit", fault)
        answer = post(client)
        assert answer.status_code == 429
        header = answer.headers.get("Retry-After")
        if fault.retry_after_date is not None:
            due = parsedate_to_datetime(header or "")
            sent = parsedate_to_datetime(answer.headers["Date"])
            assert (due - sent).total_seconds() == 90
        else:
            assert header == fault.retry_after
        if fault.html:
            assert answer.headers["Content-Type"].startswith("text/html")
        if fault.retry_after_ms is not None:
            assert answer.json()["rate_limit"]["retry_after_ms"] == 29970


def test_half_a_json_text_in_well_formed_http_is_no_json(
    running: Emulator, client: httpx.Client
) -> None:
    running.faults.add("submit", faults.Truncated(keep=20))
    answer = post(client)
    assert (answer.status_code, len(answer.content)) == (200, 20)
    assert len(running.log.billed_jobs) == 1


def test_an_honest_answer_can_come_under_a_wrong_content_type(
    running: Emulator, client: httpx.Client
) -> None:
    running.faults.add("submit", faults.ContentType("text/html"))
    answer = post(client)
    assert answer.headers["Content-Type"] == "text/html"
    assert answer.json()["status"] == "queued"


def test_a_slow_answer_comes_when_the_emulators_clock_gets_there(
    running: Emulator, client: httpx.Client
) -> None:
    running.faults.add("submit", faults.Slow(500))
    with ThreadPoolExecutor(1) as elsewhere:
        answer = elsewhere.submit(post, client)
        while not running.log.billed_jobs:
            assert not answer.done()
        while not answer.done():
            running.clock.advance(100)
    assert answer.result().status_code == 200
    assert running.clock.now() - running.log.posts()[0].at >= 500


def test_a_redirect_names_another_place_and_does_nothing(
    running: Emulator, client: httpx.Client
) -> None:
    running.faults.add("submit", faults.Redirect("http://169.254.169.254/", 308))
    answer = post(client)
    assert (answer.status_code, answer.headers["Location"]) == (308, "http://169.254.169.254/")
    assert running.log.billed_jobs == ()


def test_an_answer_without_content_has_none(running: Emulator, client: httpx.Client) -> None:
    running.faults.add("submit", faults.Status(204))
    answer = post(client)
    assert (answer.status_code, answer.content) == (204, b"")


def test_an_artifact_can_carry_the_checksum_of_another(
    running: Emulator, client: httpx.Client
) -> None:
    job_id = submitted(client)["request_id"]
    running.clock.advance(100)
    url = client.get(f"/requests/{job_id}").json()["outcome"]["video_url"]
    running.faults.add("media", faults.BadChecksum())
    first, second = httpx.get(url), httpx.get(url)
    assert first.content == second.content
    assert first.headers["x-goog-hash"] != second.headers["x-goog-hash"]


def test_a_header_can_be_taken_away(running: Emulator, client: httpx.Client) -> None:
    running.faults.add("models", faults.Headers({"Content-Type": None, "X-More": "1"}))
    answer = client.get("/models")
    assert "Content-Type" not in answer.headers
    assert answer.headers["X-More"] == "1"


# Jobs


def told(
    running: Emulator, client: httpx.Client, lie: faults.Lie, times: list[float]
) -> list[tuple[Any, Any]]:
    """Status word and outcome at each of several looks, `times` seconds apart; 404 where denied."""
    running.faults.add("job", lie)
    job_id = submitted(client)["request_id"]
    seen: list[tuple[Any, Any]] = []
    for seconds in times:
        running.clock.advance(seconds)
        answer = client.get(f"/requests/{job_id}")
        record = answer.json()
        shown = (record.get("status"), record.get("outcome"))
        seen.append(shown if answer.status_code == 200 else (404, None))
    return seen


def words(seen: list[tuple[Any, Any]]) -> list[Any]:
    return [status for status, _ in seen]


def test_a_stuck_job_is_queued_for_ever_and_never_updated(
    running: Emulator, client: httpx.Client
) -> None:
    assert told(running, client, faults.Stuck(), [0, 1e6]) == [("queued", None)] * 2
    (record,) = client.get("/requests").json()["requests"]
    assert record["updated_at"] == record["created_at"]


def test_a_job_may_use_a_word_nobody_knows_while_it_runs(
    running: Emulator, client: httpx.Client
) -> None:
    seen = told(running, client, faults.Word("warming_up"), [0, 50, 50])
    assert words(seen) == ["warming_up", "warming_up", "success"]


def test_a_job_may_spell_its_end_differently(running: Emulator, client: httpx.Client) -> None:
    seen = told(running, client, faults.Word("COMPLETED", "success"), [50, 50])
    assert words(seen) == ["processing", "COMPLETED"]
    assert seen[1][1]["video_url"]


def test_a_job_may_seem_to_go_back(running: Emulator, client: httpx.Client) -> None:
    seen = told(running, client, faults.Regress(look=2), [50, 1, 1])
    assert words(seen) == ["processing", "queued", "processing"]


def test_a_job_may_seem_to_go_back_after_its_end(running: Emulator, client: httpx.Client) -> None:
    lie = faults.Regress(look=2, status="processing", after_end=True)
    assert words(told(running, client, lie, [50, 50, 1, 1])) == [
        "processing",
        "success",
        "processing",
        "success",
    ]


def test_a_record_may_not_be_there_yet(running: Emulator, client: httpx.Client) -> None:
    assert words(told(running, client, faults.NotYet(2), [0, 0, 0])) == [404, 404, "queued"]


def test_a_record_may_vanish(running: Emulator, client: httpx.Client) -> None:
    assert words(told(running, client, faults.Vanish(), [0, 0, 100])) == ["queued", 404, 404]
    assert client.get("/requests").json()["requests"] == []


def test_an_outcome_may_come_late_or_never(running: Emulator, client: httpx.Client) -> None:
    late = told(running, client, faults.NullOutcome(looks=1), [100, 0])
    assert [bool(outcome) for _, outcome in late] == [False, True]
    never = told(running, client, faults.NullOutcome(empty={}), [100, 0, 0])
    assert never == [("success", {})] * 3


@pytest.mark.parametrize(
    ("lie", "outcome"),
    [
        (faults.Failed("blocked"), {"error": "blocked"}),
        (faults.Failed({"code": 3, "message": "no"}), {"error": {"code": 3, "message": "no"}}),
        (faults.Failed(None), None),
        (faults.Failed(None, message="no"), {"message": "no"}),
    ],
)
def test_a_job_may_fail_and_say_so_in_every_known_form(
    running: Emulator, client: httpx.Client, lie: faults.Failed, outcome: Any
) -> None:
    assert told(running, client, lie, [50, 50])[1] == ("failed", outcome)


def test_a_failed_job_may_say_why_beside_the_outcome(
    running: Emulator, client: httpx.Client
) -> None:
    told(running, client, faults.Failed(None, reason="moderation"), [100])
    assert client.get("/requests").json()["requests"][0]["reason"] == "moderation"


def test_a_job_may_be_cancelled(running: Emulator, client: httpx.Client) -> None:
    assert told(running, client, faults.Cancelled(), [100]) == [("cancelled", None)]


def test_a_record_may_be_another_jobs_or_lack_a_field(
    running: Emulator, client: httpx.Client
) -> None:
    running.faults.add("job", faults.Amend({"request_id": "emu-other"}, without=("status",)))
    answer = submitted(client)
    assert "status" not in answer
    assert answer["request_id"] == "emu-other"


def test_lies_about_one_model_leave_the_others_alone(
    running: Emulator, client: httpx.Client
) -> None:
    running.faults.add("job", faults.Failed(), nth=None, match="picture")
    running.faults.add("job", faults.Outcome({"media_urls": ["bare"]}), nth=None, match="clip")
    ids = [submitted(client, model)["request_id"] for model in ("clip-1", "picture-1")]
    running.clock.advance(100)
    clip, picture = (client.get(f"/requests/{job_id}").json() for job_id in ids)
    assert clip["outcome"] == {"media_urls": ["bare"]}
    assert picture["status"] == "failed"


def test_a_fault_of_ones_own_is_any_object_that_answers(
    running: Emulator, client: httpx.Client
) -> None:
    class Twice:
        async def answer(self, exchange: Any) -> Any:
            response = await exchange.honest()
            return type(response)(bytes(response.body) * 2)

    running.faults.add("models", Twice())
    assert client.get("/models").text.count("model_ids") == 2
