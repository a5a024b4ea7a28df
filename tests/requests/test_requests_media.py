"""What is taken where a picture, a clip or a sound goes, and what is refused in which words."""

from __future__ import annotations

import base64
import io
import mmap
import os
import pathlib
import pickle
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from pydantic import AnyUrl, HttpUrl, TypeAdapter
from requests_world import URL, ClipRequest, refusal
from starlette.datastructures import UploadFile

from gmigen.requests.media import inline
from gmigen.runtime.errors import InvalidRequestError
from gmigen.runtime.local import is_local

PNG = b"\x89PNG\r\n\x1a\n" + b"x" * 20
DATA = "data:image/png;base64,iVBORw0KGgo="


def sent(value: Any, name: str = "image") -> Any:
    return ClipRequest(prompt="x", **{name: value}).payload()[name]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "first.png"
    path.write_bytes(PNG)
    return path


@pytest.mark.row("U5")
@pytest.mark.parametrize(
    "text",
    [URL, "HTTP://Example.com/a?b=c#d", "https://10.0.0.1:8/a", "https://ex.com/\u00e9", DATA],
)
def test_urls_and_data_uris_go_out_as_they_are(text: str) -> None:
    assert sent(text) == text
    assert sent([text, text]) == [text, text]


@pytest.mark.row("U5")
@pytest.mark.parametrize(
    "text",
    [
        *("C:\\Users\\me\\first.png", "\\\\server\\first.png", "file:///tmp/first.png", "first"),
        *("first.png", "./first.png", "/tmp/first.png", "~/first.png", "", " ", "@first.png"),
        *("https://", "http:///a.png", "https:example.com", "https//example.com/a.png"),
        *("example.com/a.png", "ftp://example.com/a", "s3://bucket/a", "blob:https://e.com/1"),
        *(f" {URL}", f"{URL}\n", "https://e.com/a b.png", "https://[e.com/a", "data:", "data:a,"),
        *("job-5a7a5466", "iVBORw0KGgoAAAANSUhEUgAAAAUA", "http://\x00", "\ud800"),
    ],
)
def test_every_other_text_is_refused_with_what_to_write(text: str) -> None:
    said = refusal(ClipRequest, prompt="x", image=text)
    for way in ("image: a text is sent as a URL", "Path(...)", "inline(...)", "extra_payload"):
        assert way in said
    assert "\n" not in said
    assert len(said) < 400
    ClipRequest(prompt="x", extra_payload={"image": text})


@pytest.mark.row("U5")
@given(st.text())
def test_no_text_is_sent_that_is_no_url(text: str) -> None:
    try:
        taken = sent(text)
    except InvalidRequestError:
        return
    assert taken == text
    assert urlsplit(taken).scheme in ("http", "https", "data")


class _Artifact:
    def as_input(self) -> str:
        return URL


class _Result:
    def as_input(self) -> str:
        raise ValueError("the result has 3 artifacts; give one of them")


@pytest.mark.row("F24")
def test_addresses_of_other_libraries_and_artifacts_are_taken_by_their_url() -> None:
    for value in (
        _Artifact(),
        AnyUrl(URL),
        TypeAdapter(HttpUrl).validate_python(URL),
        httpx.URL(URL),
    ):
        assert (type(sent(value)), sent(value)) == (str, URL)
    assert "image: the result has 3 artifacts" in refusal(ClipRequest, prompt="x", image=_Result())


def local_values(file: Path) -> Iterator[tuple[str, Any]]:
    """Every shape of a local file that is taken."""
    yield "path", file
    yield "path of another kind", pathlib.PurePosixPath(file)
    with os.scandir(file.parent) as entries:
        yield from (("entry", entry) for entry in entries)
    with os.scandir(os.fsencode(file.parent)) as entries:
        yield from (("entry in bytes", entry) for entry in entries)
    yield from (("bytes", PNG), ("bytearray", bytearray(PNG)), ("memoryview", memoryview(PNG)))
    with file.open("rb") as stream:
        yield "open file", stream
        with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
            yield "mmap", mapped
    yield "BytesIO", io.BytesIO(PNG)
    with tempfile.NamedTemporaryFile() as stream:
        yield "temporary file", stream
    with tempfile.SpooledTemporaryFile() as spooled:
        yield "spooled file", spooled
    with zipfile.ZipFile(io.BytesIO(), "w") as archive:
        archive.writestr("a.png", PNG)
        with archive.open("a.png") as member:
            yield "member of an archive", member
    yield "upload of a web framework", UploadFile(io.BytesIO(PNG), filename="a.png")
    yield "PIL", Image.new("RGB", (4, 4))
    yield "numpy", numpy.zeros((4, 4, 3), numpy.uint8)


@pytest.mark.row("F24")
def test_local_files_are_taken_in_every_shape(file: Path) -> None:
    for told, value in local_values(file):
        assert is_local(sent(value)), told
        assert is_local(sent([value])[0]), told


def wrong_values(file: Path) -> Iterator[tuple[Any, str]]:
    """What is no media, and the words that help."""
    with file.open(encoding="latin-1") as stream:
        yield stream, 'mode "rb"'
    yield io.StringIO("x"), 'mode "rb"'
    with tempfile.NamedTemporaryFile("w", encoding="utf-8") as text:
        yield text, 'mode "rb"'
    with tempfile.TemporaryFile("w", encoding="utf-8") as text:
        yield text, 'mode "rb"'
    with file.open("ab") as stream:
        yield stream, "for writing"
    with file.open("rb") as stream:
        pass
    yield stream, "the file is closed"
    with zipfile.ZipFile(io.BytesIO(), "w") as archive:
        archive.writestr("a.png", PNG)
        yield zipfile.Path(archive, "a.png"), ".read_bytes()"
    yield httpx.Response(200, content=PNG), ".content"
    yield _AsyncFile(), "Path(...) or await its .read()"
    for nothing in (7, {"url": URL}, object(), Path, (byte for byte in PNG), {URL}):
        yield nothing, "an image (URL, data URI, Path or file opened in binary mode)"


class _AsyncFile:
    async def read(self, size: int = -1) -> bytes:
        return PNG


@pytest.mark.row("F24")
def test_what_is_no_media_is_refused_with_what_to_write(file: Path) -> None:
    for value, words in wrong_values(file):
        said = refusal(ClipRequest, prompt="x", image=value)
        assert words in said, value
        assert "\n" not in said
    assert "a video" in refusal(ClipRequest, prompt="x", clip=Image.new("RGB", (4, 4)))


@pytest.mark.row("U5")
def test_a_file_goes_inside_the_request_as_the_model_wants_it(file: Path) -> None:
    plain = base64.b64encode(PNG).decode()
    for given_file in (file, str(file), PNG, bytearray(PNG), memoryview(PNG), io.BytesIO(PNG)):
        told = inline(given_file)
        assert told == f"data:image/png;base64,{plain}"
        assert (sent(told), sent(told, "still")) == (told, plain)
        assert type(sent(told)) is str
        assert pickle.loads(pickle.dumps(told)).base64 == plain
    assert sent(plain, "still") == plain
    assert "a text is sent as a URL" in refusal(ClipRequest, prompt="x", still="first.png")
    for start, kind in (
        (b"GIF89a", "image/gif"),
        (b"\0\0\0\x1cftypheic", "image/heic"),
        (b"\0\0\0\x1cftypavif", "image/avif"),
        (b"\0\0\0\x14ftypqt  ", "video/quicktime"),
        (b"\0\0\0\x1cftypM4A ", "audio/mp4"),
        (b"\0\0\0\x18ftypisom", "video/mp4"),
        (b"\x1aE\xdf\xa3", "video/webm"),
    ):
        assert inline(start).startswith(f"data:{kind};")
    assert inline(b"?", "image/x-own").startswith("data:image/x-own;")


@pytest.mark.row("U5")
def test_what_cannot_go_inside_a_request_is_said(tmp_path: Path) -> None:
    (tmp_path / "named.mov").write_bytes(b"no known start")
    assert inline(tmp_path / "named.mov").startswith("data:video/quicktime;")
    assert "it is empty" in refusal(inline, b"")
    for unknown in (b"no known start", b'{"a": 1}', b"%PDF-1.7"):
        assert "content_type=" in refusal(inline, unknown)
    with pytest.raises(FileNotFoundError):
        inline(tmp_path / "none.png")
