"""Outcomes: every known shape is read by name, and nothing else is taken for a file."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gmigen.runtime.files.outcome import Found, files, thumbnail
from gmigen.runtime.media_types import BY_EXTENSION
from gmigen.runtime.records import Handle

VIDEO = "https://media.example/v.mp4"
OTHER_VIDEO = "https://media.example/w.mp4"
IMAGE = "https://media.example/i.png"
OTHER = "https://media.example/j.webp"
AUDIO = "https://media.example/a.mp3"
PLAIN = "https://media.example/x"
DATA = "data:image/png;base64,aGk="

SHAPES: list[tuple[dict[str, Any], list[tuple[str, str]]]] = [
    ({"video_url": VIDEO, "thumbnail_image_url": IMAGE}, [(VIDEO, "video")]),
    ({"video_url": VIDEO, "thumbnail_image_url": VIDEO}, [(VIDEO, "video")]),
    ({"video_url": VIDEO, "media_urls": [{"id": "0", "url": VIDEO}]}, [(VIDEO, "video")]),
    (
        {"media_urls": [{"id": "0", "url": IMAGE}, {"url": OTHER}], "thumbnail_image_url": IMAGE},
        [(IMAGE, "image"), (OTHER, "image")],
    ),
    ({"media_urls": [IMAGE, OTHER]}, [(IMAGE, "image"), (OTHER, "image")]),
    ({"media_urls": VIDEO}, [(VIDEO, "video")]),
    ({"media_urls": {"url": VIDEO}}, [(VIDEO, "video")]),
    ({"medias": [AUDIO]}, [(AUDIO, "audio")]),
    ({"media_urls": [{"uri": PLAIN}], "video_url": VIDEO}, [(VIDEO, "video")]),
    (
        {"video_url": VIDEO, "media_urls": [{"url": OTHER_VIDEO}]},
        [(OTHER_VIDEO, "video"), (VIDEO, "video")],
    ),
    ({"audio_url": AUDIO, "format": "mp3", "status": "ok"}, [(AUDIO, "audio")]),
    ({"media_urls": [{"id": "0", "url": AUDIO}], "voice_id": ""}, [(AUDIO, "audio")]),
    (
        {
            "audio_url": AUDIO,
            "medias": [{"request_id": "v", "url": AUDIO, "type": "audio", "format": "mp3"}],
            "media_urls": [{"id": "0", "url": AUDIO}],
        },
        [(AUDIO, "audio")],
    ),
    ({"media_urls": [{"url": PLAIN, "type": "video"}]}, [(PLAIN, "video")]),
    ({"media_urls": [{"url": PLAIN, "type": "IMAGE/PNG"}]}, [(PLAIN, "image")]),
    ({"media_urls": [{"url": PLAIN, "format": ".wav"}]}, [(PLAIN, "audio")]),
    ({"image_url": PLAIN}, [(PLAIN, "image")]),
    ({"image_urls": [IMAGE, PLAIN]}, [(IMAGE, "image"), (PLAIN, "image")]),
    ({"url": IMAGE}, [(IMAGE, "image")]),
    ({"video": PLAIN}, [(PLAIN, "video")]),
    ({"audio": PLAIN}, [(PLAIN, "audio")]),
    ({"video_url": VIDEO, "image": IMAGE}, [(VIDEO, "video")]),
    ({"output": {"url": IMAGE}}, [(IMAGE, "image")]),
    (
        {"output_url": "https://m.example/o.jsonl", "output_download_urls": [VIDEO, None, 7]},
        [("https://m.example/o.jsonl", "other"), (VIDEO, "video")],
    ),
    ({"thumbnail_image_url": IMAGE}, [(IMAGE, "image")]),
    ({"media_urls": [{"url": DATA}]}, [(DATA, "image")]),
    ({"payload": {"image": IMAGE}, "input": IMAGE, "nested": {"video_url": VIDEO}}, []),
    ({"video_url": None, "media_urls": None, "medias": 7, "candidates": [None, {}]}, []),
    ({}, []),
]


@pytest.mark.row("C")
@pytest.mark.parametrize(("outcome", "expected"), SHAPES)
def test_files_are_found_by_name_each_once(
    outcome: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    assert [(found.url, found.kind) for found in files(outcome)] == expected


@pytest.mark.row("C")
@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "ftp://m.example/x.mp4", "javascript:alert(1)", "data:text/html,<b>",
     "/x.mp4", "x", "", " ", "https://m.example/\ud800", "http:/x", "https://" + "x" * 70_000],
)  # fmt: skip
def test_only_web_addresses_are_files(url: str) -> None:
    assert files({"media_urls": [{"url": url}, url], "video_url": url, "url": url}) == []
    assert thumbnail({"thumbnail_image_url": url}) is None


@pytest.mark.parametrize("name", ["inlineData", "inline_data"])
@pytest.mark.parametrize("media", ["mimeType", "mime_type"])
def test_inline_images_are_data_uris_with_their_type(name: str, media: str) -> None:
    part = {name: {media: "image/png", "data": "aGk="}}
    (found,) = files({"candidates": [{"content": {"parts": [{"text": "here"}, part]}}]})
    assert found.url == DATA
    assert (found.kind, found.content_type, found.data) == ("image", "image/png", "aGk=")
    assert found.extension == "png"


def test_what_is_known_of_one_file_from_two_keys_is_put_together() -> None:
    (found,) = files(
        {
            "video_url": VIDEO,
            "duration_ms": 2500,
            "media_urls": [{"url": VIDEO, "width": 640, "height": 360}],
        }
    )
    assert (found.width, found.height, found.content_type) == (640, 360, "video/mp4")
    assert found.duration_s == 2.5


def test_the_thumbnail_is_known_and_is_no_artifact_beside_another() -> None:
    assert thumbnail({"video_url": VIDEO, "thumbnail_image_url": IMAGE}) == IMAGE
    assert thumbnail({}) is None


def test_files_know_their_place_and_are_made_by_whom_one_wants() -> None:
    class Mine(Found):
        pass

    first, second = files({"media_urls": [IMAGE, VIDEO]}, Handle("a/b"), Mine)
    assert (type(first), first.index, second.index) == (Mine, 0, 1)
    assert second.filename.startswith("a-b-")
    assert second.filename.endswith("-2.mp4")
    again = pickle.loads(pickle.dumps(files({"url": VIDEO}, Handle("j"))))
    assert (again[0].url, again[0].job) == (VIDEO, Handle("j"))


@pytest.mark.row("R21")
def test_no_repr_shows_a_signature_or_megabytes() -> None:
    (found,) = files({"video_url": f"{VIDEO}?X-Goog-Signature=secret"})
    assert found.url.endswith("secret")
    assert "secret" not in repr(found)
    assert "secret" not in repr(vars(found))
    (inline,) = files({"url": f"data:image/png;base64,{'A' * 1_000_000}"})
    assert len(repr(inline)) < 300


@pytest.mark.parametrize(
    ("url", "extension"),
    [
        ("https://m.example/a.MP4?sig=1.py", "mp4"),
        ("https://m.example/a.py", "bin"),
        ("https://m.example/a.sh", "bin"),
        ("https://m.example/a.html", "bin"),
        ("https://m.example/a", "bin"),
        ("https://[broken", "bin"),
    ],
)
def test_extensions_come_from_a_list_of_harmless_ones(url: str, extension: str) -> None:
    (found,) = files({"output_url": url})
    assert found.extension == extension


NAMES = [
    "video_url", "audio_url", "image_url", "image_urls", "media_urls", "medias", "url", "type",
    "format", "width", "candidates", "content", "parts", "inlineData", "mimeType", "data",
    "duration_ms", "output", "output_url", "output_download_urls", "thumbnail_image_url", "video",
]  # fmt: skip
TEXTS = st.one_of(
    st.text(max_size=30),
    st.sampled_from([VIDEO, DATA, "https://[", "http://\ud800", "data:;base64,", "image/png"]),
)
JSON = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.sampled_from([10**400, float("nan"), float("inf")]),
        TEXTS,
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(NAMES), inner, max_size=5),
    ),
    max_leaves=25,
)


@pytest.mark.row("R2")
@given(st.dictionaries(st.sampled_from(NAMES), JSON))
def test_no_outcome_can_break_the_reading(outcome: dict[str, Any]) -> None:
    found = files(outcome)
    assert len({one.url for one in found}) == len(found)
    for one in found:
        assert one.url.lower().startswith(("http://", "https://", "data:"))
        assert one.extension in {*BY_EXTENSION, "bin"}
        assert one.filename.encode()
        assert repr(one)
        assert one.width is None or one.width >= 0
    thumbnail(outcome)
