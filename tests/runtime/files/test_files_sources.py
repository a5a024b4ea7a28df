"""A local file in any shape is read whole, as it stands, and sent as it was read."""

# ruff: noqa: SIM115

from __future__ import annotations

import asyncio
import hashlib
import io
import os
import struct
import tempfile
import threading
import urllib.request
import zipfile
import zlib
from collections.abc import Callable
from contextlib import closing, nullcontext
from pathlib import Path
from typing import Any

import pytest
from files_world import MP4, PNG, WEBP, Answer, in_turn, storing

from gmigen.runtime.errors import UploadError
from gmigen.runtime.files import sources
from gmigen.runtime.files.sources import Source, prepare

BIG = PNG + bytes(1_000_000)


def content(source: Source) -> bytes:
    try:
        return b"".join(source.chunks())
    finally:
        source.close()


class Pipe(io.RawIOBase):
    """A stream that can be read once."""

    def __init__(self, data: bytes) -> None:
        self._stream = io.BytesIO(data)

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        return self._stream.read(size)


class Fspath:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __fspath__(self) -> str:
        return str(self.path)


class Upload:
    """What a web framework hands over: an asynchronous face of a file."""

    filename = "cat.png"

    def __init__(self, data: bytes) -> None:
        self.file = io.BytesIO(data)

    async def read(self, size: int = -1) -> bytes:
        return self.file.read(size)


class Response:
    """What an HTTP library answers with: `read` takes no size."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def read(self) -> bytes:
        return self.data


def written(stream: Any) -> Any:
    stream.write(BIG)
    return stream


def member() -> Any:
    archive = zipfile.ZipFile(io.BytesIO(), "w")
    archive.writestr("cat.png", BIG)
    return archive.open("cat.png")


def entry(path: Path) -> Any:
    with os.scandir(path.parent) as entries:
        return next(found for found in entries if found.name == path.name)


def mapped(path: Path) -> Any:
    import mmap

    with path.open("rb") as stream:
        return mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)


SHAPES: dict[str, Callable[[Path], Any]] = {
    "path": lambda path: path,
    "path by duck": Fspath,
    "folder entry": entry,
    "bytes": lambda _: BIG,
    "bytearray": lambda _: bytearray(BIG),
    "memory": lambda _: memoryview(BIG),
    "file": lambda path: path.open("rb"),
    "raw file": lambda path: path.open("rb", buffering=0),
    "stream": lambda _: io.BytesIO(BIG),
    "pipe": lambda _: Pipe(BIG),
    "left at its end": lambda _: written(io.BytesIO()),
    "a temporary file left at its end": lambda _: written(tempfile.TemporaryFile()),
    "a spooled file left at its end": lambda _: written(tempfile.SpooledTemporaryFile()),
    "a named file left at its end": lambda _: written(tempfile.NamedTemporaryFile()),
    "in an archive": lambda _: member(),
    "memory map": mapped,
    "upload": lambda _: Upload(BIG),
    "response": lambda _: Response(BIG),
}


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "cat.png"
    path.write_bytes(BIG)
    return path


@pytest.mark.row("F24")
@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_is_read_whole_and_again(picture: Path, shape: str) -> None:
    given = SHAPES[shape](picture)
    with closing(given) if hasattr(given, "close") else nullcontext():
        source = prepare(given)
        assert (source.size, source.sha256) == (len(BIG), hashlib.sha256(BIG).hexdigest())
        assert b"".join(source.chunks()) == BIG
        assert content(source) == BIG


@pytest.mark.row("F24")
def test_an_answer_of_the_standard_library_is_a_file() -> None:
    for chunked in (True, False):
        with (
            storing(in_turn(Answer(BIG, chunked=chunked))) as storage,
            urllib.request.urlopen(storage.url) as response,
        ):
            assert content(prepare(response)) == BIG


@pytest.mark.row("F1")
def test_a_stream_is_read_from_where_it_stands_and_left_there() -> None:
    stream = io.BytesIO(PNG + BIG)
    stream.seek(len(PNG))
    assert content(prepare(stream)) == BIG
    assert stream.tell() == len(PNG)
    stream.seek(0, os.SEEK_END)
    assert content(prepare(stream)) == PNG + BIG
    assert stream.tell() == len(PNG + BIG)


@pytest.mark.row("F1")
@pytest.mark.parametrize("shape", ["BytesIO", "file"])
def test_one_open_file_given_to_many_at_once_is_whole_for_each(picture: Path, shape: str) -> None:
    crowd = 9
    shared: Any = io.BytesIO(BIG) if shape == "BytesIO" else picture.open("rb")
    start, read = threading.Barrier(crowd), [b""] * crowd

    def one(number: int) -> None:
        start.wait(10)
        read[number] = content(prepare(shared))

    threads = [threading.Thread(target=one, args=(number,)) for number in range(crowd)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    shared.close()
    assert [data == BIG for data in read] == [True] * crowd

    async def gather() -> list[bytes]:
        stream = io.BytesIO(BIG)
        return await asyncio.gather(
            *[asyncio.to_thread(lambda: content(prepare(stream))) for _ in range(crowd)]
        )

    assert asyncio.run(gather()) == [BIG] * crowd


@pytest.mark.row("F1")
def test_what_leaves_is_what_was_read(picture: Path) -> None:
    stream = io.BytesIO(BIG)
    source = prepare(stream)
    stream.write(b"something else")
    assert content(source) == BIG
    data = bytearray(BIG)
    source = prepare(data)
    data[:4] = b"xxxx"
    assert content(source) == BIG


@pytest.mark.parametrize("change", ["grown", "shrunk", "emptied", "edited", "edited at the end"])
def test_a_file_that_changes_never_leaves_whole(picture: Path, change: str) -> None:
    source = prepare(picture)
    when = picture.stat()
    changed = {
        "grown": BIG + b"x",
        "shrunk": BIG[:-1],
        "emptied": b"",
        "edited": PNG[:20] + b"x" + BIG[21:],
        "edited at the end": BIG[:-1] + b"x",
    }[change]
    picture.write_bytes(changed)
    os.utime(picture, ns=(when.st_atime_ns, when.st_mtime_ns))
    pieces = io.BytesIO()
    with pytest.raises(UploadError, match=r"cat\.png changed while it was read"):
        pieces.writelines(source.chunks())
    assert pieces.tell() < source.size


def test_a_file_that_vanishes_is_a_sentence(picture: Path) -> None:
    source = prepare(picture)
    picture.unlink()
    with pytest.raises(UploadError, match="cannot be read"):
        content(source)


@pytest.mark.row("R16")
@pytest.mark.parametrize(
    "place",
    ["fifo", "/dev/zero", "/dev/full", "/dev/null", "folder", "/proc/self/mem",
     "/proc/self/pagemap", "gone", "empty"],
)  # fmt: skip
@pytest.mark.parametrize("opened", [False, True])
def test_what_never_ends_or_is_no_file_is_refused_at_once(
    tmp_path: Path, place: str, opened: bool
) -> None:
    path = Path(place) if place.startswith("/") else tmp_path / f"{place}.png"
    if place == "fifo":
        os.mkfifo(path)
    elif place == "folder":
        path.mkdir()
    elif place == "empty":
        path.write_bytes(b"")
    if opened and (place in ("fifo", "folder", "gone") or place.startswith("/proc")):
        pytest.skip("it cannot be opened, or is read to its end")
    if not opened:
        with pytest.raises(UploadError):
            prepare(path)
        return
    with path.open("rb") as stream, pytest.raises(UploadError):
        prepare(stream)


@pytest.mark.row("R16")
def test_a_stream_that_does_not_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "STREAM_LIMIT", 1_000_000)

    class Endless:
        taken = 0

        def read(self, size: int) -> bytes:
            self.taken += size
            return bytes(size)

    stream = Endless()
    with pytest.raises(UploadError, match="did not end within 1000000 bytes"):
        prepare(stream)
    assert stream.taken < 2_000_000


class Nonblocking:
    def read(self, size: int) -> Any:
        return b"" if not size else None


class Later:
    def read(self, size: int) -> Any:
        async def data() -> bytes:
            return BIG

        return data()


class Async:
    async def read(self, size: int) -> bytes:
        return BIG


@pytest.mark.row("F24")
@pytest.mark.row("R22")
@pytest.mark.parametrize(
    ("value", "words"),
    [
        (io.StringIO("text"), 'mode "rb"'),
        (Async(), "await file.read"),
        (Later(), "instead of bytes"),
        (Nonblocking(), "NoneType instead of bytes"),
        (Response("text"), "text"),  # type: ignore[arg-type]
        (Path("a\0b.png"), "cannot be read"),
        (Path("\ud800.png"), "cannot be read"),
        (Path("a" * 300 + ".png"), "cannot be read"),
        (b"", "empty"),
        (io.BytesIO(), "empty"),
        (b"hello", "The API takes png"),
        (WEBP, "Pillow"),
    ],
)
def test_what_cannot_be_taken_is_a_sentence(value: Any, words: str) -> None:
    with pytest.raises(UploadError, match=words) as raised:
        prepare(value)
    assert str(raised.value).encode()


@pytest.mark.row("R22")
def test_closed_and_write_only_files_are_sentences(picture: Path) -> None:
    stream = picture.open("rb")
    stream.close()
    with pytest.raises(UploadError, match="closed"):
        prepare(stream)
    with picture.open("ab") as stream, pytest.raises(UploadError, match="cannot be read"):
        prepare(stream)


def test_what_an_object_of_the_caller_raises_is_the_callers() -> None:
    class Mine:
        def read(self, size: int) -> bytes:
            raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        prepare(Mine())

    class Broken:
        def read(self, size: int) -> bytes:
            raise OSError("the cable was pulled")

    with pytest.raises(UploadError, match="cable"):
        prepare(Broken())


@pytest.mark.row("F14")
def test_no_temporary_folder_is_a_sentence(monkeypatch: pytest.MonkeyPatch, picture: Path) -> None:
    monkeypatch.setattr(tempfile, "tempdir", "/nowhere/at/all")
    with pytest.raises(UploadError, match="TMPDIR"):
        prepare(Pipe(PNG + bytes(4_000_000)))
    assert content(prepare(Pipe(PNG))) == PNG
    assert content(prepare(picture)) == BIG


def unpng(data: bytes) -> tuple[int, int, int, bytes]:
    """Width, height, colour type and the rows of a PNG without filters."""
    at, packed, head = 8, b"", (0, 0, 0, 0)
    while at < len(data):
        (size,) = struct.unpack(">I", data[at : at + 4])
        name, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + size]
        assert struct.unpack(">I", data[at + 8 + size : at + 12 + size])[0] == zlib.crc32(
            name + body
        )
        if name == b"IHDR":
            head = struct.unpack(">IIBB", body[:10])
        elif name == b"IDAT":
            packed += body
        at += 12 + size
    return head[0], head[1], head[3], zlib.decompress(packed)


class Array:
    """An array as numpy has it, as far as anybody asks."""

    def __init__(self, shape: tuple[int, ...], typestr: str = "|u1") -> None:
        self.shape = shape
        size = 1
        for length in shape:
            size *= length
        self.data = bytes(number % 251 for number in range(size))
        self.__array_interface__ = {"typestr": typestr, "shape": shape, "version": 3}

    def tobytes(self) -> bytes:
        return self.data


@pytest.mark.parametrize(
    ("shape", "color"), [((2, 3), 0), ((2, 3, 1), 0), ((5, 4, 3), 2), ((1, 1, 4), 6)]
)
def test_an_array_becomes_a_png(shape: tuple[int, ...], color: int) -> None:
    array = Array(shape)
    source = prepare(array)
    assert (source.type.upload_word, source.type.content_type) == ("png", "image/png")
    width, height, found, rows = unpng(content(source))
    assert (height, width, found) == (*shape[:2], color)
    step = len(rows) // height
    assert b"".join(rows[at + 1 : at + step] for at in range(0, len(rows), step)) == array.data


@pytest.mark.parametrize(
    "array",
    [
        Array((2, 3), "<f8"),
        Array((2, 3, 2)),
        Array((2,)),
        Array(()),
        Array((0, 3)),
        Array((2, 2, 3, 1)),
    ],
)
def test_an_array_that_is_no_picture_is_a_sentence(array: Array) -> None:
    with pytest.raises(UploadError, match="uint8"):
        prepare(array)


class Picture:
    """A picture as PIL has it."""

    mode, size = "RGB", (2, 2)

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error

    def save(self, stream: Any, format: str) -> None:
        if self.error is not None:
            raise self.error
        assert format == "PNG"
        stream.write(PNG)


def test_a_picture_writes_itself() -> None:
    assert content(prepare(Picture())) == PNG
    with pytest.raises(UploadError, match="CMYK"):
        prepare(Picture(OSError("cannot write mode CMYK as PNG")))
    with pytest.raises(ZeroDivisionError):
        prepare(Picture(ZeroDivisionError()))


@pytest.mark.row("F3")
def test_a_field_says_what_it_takes(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(MP4)
    assert content(prepare(path, kind="video")) == MP4
    with pytest.raises(
        UploadError, match=r"clip\.mp4 is an MP4 video, and the field takes an image"
    ):
        prepare(path, kind="image")


def test_progress_counts_what_left() -> None:
    seen: list[tuple[int, int | None]] = []
    source = prepare(BIG, on_progress=lambda *moved: seen.append(moved))
    content(source)
    assert seen[-1] == (len(BIG), len(BIG))
    assert len(seen) > 3


@pytest.mark.row("F24")
def test_answers_and_files_of_other_libraries_are_taken(picture: Path) -> None:
    import anyio
    import httpx

    assert content(prepare(httpx.Response(200, content=BIG))) == BIG
    assert content(prepare(anyio.Path(picture))) == BIG

    async def opened() -> bytes:
        async with await anyio.open_file(picture, "rb") as stream:
            return content(await asyncio.to_thread(prepare, stream))

    assert asyncio.run(opened()) == BIG
