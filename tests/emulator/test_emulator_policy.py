"""Refusals that leave a record, jobs seen in the list only, models nobody documented."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from emulator_world import client_of, details, element, submitted

from gmigen.emulator import Clock, Emulator, emulator, faults
from gmigen.emulator.catalogue import corrections
from gmigen.schema.overlays import Overlay


def listed(client: httpx.Client, **query: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get("/requests", params=query).json()["requests"]
    return found


def post(client: httpx.Client, model: str = "clip-1", **payload: Any) -> httpx.Response:
    return client.post(
        "/requests", json={"model": model, "payload": payload or {"prompt": "a boat"}}
    )


def test_a_vendor_refusal_names_a_record_that_failed(
    running: Emulator, client: httpx.Client
) -> None:
    running.faults.add("submit", faults.Refused("size dimensions must be multiples of 16"))
    answer = post(client)
    assert answer.status_code == 400
    assert answer.json()["error"] == "size dimensions must be multiples of 16"
    record = client.get(f"/requests/{answer.json()['request_id']}").json()
    assert record["status"] == "failed"
    assert record["outcome"]["error"] == {
        "code": 400,
        "message": "size dimensions must be multiples of 16",
        "status": "INVALID_INPUT",
    }
    assert record["payload"] == {"prompt": "a boat"}
    assert running.log.billed_jobs == ()


def test_a_backend_error_names_none_and_leaves_a_failed_record_in_the_list(
    running: Emulator, client: httpx.Client
) -> None:
    running.faults.add("submit", faults.BackendError(400))
    answer = post(client)
    assert (answer.status_code, answer.json()) == (
        500,
        {"error": "Backend error (400). Please try again."},
    )
    (record,) = listed(client, model_id="clip-1")
    assert (record["status"], record["payload"]) == ("failed", {"prompt": "a boat"})
    assert running.log.billed_micro_dollars == 0


def test_a_value_of_the_wrong_type_leaves_one_too(running: Emulator, client: httpx.Client) -> None:
    assert post(client, "clip-1", prompt=5).status_code == 500
    assert [record["status"] for record in listed(client)] == ["failed"]
    assert running.log.posts()[0].request_id == listed(client)[0]["request_id"]
    assert not running.log.posts()[0].created


def test_a_refusal_by_the_schema_leaves_none(client: httpx.Client) -> None:
    answer = post(client, "strict-1", fps=7)
    assert answer.status_code == 400
    assert answer.json()["error"].startswith("invalid payload parameters: prompt (Required")
    assert listed(client) == []


@pytest.mark.parametrize(("process", "jobs"), [(False, 0), (True, 1)])
def test_a_deadline_may_hide_a_job(
    running: Emulator, client: httpx.Client, process: bool, jobs: int
) -> None:
    running.faults.add("submit", faults.DeadlineExceeded(process=process))
    answer = post(client)
    assert (answer.status_code, answer.json()) == (500, {"error": "context deadline exceeded"})
    assert len(listed(client)) == len(running.log.billed_jobs) == jobs
    assert post(client).status_code == 200


def test_a_refusal_of_what_is_no_submission_leaves_no_record(
    running: Emulator, client: httpx.Client
) -> None:
    running.faults.add("submit", faults.Refused())
    answer = client.post("/requests", content=b"no json")
    assert (answer.status_code, answer.json()["request_id"]) == (400, "")
    assert listed(client) == []


def test_a_job_of_the_web_console_is_in_the_list_only(
    running: Emulator, client: httpx.Client
) -> None:
    job_id = running.console_job("clip-1", {"prompt": "by hand"})
    assert client.get(f"/requests/{job_id}").status_code == 404
    running.clock.advance(100)
    (record,) = listed(client)
    assert (record["request_id"], record["status"]) == (job_id, "success")
    assert httpx.get(record["outcome"]["video_url"]).status_code == 200
    assert running.log.posts() == ()
    with pytest.raises(KeyError):
        running.console_job("nobody", {})


@pytest.mark.parametrize(
    ("seconds", "word"), [(60, "RPM"), (3600, "RPH"), (1, "RPS"), (86400, "RPD"), (30, "RPM")]
)
def test_a_limit_is_called_by_its_interval(
    documents: dict[str, bytes], seconds: float, word: str
) -> None:
    with emulator(documents, rate_limit=(1, seconds)) as running, client_of(running) as client:
        submitted(client)
        limit = post(client).json()["rate_limit"]
    assert (limit["limit_type"], limit["interval_seconds"]) == (word, seconds)


@pytest.fixture
def odd() -> dict[str, bytes]:
    return {
        "nameless-1": details("nameless-1", model_type="", modalities={}),
        "some-t2v": details("some-t2v", model_type="", modalities={}),
        "workflow-1": details("workflow-1", model_type="workflow", modalities={}),
    }


@pytest.mark.parametrize("model", ["nameless-1", "workflow-1"])
def test_a_model_without_a_kind_is_refused_and_told_why(odd: dict[str, bytes], model: str) -> None:
    with emulator(odd) as running, client_of(running) as client:
        answer = post(client, model)
        assert answer.status_code == 400
        assert f"does not know what model {model} makes" in answer.json()["error"]
        assert running.jobs == {}
    with (
        emulator(odd, kinds={model: "speech"}, job_seconds=0) as running,
        client_of(running) as client,
    ):
        job_id = post(client, model).json()["request_id"]
        assert client.get(f"/requests/{job_id}").json()["outcome"]["audio_url"]


def test_an_id_may_tell_the_kind_that_the_details_do_not(odd: dict[str, bytes]) -> None:
    with emulator(odd, job_seconds=0) as running, client_of(running) as client:
        job_id = submitted(client, "some-t2v")["request_id"]
        assert client.get(f"/requests/{job_id}").json()["outcome"]["video_url"]


def test_an_unknown_model_is_refused_unless_accepting_was_asked_for(
    documents: dict[str, bytes],
) -> None:
    with emulator(documents) as running, client_of(running) as client:
        assert post(client, "brand-new-t2i").status_code == 404
    with (
        emulator(documents, unknown_models="accept", job_seconds=0) as running,
        client_of(running) as client,
    ):
        job_id = post(client, "brand-new-t2i", anything={"goes": [1]}).json()["request_id"]
        outcome = client.get(f"/requests/{job_id}").json()["outcome"]
        assert httpx.get(outcome["media_urls"][0]["url"]).status_code == 200
        assert client.get("/models/brand-new-t2i").status_code == 404
        assert post(client, "brand-new").status_code == 400
        assert post(client, "clip-1", nothing=1).status_code == 400, "a known one is still checked"


def test_details_are_served_as_published_and_requests_checked_as_corrected() -> None:
    document = details("m", parameters=[element("fps", "enum", options=[24])])
    more = Overlay("m.toml", "m", "a test", {"fps": {"options": [24, 30]}})
    with emulator({"m": document}) as running, client_of(running) as client:
        assert post(client, "m", fps=30).status_code == 400
    with emulator({"m": document}, overlays=[more]) as running, client_of(running) as client:
        assert post(client, "m", fps=30).status_code == 200
        assert post(client, "m", fps=25).status_code == 400
        assert client.get("/models/m").content == document


def test_the_bundled_corrections_apply_unless_others_are_given(bundled: Any) -> None:
    assert {overlay.model for overlay in corrections()} <= set(bundled)
    body = {"prompt": "x", "sound": "on", "cfg_scale": 0.5}
    for given, status in ((None, 200), ([], 400)):
        with (
            emulator(bundled, overlays=given) as running,
            client_of(running) as client,
        ):
            assert post(client, "kling-v2-6", **body).status_code == status


def test_both_paths_lead_to_the_same_jobs(running: Emulator, client: httpx.Client) -> None:
    twin = running.twin_url
    assert running.base_url == f"{twin}/apikey"
    headers = dict(client.headers)
    body = {"model": "clip-1", "payload": {"prompt": "x"}}
    job_id = httpx.post(f"{twin}/requests", json=body, headers=headers).json()["request_id"]
    assert client.get(f"/requests/{job_id}").status_code == 200
    assert httpx.get(f"{twin}/requests/{job_id}", headers=headers).status_code == 200
    assert httpx.get(f"{twin}/requests/{job_id}").status_code == 401
    place = httpx.post(f"{twin}/upload-url", json={"file_type": "png"}, headers=headers)
    assert place.json()["upload_url"].startswith(running.files_url)


def test_the_catalogue_of_the_other_path_is_public_and_whole(
    running: Emulator, documents: dict[str, bytes]
) -> None:
    del documents["broken"]
    with emulator(documents) as whole:
        listed = httpx.get(f"{whole.twin_url}/models")
        assert [model["model"] for model in listed.json()["models"]] == list(documents)
        details = httpx.get(f"{whole.twin_url}/models/with%20space%2Fand.dot")
        assert details.content == documents["with space/and.dot"]
        assert httpx.get(f"{whole.twin_url}/models/with%20space/and.dot").status_code == 404
        assert httpx.get(f"{whole.base_url}/models").status_code == 401


def test_the_log_in_of_the_vendors_sdk(documents: dict[str, bytes]) -> None:
    with emulator(documents, clock=Clock(virtual=True), keys=["a-key"]) as running:
        account = f"{running.origin}/api/v1/me"
        with httpx.Client() as http:
            sent = {"email": "a@example.com", "password": "my-very-secret"}
            given = http.post(f"{account}/auth-tokens", json=sent).json()
            assert given["is2FARequired"] is False
            asked = {"type": "native", "authToken": given["authToken"], "otpCode": None}
            tokens = http.post(f"{account}/sessions", json=asked).json()
            headers = {"Authorization": f"Bearer {tokens['accessToken']}"}
            assert http.get(f"{account}/profile", headers=headers).json()["organization"]["id"]
            listed = f"{running.twin_url}/requests"
            assert http.get(listed, headers=headers).status_code == 200
            assert http.get(listed, headers={"Authorization": "Bearer other"}).status_code == 401
            running.clock.advance(3599)
            again = http.patch(f"{account}/sessions", json={"refreshToken": tokens["refreshToken"]})
            running.clock.advance(2)
            assert http.get(listed, headers=headers).status_code == 401
            headers = {"Authorization": f"Bearer {again.json()['accessToken']}"}
            assert http.get(listed, headers=headers).status_code == 200
            for wrong in (b"", b"[]", b'{"authToken": "made up"}'):
                assert http.post(f"{account}/sessions", content=wrong).status_code == 401
        assert "my-very-secret" not in json.dumps(running.log.as_json())
