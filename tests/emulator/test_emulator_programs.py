"""Programs as people publish them for this queue, each to its end.

Each is written the way its kind is written: with its own idea of where a result stands, which
words there are, and what a refusal looks like. None knows this project.
"""

from __future__ import annotations

import json
import re
import ssl
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import httpx
import pytest

from gmigen.emulator import Clock, Emulator, emulator, faults

KEY = "sk-a-key-of-theirs"
Program = Callable[[Emulator, httpx.Client], object]
PROGRAMS: dict[str, tuple[Program, dict[str, Any]]] = {}


def program(**options: Any) -> Callable[[Program], Program]:
    def added(function: Program) -> Program:
        PROGRAMS[function.__name__.replace("_", " ")] = (function, options)
        return function

    return added


def create(http: httpx.Client, model: str, **payload: Any) -> dict[str, Any]:
    answer = http.post("/requests", json={"model": model, "payload": payload})
    answer.raise_for_status()
    made: dict[str, Any] = answer.json()
    return made


def poll(http: httpx.Client, request_id: str) -> dict[str, Any]:
    while True:
        record: dict[str, Any] = http.get(f"/requests/{request_id}").raise_for_status().json()
        if record["status"] in ("success", "failed", "cancelled"):
            return record


def fetched(url: str) -> bytes:
    return httpx.get(url).raise_for_status().content


@program()
def the_quickstart_reads_video_url(api: Emulator, http: httpx.Client) -> object:
    made = create(http, "Veo3", prompt="a boat", durationSeconds="8")
    return b"ftyp" in fetched(poll(http, made["request_id"])["outcome"]["video_url"])


@program()
def a_batch_script_reads_media_urls_of_a_video(api: Emulator, http: httpx.Client) -> object:
    made = create(http, "kling-v2-5-turbo", prompt="a boat", duration="5")
    outcome = poll(http, made["request_id"])["outcome"]
    return b"ftyp" in fetched(outcome["media_urls"][0]["url"])


@program()
def a_picture_tool_reads_media_urls_of_gemini(api: Emulator, http: httpx.Client) -> object:
    made = create(http, "gemini-2.5-flash-image", prompt="a boat")
    outcome = poll(http, made["request_id"])["outcome"]
    return fetched(outcome["media_urls"][0]["url"]).startswith(b"\x89PNG")


@program(inline_images=True)
def another_reads_inline_data_of_gemini(api: Emulator, http: httpx.Client) -> object:
    made = create(http, "gemini-2.5-flash-image", prompt="a boat")
    parts = poll(http, made["request_id"])["outcome"]["candidates"][0]["content"]["parts"]
    return parts[0]["inlineData"]["mimeType"] == "image/png"


@program()
def a_gateway_maps_every_status_word(api: Emulator, http: httpx.Client) -> object:
    words = {"queued": "waiting", "dispatched": "waiting", "processing": "running", "success": "ok"}
    made = create(http, "Veo3", prompt="a boat", durationSeconds="8")
    seen = [words[made["status"]]]
    while seen[-1] != "ok":
        seen.append(words[http.get(f"/requests/{made['request_id']}").json()["status"]])
    return seen[0] == "waiting" and "running" in seen


@program(tls="files")
def a_provider_takes_https_only(api: Emulator, http: httpx.Client) -> object:
    made = create(http, "Veo3", prompt="a boat", durationSeconds="8")
    url = poll(http, made["request_id"])["outcome"]["video_url"]
    if not url.startswith("https://"):
        raise ValueError(f"unsafe asset URL: {url}")
    trusted = ssl.create_default_context(cadata=api.authority)
    return httpx.get(url, verify=trusted).status_code == 200


@program()
def a_form_shows_what_is_missing(api: Emulator, http: httpx.Client) -> object:
    body = {"model": "Kling-Image2Video-V1.6-Pro", "payload": {}}
    said = http.post("/requests", json=body).json()["error"]
    head = "invalid payload parameters: "
    names = re.findall(r"([\w.]+) \(Required parameter is missing\)", said.removeprefix(head))
    return said.startswith(head) and "image" in names


@program()
def a_shop_orders_three_square_webps(api: Emulator, http: httpx.Client) -> object:
    asked = {"prompt": "a boat", "n": 3, "size": "512x512", "output_format": "webp"}
    made = create(http, "gpt-image-2.5-flare-generate", **asked)
    urls = [m["url"] for m in poll(http, made["request_id"])["outcome"]["media_urls"]]
    heads = {fetched(url)[8:16] for url in urls}
    return len(urls) == 3 and heads == {b"WEBPVP8L"}


@program(sync_models={"seedream-5.0-lite"})
def a_script_takes_the_result_of_the_post(api: Emulator, http: httpx.Client) -> object:
    made = create(http, "seedream-5.0-lite", prompt="a boat")
    return made["status"] == "success" and bool(fetched(made["outcome"]["media_urls"][0]["url"]))


@program(sync_models={"seedream-5.0-lite"}, sync_outcome=False)
def another_asks_once_more(api: Emulator, http: httpx.Client) -> object:
    made = create(http, "seedream-5.0-lite", prompt="a boat")
    record = http.get(f"/requests/{made['request_id']}").json()
    return "outcome" not in made and bool(record["outcome"]["media_urls"])


@program()
def a_reader_aloud_saves_what_format_says(api: Emulator, http: httpx.Client) -> object:
    voice = {"text": "Good morning.", "voice_id": "English_expressive_narrator", "format": "mp3"}
    made = create(http, "minimax-tts-speech-2.8-hd", **voice)
    outcome = poll(http, made["request_id"])["outcome"]
    return outcome["format"] == "mp3" and fetched(outcome["audio_url"]).startswith(b"\xff\xf3")


@program()
def a_jukebox_reads_medias(api: Emulator, http: httpx.Client) -> object:
    made = create(http, "minimax-music-2.5", prompt="a sea shanty", lyrics="Paper boat")
    media = poll(http, made["request_id"])["outcome"]["medias"][0]
    return media["request_id"] == made["request_id"] and bool(fetched(media["url"]))


@program()
def a_command_uploads_first(api: Emulator, http: httpx.Client) -> object:
    place = http.post("/upload-url", json={"file_type": "png"}).json()
    put = httpx.put(place["upload_url"], content=b"\x89PNG", headers={"Content-Type": "image/png"})
    put.raise_for_status()
    video = {"prompt": "it sails", "image": place["public_url"], "duration": "5"}
    made = create(http, "Kling-Image2Video-V1.6-Pro", **video)
    return poll(http, made["request_id"])["payload"]["image"] == place["public_url"]


@program()
def an_uploader_learns_the_signed_type(api: Emulator, http: httpx.Client) -> object:
    statuses = []
    for content_type in ("image/jpeg", "image/jpg"):
        place = http.post("/upload-url", json={"file_type": "jpg"}).json()["upload_url"]
        put = httpx.put(place, content=b"x", headers={"Content-Type": content_type})
        statuses.append((put.status_code, "SignatureDoesNotMatch" in put.text))
    return statuses == [(403, True), (200, False)]


@program(rate_limit=(1, 60))
def a_patient_loop_waits_for_the_pace(api: Emulator, http: httpx.Client) -> object:
    statuses = []
    while statuses.count(200) < 2:
        body = {"model": "seedream-5.0-lite", "payload": {"prompt": "a boat"}}
        answer = http.post("/requests", json=body)
        statuses.append(answer.status_code)
        if answer.status_code == 429:
            api.clock.advance(answer.json()["rate_limit"]["retry_after_ms"] / 1000)
    return 429 in statuses


@program()
def a_careful_script_finds_what_a_504_hid(api: Emulator, http: httpx.Client) -> object:
    api.faults.add("submit", faults.Html(504, "Gateway Time-out", process=True))
    body = {"model": "Veo3", "payload": {"prompt": "a rare boat", "durationSeconds": "8"}}
    assert http.post("/requests", json=body).status_code == 504
    page = http.get("/requests", params={"model_id": "Veo3", "limit": 100, "offset": 0}).json()
    mine = [r for r in page["requests"] if r["payload"] == body["payload"]]
    return len(mine) == 1 and poll(http, mine[0]["request_id"])["status"] == "success"


@program()
def a_price_list_reads_the_public_catalogue(api: Emulator, http: httpx.Client) -> object:
    models = httpx.get(f"{api.twin_url}/models").json()["models"]
    prices = {m["model"]: m["price_info"]["price"] / 1e6 for m in models if m.get("price_info")}
    return len(models) > 70 and all(0 <= price < 100 for price in prices.values())


@program()
def a_session_works_under_the_other_path(api: Emulator, http: httpx.Client) -> object:
    with httpx.Client(base_url=api.twin_url, headers={"Authorization": "Bearer a.jwt.x"}) as twin:
        details = twin.get("/models/Veo3").json()
        made = create(twin, details["model"], prompt="a boat", durationSeconds="8")
        listed = twin.get("/requests", params={"model_id": "Veo3"}).json()["requests"]
        return listed[0]["request_id"] == made["request_id"] and bool(
            poll(twin, made["request_id"])["outcome"]["video_url"]
        )


@program(unknown_models="accept")
def an_app_uses_an_id_that_is_not_documented(api: Emulator, http: httpx.Client) -> object:
    made = create(http, "inworld-tts-2", text="Good morning.")
    return bool(fetched(poll(http, made["request_id"])["outcome"]["audio_url"]))


@program()
def a_history_page_shows_jobs_of_the_console(api: Emulator, http: httpx.Client) -> object:
    by_hand = api.console_job("Veo3", {"prompt": "by hand"})
    shown = [r["request_id"] for r in http.get("/requests").json()["requests"]]
    return by_hand in shown and http.get(f"/requests/{by_hand}").status_code == 404


@program()
def a_probe_sends_nothing_to_learn_what_lives(api: Emulator, http: httpx.Client) -> object:
    ids = {"Veo3": 400, "veo3": 404, "no-such-model": 404}
    return {
        model: http.post("/requests", json={"model": model, "payload": {}}).status_code
        for model in ids
    } == ids


@program()
def a_monitor_counts_what_was_refused(api: Emulator, http: httpx.Client) -> object:
    body = {"model": "Veo3", "payload": {"prompt": 5, "durationSeconds": "8"}}
    assert "Backend error (403)" in http.post("/requests", json=body).text
    records = http.get("/requests").json()["requests"]
    return [r["status"] for r in records] == ["failed"]


@pytest.fixture
def world(request: pytest.FixtureRequest, bundled: Mapping[str, bytes]) -> Iterator[Emulator]:
    options = {"clock": Clock(virtual=True, tick=5), "job_seconds": 60, **request.param}
    with emulator(bundled, **options) as running:
        yield running


@pytest.mark.parametrize(
    ("name", "world"),
    [(name, options) for name, (_, options) in PROGRAMS.items()],
    indirect=["world"],
    ids=list(PROGRAMS),
)
def test_a_program_gets_what_it_came_for(name: str, world: Emulator) -> None:
    with httpx.Client(
        base_url=world.base_url, headers={"Authorization": f"Bearer {KEY}"}, trust_env=False
    ) as http:
        assert PROGRAMS[name][0](world, http) is True
    assert KEY not in json.dumps(world.log.as_json())
    assert world.log.auth_seen_on_foreign_host == ()


def test_there_are_at_least_as_many_kinds_of_programs_as_are_known() -> None:
    assert len(PROGRAMS) >= 17
