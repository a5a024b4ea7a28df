"""The files' host: signed uploads, public objects, parts of files."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from emulator_world import submitted
from hypothesis import given
from hypothesis import strategies as st

from gmigen.emulator import Emulator
from gmigen.emulator.ranges import byte_range


def granted(client: httpx.Client, file_type: str = "png") -> dict[str, str]:
    answer: dict[str, str] = client.post("/upload-url", json={"file_type": file_type}).json()
    return answer


def put(url: str, content_type: str = "image/png", **headers: str) -> httpx.Response:
    return httpx.put(url, content=b"bytes", headers={"Content-Type": content_type, **headers})


@pytest.mark.parametrize(
    ("file_type", "content_type"),
    [
        ("png", "image/png"),
        ("jpeg", "image/jpeg"),
        ("jpg", "image/jpg"),
        ("mp4", "video/mp4"),
        ("mp3", "audio/mpeg"),
        ("wav", "audio/wav"),
    ],
)
def test_what_is_put_under_the_signed_type_is_served_at_the_public_url(
    client: httpx.Client, file_type: str, content_type: str
) -> None:
    urls = granted(client, file_type)
    assert httpx.get(urls["public_url"]).status_code == 404
    assert put(urls["upload_url"], content_type).status_code == 200
    stored = httpx.get(urls["public_url"])
    assert (stored.content, stored.headers["Content-Type"]) == (b"bytes", content_type)


def test_another_content_type_does_not_match_the_signature(client: httpx.Client) -> None:
    refused = put(granted(client, "jpg")["upload_url"], "image/jpeg")
    assert refused.status_code == 403
    assert refused.headers["Content-Type"] == "application/xml"
    assert "<Code>SignatureDoesNotMatch</Code>" in refused.text


def test_another_signature_does_not_match(client: httpx.Client) -> None:
    url = granted(client)["upload_url"]
    assert put(url[:-1] + ("0" if url[-1] != "0" else "1")).status_code == 403
    assert put(url.partition("?")[0]).status_code == 403


def test_an_upload_url_works_repeatedly_for_899_seconds_and_then_no_more(
    running: Emulator, client: httpx.Client
) -> None:
    url = granted(client)["upload_url"]
    running.clock.advance(898)
    assert [put(url).status_code, put(url).status_code] == [200, 200]
    running.clock.advance(1)
    expired = put(url)
    assert (expired.status_code, "<Code>ExpiredToken</Code>" in expired.text) == (400, True)


def test_a_key_at_the_files_host_is_refused_and_recorded(
    running: Emulator, client: httpx.Client
) -> None:
    urls = granted(client)
    assert put(urls["upload_url"], Authorization="Bearer sk-CANARY-1").status_code == 400
    assert httpx.get(urls["public_url"], headers={"X-Api-Key": "k"}).status_code == 404
    media = f"{running.files_url}/media/x/0.mp4"
    assert httpx.get(media, headers={"Authorization": "Bearer sk-CANARY-1"}).status_code == 401
    seen = running.log.auth_seen_on_foreign_host
    assert [entry.route for entry in seen] == ["put", "stored", "media"]


@pytest.mark.parametrize("body", [{"file_type": "webp"}, {"file_type": 5}, {}, [], {"type": "png"}])
def test_a_file_type_that_is_not_listed_is_refused(client: httpx.Client, body: Any) -> None:
    assert client.post("/upload-url", json=body).status_code == 400


def test_upload_urls_need_the_key(running: Emulator) -> None:
    answer = httpx.post(f"{running.base_url}/upload-url", json={"file_type": "png"})
    assert answer.status_code == 401


@pytest.fixture
def clip(running: Emulator, client: httpx.Client) -> str:
    job_id = submitted(client)["request_id"]
    running.clock.advance(100)
    url: str = client.get(f"/requests/{job_id}").json()["outcome"]["video_url"]
    return url


def test_a_download_can_be_resumed_from_any_byte(clip: str) -> None:
    whole = httpx.get(clip)
    headers = {"Range": "bytes=1000-", "If-Range": whole.headers["ETag"]}
    rest = httpx.get(clip, headers=headers)
    assert rest.status_code == 206
    assert whole.content[:1000] + rest.content == whole.content
    size = len(whole.content)
    assert rest.headers["Content-Range"] == f"bytes 1000-{size - 1}/{size}"
    assert rest.headers["Content-Length"] == str(size - 1000)
    assert rest.headers["x-goog-hash"] == whole.headers["x-goog-hash"]


def test_another_file_is_never_given_in_part(clip: str) -> None:
    answer = httpx.get(clip, headers={"Range": "bytes=1000-", "If-Range": '"other"'})
    assert (answer.status_code, len(answer.content)) == (200, len(httpx.get(clip).content))


def test_a_part_beyond_the_end_is_refused_with_the_size(clip: str) -> None:
    size = len(httpx.get(clip).content)
    answer = httpx.get(clip, headers={"Range": f"bytes={size}-"})
    assert (answer.status_code, answer.headers["Content-Range"]) == (416, f"bytes */{size}")


def test_a_head_request_tells_the_size_without_the_bytes(clip: str) -> None:
    answer = httpx.head(clip)
    assert answer.content == b""
    assert int(answer.headers["Content-Length"]) == len(httpx.get(clip).content)


@pytest.mark.parametrize(
    ("wanted", "part"),
    [
        ("bytes=0-0", range(0, 1)),
        ("bytes=2-", range(2, 10)),
        ("bytes=-3", range(7, 10)),
        ("bytes=-30", range(0, 10)),
        ("bytes=5-100", range(5, 10)),
        ("bytes=10-", range(0)),
        ("bytes=-0", range(10, 10)),
        ("bytes=5-2", None),
        ("bytes=-", None),
        ("bytes=0-1,3-4", None),
        ("items=0-1", None),
        ("bytes=0-1x", None),
    ],
)
def test_a_range_of_ten_bytes(wanted: str, part: range | None) -> None:
    assert byte_range(wanted, 10) == part


@given(st.integers(0, 40), st.integers(0, 40), st.integers(0, 40))
def test_a_range_is_the_slice_it_names(first: int, last: int, size: int) -> None:
    part = byte_range(f"bytes={first}-{last}", size)
    named = [byte for byte in range(size) if first <= byte <= last]
    assert list(part or ()) == named
