"""Number, format and size of the files follow what the payload asks for."""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from emulator_world import client_of, details, element, submitted
from hypothesis import given, settings
from hypothesis import strategies as st

from gmigen.emulator import Emulator, emulator
from gmigen.emulator.artifacts import CONTENT_TYPES, shipped
from gmigen.emulator.clips import clip
from gmigen.emulator.ordered import LARGEST_SIDE, LONGEST_SECONDS, MOST_FILES, ordered
from gmigen.emulator.pictures import picture, rows

FREE = [
    element("prompt", "string"),
    *(element(name, "anything") for name in ("n", "size", "output_format", "format", "resolution")),
    *(element(name, "anything") for name in ("image_size", "aspect_ratio", "max_images")),
    element("sequential_image_generation", "anything"),
    element("width", "anything"),
    element("height", "anything"),
    element("duration", "anything"),
]


@pytest.fixture
def world() -> Iterator[tuple[Emulator, httpx.Client]]:
    documents = {
        "picture": details("picture", "image", parameters=FREE),
        "hy-image-v3.5-preview": details("hy-image-v3.5-preview", "image", parameters=FREE),
        "gemini-picture": details("gemini-picture", "image", parameters=FREE),
        "speech": details("speech", "audio", parameters=FREE),
        "song": details("song", "audio", tags=["music"], parameters=FREE),
        "clip": details("clip", parameters=FREE),
        "by default": details(
            "by default",
            "image",
            parameters=[
                element("prompt", "string"),
                element("size", "string", default_value="64x32"),
                element("output_format", "enum", options=["jpeg", "png"], default_value="jpeg"),
            ],
        ),
    }
    with emulator(documents, job_seconds=0) as running, client_of(running) as client:
        yield running, client


def files(client: httpx.Client, model: str, **payload: Any) -> list[httpx.Response]:
    job_id = submitted(client, model, prompt="x", **payload)["request_id"]
    outcome = client.get(f"/requests/{job_id}").json()["outcome"]
    urls = outcome.get("media_urls") or [{"url": outcome["audio_url"]}]
    return [httpx.get(media["url"]) for media in urls]


def size_of(content: bytes) -> tuple[int, int]:
    """Width and height as the file's own head tells them."""
    if content.startswith(b"\x89PNG"):
        width, height = struct.unpack(">II", content[16:24])
    elif content.startswith(b"\xff\xd8"):
        at = content.index(b"\xff\xc0")
        height, width = struct.unpack(">HH", content[at + 5 : at + 9])
    else:
        assert content[8:16] == b"WEBPVP8L"
        bits = int.from_bytes(content[21:25], "little")
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    return width, height


@pytest.mark.parametrize(
    ("model", "payload", "count"),
    [
        ("picture", {}, 1),
        ("picture", {"n": 4}, 4),
        ("picture", {"n": "3"}, 3),
        ("picture", {"max_images": 3}, 1),
        ("picture", {"max_images": 3, "sequential_image_generation": "auto"}, 3),
        ("clip", {"n": 2}, 2),
        ("song", {"n": 2}, 2),
    ],
)
def test_there_are_as_many_files_as_were_asked_for(
    world: tuple[Emulator, httpx.Client], model: str, payload: dict[str, Any], count: int
) -> None:
    found = files(world[1], model, **payload)
    assert [answer.status_code for answer in found] == [200] * count
    assert len({answer.request.url for answer in found}) == count


@pytest.mark.parametrize(
    ("model", "payload", "extension"),
    [
        ("picture", {"output_format": "webp"}, "webp"),
        ("picture", {"output_format": "JPG"}, "jpeg"),
        ("picture", {"format": "image/png"}, "png"),
        ("picture", {"output_format": "tiff"}, "png"),
        ("by default", {}, "jpeg"),
        ("speech", {}, "wav"),
        ("speech", {"format": "mp3"}, "mp3"),
        ("speech", {"format": "flac"}, "flac"),
        ("speech", {"output_format": "mp3_44100_128"}, "mp3"),
        ("speech", {"format": "opus"}, "wav"),
        ("song", {"format": "wav"}, "wav"),
    ],
)
def test_a_file_has_the_format_asked_for_and_never_claims_another(
    world: tuple[Emulator, httpx.Client], model: str, payload: dict[str, Any], extension: str
) -> None:
    (answer,) = files(world[1], model, **payload)
    assert answer.url.path.endswith(f".{extension}")
    assert answer.headers["Content-Type"] == CONTENT_TYPES[extension]
    begins = {"png": b"\x89PNG", "jpeg": b"\xff\xd8\xff", "webp": b"RIFF", "wav": b"RIFF"}
    begins |= {"mp3": b"\xff\xf3", "flac": b"fLaC"}
    assert answer.content.startswith(begins[extension])


@pytest.mark.parametrize(
    ("payload", "size"),
    [
        ({"size": "1024x1536"}, (1024, 1536)),
        ({"size": "720*1280"}, (720, 1280)),
        ({"width": 333, "height": 77}, (333, 77)),
        ({"size": "2K"}, (2048, 2048)),
        ({"image_size": "1K", "aspect_ratio": "16:9"}, (1360, 768)),
        ({"image_size": "512"}, (512, 512)),
        ({"size": "auto"}, (320, 180)),
        ({"size": "0x5"}, (320, 180)),
        ({"size": "99999x99999"}, (320, 180)),
        ({}, (320, 180)),
    ],
)
@pytest.mark.parametrize("format", ["png", "jpeg", "webp"])
def test_a_picture_has_the_size_asked_for(
    world: tuple[Emulator, httpx.Client],
    payload: dict[str, Any],
    size: tuple[int, int],
    format: str,
) -> None:
    (answer,) = files(world[1], "picture", output_format=format, **payload)
    assert size_of(answer.content) == size


def boxes(content: bytes) -> dict[bytes, bytes]:
    """Every box of an MP4 by its name, the boxes inside it included; the last of a name wins."""
    found: dict[bytes, bytes] = {}
    place = 0
    while place < len(content):
        size, kind = struct.unpack(">I4s", content[place : place + 8])
        assert 8 <= size <= len(content) - place
        found[kind] = content[place + 8 : place + size]
        if kind in (b"moov", b"trak", b"mdia", b"minf", b"stbl"):
            found |= boxes(found[kind])
        place += size
    return found


@pytest.mark.parametrize(
    ("payload", "size", "seconds"),
    [
        ({"resolution": "720p", "aspect_ratio": "16:9", "duration": 5}, (1280, 720), 5),
        ({"resolution": "1080P", "duration": "10s"}, (1920, 1080), 10),
        ({"aspect_ratio": "9:16", "duration": "4"}, (720, 1280), 4),
        ({"size": "1088*832"}, (1088, 832), 2),
        ({"size": "1920x1080", "duration": 6.4}, (1920, 1080), 6),
        ({"duration": 8}, (320, 180), 8),
        ({"duration": -1}, (320, 180), 1.5),
        ({}, (320, 180), 1.5),
    ],
)
def test_a_clip_has_the_size_and_length_asked_for(
    world: tuple[Emulator, httpx.Client],
    payload: dict[str, Any],
    size: tuple[int, int],
    seconds: float,
) -> None:
    (answer,) = files(world[1], "clip", **payload)
    found = boxes(answer.content)
    width, height = struct.unpack(">II", found[b"tkhd"][76:84])
    scale, length = struct.unpack(">II", found[b"mvhd"][12:20])
    assert (width >> 16, height >> 16, length / scale) == (*size, seconds)
    count = struct.unpack(">I", found[b"stsz"][8:12])[0]
    sizes = struct.unpack(f">{count}I", found[b"stsz"][12 : 12 + 4 * count])
    start = struct.unpack(">I", found[b"stco"][8:12])[0]
    assert answer.content[start : start + sum(sizes)] == found[b"mdat"][: sum(sizes)]


def test_the_units_of_a_clip_are_as_long_as_they_say_and_hold_no_start_of_another() -> None:
    found = boxes(clip(962, 962, 3))
    units, place = [], 0
    while place < len(found[b"mdat"]):
        length = struct.unpack(">I", found[b"mdat"][place : place + 4])[0]
        units.append(found[b"mdat"][place + 4 : place + 4 + length])
        place += 4 + length
    assert [unit[0] for unit in units] == [0x65] + [0x41] * 11
    assert not any(mark in unit for unit in units for mark in (b"\0\0\0", b"\0\0\1", b"\0\0\2"))


def test_what_is_not_sent_is_as_the_details_say(world: tuple[Emulator, httpx.Client]) -> None:
    (answer,) = files(world[1], "by default")
    assert size_of(answer.content) == (64, 32)


def test_hy_image_rounds_down(world: tuple[Emulator, httpx.Client]) -> None:
    (answer,) = files(world[1], "hy-image-v3.5-preview", size="1920x1080")
    assert size_of(answer.content) == (1920, 1072)


def test_an_inline_picture_follows_too() -> None:
    document = details("gemini-x", "image", parameters=FREE)
    with (
        emulator({"gemini-x": document}, job_seconds=0, inline_images=True) as running,
        client_of(running) as client,
    ):
        asked = {"size": "64x48", "output_format": "jpeg", "n": 2, "prompt": "x"}
        job_id = submitted(client, "gemini-x", **asked)["request_id"]
        outcome = client.get(f"/requests/{job_id}").json()["outcome"]
    parts = [one["content"]["parts"][0]["inlineData"] for one in outcome["candidates"]]
    assert [part["mimeType"] for part in parts] == ["image/jpeg"] * 2
    assert size_of(base64.b64decode(parts[0]["data"])) == (64, 48)


def unpacked(content: bytes) -> list[str]:
    """The pixels of one of our own PNGs, a text of bits for each row."""
    place, data = 8, b""
    while place < len(content):
        length, kind = struct.unpack(">I4s", content[place : place + 8])
        data += content[place + 8 : place + 8 + length] * (kind == b"IDAT")
        place += length + 12
    width, height = size_of(content)
    stride = 1 + (width + 7) // 8
    pixels = zlib.decompress(data)
    assert len(pixels) == stride * height
    lines = [pixels[at + 1 : at + stride] for at in range(0, len(pixels), stride)]
    return ["".join(f"{byte:08b}" for byte in line)[:width] for line in lines]


@given(st.integers(1, 600), st.integers(1, 600))
@settings(max_examples=40, deadline=None)
def test_a_picture_of_any_size_is_whole_and_says_what_it_is(width: int, height: int) -> None:
    assert unpacked(picture("png", width, height)) == rows(width, height)
    for extension in ("jpeg", "webp"):
        assert size_of(picture(extension, width, height)) == (width, height)
    assert {len(row) for row in rows(width, height)} == {width}
    assert len(rows(width, height)) == height


def test_a_webp_holds_a_bit_for_each_pixel_and_says_its_own_length() -> None:
    content = picture("webp", 320, 180)
    assert struct.unpack("<I", content[4:8])[0] == len(content) - 8
    size = struct.unpack("<I", content[16:20])[0]
    assert len(content) == 20 + size + size % 2
    bits = "".join(f"{byte:08b}"[::-1] for byte in content[20 : 20 + size])
    assert "".join(rows(320, 180)) in bits


def test_a_jpeg_decodes_to_the_blocks_it_was_made_of() -> None:
    """The entropy-coded part, read back with the tables in the file."""
    content = picture("jpeg", 640, 320)
    scan = content[content.index(b"\xff\xda") + 10 : -2].replace(b"\xff\x00", b"\xff")
    bits = "".join(f"{byte:08b}" for byte in scan)
    codes = {"00": 0, "010": 1, "011": 2, "100": 3, "101": 4, "110": 5, "1110": 6}
    codes |= {"11110": 7, "111110": 8}
    place, level, blocks = 0, 0, []
    while len(blocks) < 80 * 40:
        end = next(e for e in range(2, 7) if bits[place : place + e] in codes)
        length = codes[bits[place : place + end]]
        place += end
        if length:
            value = int(bits[place : place + length], 2)
            level += value if bits[place] == "1" else value - (1 << length) + 1
        assert bits[place + length] == "0", "the end of a block"
        place += length + 1
        blocks.append(level + 128)
    assert "".join(str(int(block > 128)) for block in blocks) == "".join(rows(80, 40))
    assert set(bits[place:]) <= {"1"}


def test_a_flac_ends_in_the_checksum_of_its_frame() -> None:
    content = shipped("flac").content
    frame, said = content[42:-2], content[-2:]
    value = 0
    for bit in "".join(f"{byte:08b}" for byte in frame) + "0" * 16:
        value = (value << 1 | int(bit)) ^ (0x18005 if value & 0x8000 else 0)
    assert value.to_bytes(2, "big") == said
    assert content[42:44] == b"\xff\xf8"
    assert len(frame) == 9 + 2 * 4000


NAMES = ("n", "size", "duration", "resolution", "output_format", "image_size", "aspect_ratio")
names = st.sampled_from([*NAMES, "width", "height"])
values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=12),
    st.just([1]),
    st.from_regex(r"[0-9]{1,4}([xp:s*][0-9]{0,4})?", fullmatch=True),
)


@given(st.sampled_from(["video", "image", "speech", "music"]), st.dictionaries(names, values))
@settings(max_examples=300, deadline=None)
def test_whatever_a_payload_says_the_order_can_be_filled(kind: Any, payload: Any) -> None:
    order = ordered(kind, payload)
    assert 1 <= order.count <= MOST_FILES
    assert order.extension in CONTENT_TYPES
    assert order.seconds is None or 0 < order.seconds <= LONGEST_SECONDS
    assert order.size is None or all(0 < side <= LARGEST_SIDE for side in order.size)
