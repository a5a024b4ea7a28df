"""Outcomes: every known shape is read by name, and nothing else is taken for a file."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gmigen.runtime.files.media_types import BY_EXTENSION
from gmigen.runtime.files.outcome import files, thumbnail

VIDEO = "https://media.example/v.mp4"
IMAGE = "https://media.example/i.png"
OTHER = "https://media.example/j.webp"
AUDIO = "https://media.example/a.mp3"


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        ({"video_url": VIDEO, "thumbnail_image_url": IMAGE}, [(VIDEO, "video")]),
        ({"video_url": VIDEO, "thumbnail_image_url": VIDEO}, [(VIDEO, "video")]),
        ({"video_url": VIDEO, "media_urls": [{"id": "0", "url": VIDEO}]}, [(VIDEO, "video")]),
        (
            {
                "media_urls": [{"id": "0", "url": IMAGE}, {"id": "1", "url": OTHER}],
                "thumbnail_image_url": IMAGE,
            },
            [(IMAGE, "image"), (OTHER, "image")],
        ),
        ({"media_urls": [IMAGE, OTHER]}, [(IMAGE, "image"), (OTHER, "image")]),
        ({"audio_url": AUDIO, "format": "mp3", "status": "ok"}, [(AUDIO, "audio")]),
        ({"media_urls": [{"id": "0", "url": AUDIO}], "voice_id": ""}, [(AUDIO, "audio")]),
        (
            {
                "audio_url": AUDIO,
                "medias": [{"id": "0", "url": AUDIO, "type": "audio"}],
                "media_urls": [AUDIO],
            },
            [(AUDIO, "audio")],
        ),
        (
            {"media_urls": [{"url": "https://media.example/x", "type": "video"}]},
            [("https://media.example/x", "video")],
        ),
        ({"output_url": "https://m.example/o.jsonl"}, [("https://m.example/o.jsonl", "other")]),
        ({"output_download_urls": [VIDEO, None, 7]}, [(VIDEO, "video")]),
        ({"thumbnail_image_url": IMAGE}, [(IMAGE, "image")]),
        (
            {
                "payload": {"image": IMAGE},
                "input": IMAGE,
                "url": OTHER,
                "nested": {"video_url": VIDEO},
            },
            [(OTHER, "image")],
        ),
        ({"video_url": None, "media_urls": None, "medias": "x", "candidates": [None, {}]}, []),
        ({}, []),
    ],
)
def test_files_are_found_by_name_each_once(
    outcome: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    assert [(found.url, found.kind) for found in files(outcome)] == expected


def test_inline_images_are_data_uris_with_their_type() -> None:
    part = {"inlineData": {"mimeType": "image/png", "data": "aGk="}}
    outcome = {"candidates": [{"content": {"parts": [{"text": "here"}, part]}}]}
    (found,) = files(outcome)
    assert found.url == "data:image/png;base64,aGk="
    assert (found.kind, found.content_type, found.data) == ("image", "image/png", "aGk=")
    assert found.extension == "png"


def test_what_is_known_of_one_file_from_two_keys_is_put_together() -> None:
    (found,) = files(
        {"video_url": VIDEO, "media_urls": [{"url": VIDEO, "width": 640, "height": 360}]}
    )
    assert (found.width, found.height, found.content_type) == (640, 360, "video/mp4")


def test_the_length_of_audio_is_in_seconds() -> None:
    (found,) = files({"audio_url": AUDIO, "duration_ms": 2500})
    assert found.duration_s == 2.5


def test_the_thumbnail_is_known_and_is_no_artifact() -> None:
    outcome = {"video_url": VIDEO, "thumbnail_image_url": IMAGE}
    assert thumbnail(outcome) == IMAGE
    assert thumbnail({}) is None


@pytest.mark.parametrize(
    ("url", "extension"),
    [
        ("https://m.example/a.MP4?sig=1.py", "mp4"),
        ("https://m.example/a.py", "bin"),
        ("https://m.example/a.sh", "bin"),
        ("https://m.example/a", "bin"),
        ("https://[broken", "bin"),
    ],
)
def test_extensions_come_from_a_list_of_harmless_ones(url: str, extension: str) -> None:
    (found,) = files({"output_url": url})
    assert found.extension == extension


_JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=30)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(
                ["video_url", "audio_url", "media_urls", "medias", "url", "type", "format", "width",
                 "candidates", "content", "parts", "inlineData", "mimeType", "data", "duration_ms",
                 "output_url", "output_download_urls", "thumbnail_image_url"]
            ),
            inner,
            max_size=5,
        ),
    ),
    max_leaves=20,
)  # fmt: skip


@given(st.dictionaries(st.sampled_from(["video_url", "media_urls", "medias", "candidates"]), _JSON))
def test_no_outcome_can_break_the_reading(outcome: dict[str, Any]) -> None:
    found = files(outcome)
    assert len({one.url for one in found}) == len(found)
    for one in found:
        assert one.extension in {*BY_EXTENSION, "bin"}
