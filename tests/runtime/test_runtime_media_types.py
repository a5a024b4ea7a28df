"""What a file is by its first bytes, and which of them the API takes."""

from __future__ import annotations

import pytest
from files_world import MP4, PNG, WEBP
from hypothesis import example, given
from hypothesis import strategies as st

from gmigen.runtime import media_types
from gmigen.runtime.media_types import Kind, is_text, sniff, unlike, uploadable

JPEG = b"\xff\xd8\xff\xe0" + bytes(60)
ID3 = b"ID3\x04" + bytes(60)
WAV = b"RIFF\x40\0\0\0WAVEfmt " + bytes(60)

WRONG: dict[str, bytes] = {
    "webp.png": WEBP,
    "gif.jpg": b"GIF89a" + bytes(60),
    "bmp.png": b"BM" + bytes(60),
    "tiff.jpg": b"II*\0" + bytes(60),
    "avif.jpg": b"\0\0\0\x20ftypavif" + bytes(60),
    "heic.jpg": b"\0\0\0\x18ftypheic" + bytes(60),
    "page.jpg": b"<!DOCTYPE html><html><body>404</body></html>",
    "late.jpg": b"\xef\xbb\xbf \n<HTML><title>404</title>",
    "svg.png": b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>',
    "error.png": b"<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>",
    "pdf.png": b"%PDF-1.7\n" + b"x" * 50,
    "webm.mp4": b"\x1aE\xdf\xa3" + bytes(60),
    "mov.mp4": b"\0\0\0\x14ftypqt  " + bytes(60),
    "avi.mp4": b"RIFF\x40\0\0\0AVI LIST" + bytes(60),
    "ogg.mp3": b"OggS" + bytes(60),
    "flac.wav": b"fLaC" + bytes(60),
    "m4a.mp3": b"\0\0\0\x1cftypM4A " + bytes(60),
    "aac.mp3": b"\xff\xf1" + bytes(60),
    "lfs.png": b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n",
    "lfs.mp4": b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n",
    "json.png": b'{"error":"not found"}',
    "text.mp3": b"hello, this is a text",
    "text.mp4": "schöne Grüße".encode(),
    "zip.png": b"PK\x03\x04" + bytes(60),
    "zeros.png": bytes(60),
    "zeros.jpg": bytes(60),
    "zeros.wav": bytes(60),
    "zeros": bytes(60),
    "empty.png": b"",
    "mp4.png": MP4,
    "png.mp4": PNG,
    "png.mp3": PNG,
}


@pytest.mark.row("F3")
@pytest.mark.parametrize("name", WRONG)
@pytest.mark.parametrize("kind", ["image", "video", "audio", "other"])
def test_what_is_surely_wrong_is_refused_with_a_reason(name: str, kind: Kind) -> None:
    found, why = uploadable(name, WRONG[name], kind)
    assert found is None
    assert why.startswith("is ")


RIGHT = {
    "a.png": (PNG, "png", "image"),
    "a.jpg": (JPEG, "jpeg", "image"),
    "a.jpeg": (JPEG, "jpeg", "image"),
    "mislabelled.png": (JPEG, "jpeg", "image"),
    "nameless": (PNG, "png", "image"),
    "A.MP4": (MP4, "mp4", "video"),
    "old.mp4": (b"\0\0\0\x08wide\0\1\2\3mdat" + bytes(60), "mp4", "video"),
    "a.mp3": (ID3, "mp3", "audio"),
    "bare.mp3": (b"\xff\xfb\x90\0" + bytes(60), "mp3", "audio"),
    "padded.mp3": (bytes(60), "mp3", "audio"),
    "a.wav": (WAV, "wav", "audio"),
    "sound.mp4": (MP4, "mp4", "audio"),
}


@pytest.mark.parametrize("name", RIGHT)
def test_what_the_api_takes_is_taken_under_its_word(name: str) -> None:
    start, word, kind = RIGHT[name]
    for field in ("other", kind):
        found, why = uploadable(name, start, field)  # type: ignore[arg-type]
        assert found is not None, why
        assert found.upload_word == word


@pytest.mark.row("F3")
@pytest.mark.parametrize(
    ("start", "kind"),
    [
        (MP4, "image"),
        (PNG, "video"),
        (PNG, "audio"),
        (ID3, "image"),
        (WAV, "image"),
        (ID3, "video"),
        (WAV, "video"),
    ],
)
def test_another_medium_than_the_field_takes_is_refused(start: bytes, kind: Kind) -> None:
    found, why = uploadable("given", start, kind)
    assert found is None
    assert "the field takes" in why


@pytest.mark.row("F3")
@pytest.mark.parametrize(
    ("name", "way"),
    [("webp.png", "Pillow"), ("heic.jpg", "heif"), ("lfs.png", "lfs pull"), ("webm.mp4", "ffmpeg")],
)
def test_the_way_to_convert_is_told(name: str, way: str) -> None:
    assert way in uploadable(name, WRONG[name], "other")[1]


@given(st.binary(max_size=600), st.sampled_from(["image", "video", "audio", "other"]), st.text())
@example(b"\xff", "image", "\0")
@example(b"<", "video", "text/html")
@example("é".encode() * 256 + b"\xc3", "image", "text/plain")
def test_no_bytes_break_the_reading(start: bytes, kind: Kind, header: str) -> None:
    sniff(start)
    is_text(start)
    assert unlike("other", start, header) is None
    unlike(kind, start, header)
    found, why = uploadable(header, start, kind)
    assert (found is None) == bool(why)
    media_types.by_content_type(header)


def test_a_letter_cut_in_two_is_still_text() -> None:
    assert is_text("é".encode() * 255 + b"a" + "é".encode())
    assert not is_text(b"ab\0cd")
    assert not is_text(b"\xff\xfe")
