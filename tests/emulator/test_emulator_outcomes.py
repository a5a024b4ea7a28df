"""What finished jobs return, and that the files are what they say."""

from __future__ import annotations

import base64
import hashlib
import io
import struct
import wave
import zlib
from collections.abc import Iterator
from typing import Any

import av
import httpx
import pytest
from emulator_world import client_of, submitted

from gmigen.emulator import Emulator, emulator
from gmigen.emulator.artifacts import CONTENT_TYPES, crc32c, shipped


def outcome_of(running: Emulator, client: httpx.Client, model: str) -> dict[str, Any]:
    job_id = submitted(client, model)["request_id"]
    running.clock.advance(100)
    outcome: dict[str, Any] = client.get(f"/requests/{job_id}").json()["outcome"]
    return outcome


def test_a_video_job_returns_a_clip_and_a_thumbnail(
    running: Emulator, client: httpx.Client
) -> None:
    outcome = outcome_of(running, client, "clip-1")
    assert list(outcome) == ["video_url", "thumbnail_image_url", "media_urls"]
    assert outcome["media_urls"] == [{"id": "0", "url": outcome["video_url"]}]
    assert outcome["video_url"].endswith("/0.mp4")
    assert httpx.get(outcome["video_url"]).headers["Content-Type"] == "video/mp4"
    assert httpx.get(outcome["thumbnail_image_url"]).headers["Content-Type"] == "image/png"


def test_an_image_job_returns_a_list_of_media(running: Emulator, client: httpx.Client) -> None:
    outcome = outcome_of(running, client, "picture-1")
    assert [media["id"] for media in outcome["media_urls"]] == ["0"]
    assert httpx.get(outcome["media_urls"][0]["url"]).content == shipped("png").content


def test_a_gemini_image_job_returns_media_like_every_other(
    running: Emulator, client: httpx.Client
) -> None:
    outcome = outcome_of(running, client, "gemini-picture")
    assert httpx.get(outcome["media_urls"][0]["url"]).content == shipped("png").content


def test_a_gemini_image_job_returns_its_picture_inline_where_asked(
    documents: dict[str, bytes],
) -> None:
    with (
        emulator(documents, inline_images=True, job_seconds=0) as running,
        client_of(running) as client,
    ):
        outcome = outcome_of(running, client, "gemini-picture")
        assert "media_urls" in outcome_of(running, client, "picture-1")
    inline = outcome["candidates"][0]["content"]["parts"][0]["inlineData"]
    assert inline["mimeType"] == "image/png"
    assert base64.b64decode(inline["data"]) == shipped("png").content


def test_a_speech_job_returns_one_sound(running: Emulator, client: httpx.Client) -> None:
    outcome = outcome_of(running, client, "speech-1")
    assert (outcome["format"], outcome["duration_ms"]) == ("wav", 500)
    assert httpx.get(outcome["audio_url"]).headers["Content-Type"] == "audio/wav"


def test_a_music_job_names_one_file_in_three_places(
    running: Emulator, client: httpx.Client
) -> None:
    outcome = outcome_of(running, client, "song-1")
    song = outcome["audio_url"]
    assert song == outcome["medias"][0]["url"] == outcome["media_urls"][0]["url"]
    assert httpx.get(song).headers["Content-Type"] == "audio/mpeg"


def test_an_artifact_is_not_there_before_its_job_has_ended(
    running: Emulator, client: httpx.Client
) -> None:
    job_id = submitted(client)["request_id"]
    answer = httpx.get(f"{running.files_url}/media/{job_id}/0.mp4")
    assert answer.status_code == 404
    assert "<Code>NoSuchKey</Code>" in answer.text


def test_a_job_has_only_the_artifacts_its_outcome_names(
    running: Emulator, client: httpx.Client
) -> None:
    outcome = outcome_of(running, client, "picture-1")
    stranger = outcome["media_urls"][0]["url"].replace("0.png", "0.mp4")
    assert httpx.get(stranger).status_code == 404


def test_artifacts_can_be_replaced_by_bytes_of_ones_own(documents: dict[str, bytes]) -> None:
    big = bytes(range(256)) * 4096
    with (
        emulator(documents, job_seconds=0, artifacts={"mp4": big}) as running,
        client_of(running) as client,
    ):
        assert httpx.get(outcome_of(running, client, "clip-1")["video_url"]).content == big


def test_an_artifact_of_an_unknown_extension_is_refused(documents: dict[str, bytes]) -> None:
    with (
        pytest.raises(ValueError, match="'gif'"),
        emulator(documents, artifacts={"gif": b""}),
    ):
        pass


def test_checksums_are_those_of_the_bytes(running: Emulator, client: httpx.Client) -> None:
    answer = httpx.get(outcome_of(running, client, "clip-1")["video_url"])
    hashes = dict(part.split("=", 1) for part in answer.headers["x-goog-hash"].split(","))
    assert base64.b64decode(hashes["md5"]) == hashlib.md5(answer.content).digest()
    assert base64.b64decode(hashes["crc32c"]) == crc32c(answer.content).to_bytes(4, "big")
    assert answer.headers["ETag"] == f'"{hashlib.md5(answer.content).hexdigest()}"'


def test_crc32c_gives_the_published_check_value() -> None:
    assert crc32c(b"123456789") == 0xE3069283


def test_the_picture_is_a_png_whose_pixels_unpack() -> None:
    content = shipped("png").content
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    chunks = list(png_chunks(content))
    width, height, depth, colour = struct.unpack(">IIBB", chunks[0][1][:10])
    assert (width, height, depth, colour) == (320, 180, 8, 2)
    pixels = zlib.decompress(b"".join(data for kind, data in chunks if kind == b"IDAT"))
    assert len(pixels) == height * (1 + 3 * width)
    assert len(set(pixels)) > 16, "a blank picture would not say that it is synthetic"


def png_chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    place = 8
    while place < len(content):
        (size,) = struct.unpack(">I", content[place : place + 4])
        kind, data = content[place + 4 : place + 8], content[place + 8 : place + 8 + size]
        (crc,) = struct.unpack(">I", content[place + 8 + size : place + 12 + size])
        assert crc == zlib.crc32(kind + data)
        yield kind, data
        place += 12 + size


def test_the_clip_is_an_mp4_that_can_start_before_it_is_whole() -> None:
    content = shipped("mp4").content
    boxes = dict(mp4_boxes(content))
    assert list(boxes)[:2] == [b"ftyp", b"moov"]
    assert b"mdat" in boxes
    movie = dict(mp4_boxes(boxes[b"moov"]))
    timescale, duration = struct.unpack(">II", movie[b"mvhd"][12:20])
    assert duration / timescale == 1.5
    assert b"avc1" in movie[b"trak"]


def mp4_boxes(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    place = 0
    while place < len(content):
        size, kind = struct.unpack(">I4s", content[place : place + 8])
        assert 8 <= size <= len(content) - place
        yield kind, content[place + 8 : place + size]
        place += size


def test_the_sound_is_a_wav_of_half_a_second_that_is_not_silent() -> None:
    with wave.open(io.BytesIO(shipped("wav").content)) as sound:
        assert sound.getnframes() / sound.getframerate() == 0.5
        assert len(set(sound.readframes(400))) > 16


def test_the_song_is_a_chain_of_mp3_frames_to_its_very_end() -> None:
    content = shipped("mp3").content
    place = frames = 0
    while place < len(content):
        sync, rates = struct.unpack(">HB", content[place : place + 3])
        assert sync & 0xFFFE == 0xFFF2, "MPEG-2 layer III"
        assert rates >> 2 == 0b010000, "32 kbit/s at 22.05 kHz"
        place += 72 * 32000 // 22050 + (rates >> 1 & 1)
        frames += 1
    assert place == len(content)
    assert frames * 576 / 22050 >= 1


@pytest.mark.parametrize(
    ("extension", "codec", "frames"),
    [("mp4", "h264", 18), ("png", "png", 1), ("wav", "pcm_s16le", 1), ("mp3", "mp3", 1)],
)
def test_ffmpeg_decodes_every_artifact_to_its_end(extension: str, codec: str, frames: int) -> None:
    with av.open(io.BytesIO(shipped(extension).content)) as container:
        [stream] = container.streams
        assert stream.codec_context.name.removesuffix("float") == codec
        assert len([*container.decode(stream)]) >= frames


def test_every_shipped_file_is_small() -> None:
    assert all(len(shipped(extension).content) < 10_000 for extension in CONTENT_TYPES)
