"""Media inputs: what a caller may give where a model wants a picture, a clip or a sound."""

from __future__ import annotations

import base64
import inspect
import mimetypes
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, Protocol

from pydantic import AnyUrl
from pydantic_core import PydanticCustomError, core_schema

from ..runtime.errors import InvalidRequestError
from ..runtime.local import is_local, is_picture
from ..runtime.urls import as_browsers_read, split

MediaKind = Literal["image", "video", "audio", "file"]
Bytes = bytes | bytearray | memoryview

_NOUN = {"image": "an image", "video": "a video", "audio": "an audio file", "file": "a media file"}
_DATA_URI = re.compile(r"data:[^,\s]*,\S", re.IGNORECASE)
_GAP = re.compile(r"[\s\x00-\x1f\x7f]")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")


class HasURL(Protocol):
    """An artifact, or a result of one file: a model takes it by its public URL."""

    def as_input(self) -> str:
        """The URL. Raises ValueError, saying why, where there is not exactly one."""
        ...


class Readable(Protocol):
    """A file open in binary mode, or whatever reads like one."""

    def read(self, size: int = ..., /) -> bytes: ...


class HasFile(Protocol):
    """An upload of a web framework, whose open file is in `file`."""

    @property
    def file(self) -> Readable: ...


class Picture(Protocol):
    """A picture of PIL."""

    def save(self, fp: Any, format: str | None = ..., **options: Any) -> None: ...


class Array(Protocol):
    """A picture of numpy."""

    @property
    def __array_interface__(self) -> dict[str, Any]: ...


class Inline(str):
    """A data URI of a file's bytes. A model that documents base64 is sent `base64` instead."""

    __slots__ = ()

    @property
    def base64(self) -> str:
        """The bytes alone, without their type."""
        return self.partition(",")[2]


def inline(file: str | os.PathLike[str] | Bytes | Readable, content_type: str = "") -> Inline:
    """A small file as text inside the request, for what must not be hosted publicly.

    Takes a path, bytes, or a file open in binary mode. What kind of file it is is told by
    `content_type`, such as "image/png", else by its first bytes, else by its name.

    Raises:
        InvalidRequestError: when the file is empty or of no kind that can be told.
        OSError: when it cannot be read.
    """
    # Every request class is imported by way of this file, and few files go inside a request.
    from ..runtime.media_types import sniff

    name = ""
    if isinstance(file, (str, os.PathLike)):
        name, data = os.fspath(file), Path(file).read_bytes()
    else:
        data = bytes(file) if isinstance(file, Bytes) else file.read()
    seen = sniff(data)
    medium = seen.content_type if seen and seen.kind != "other" else ""
    told = content_type or medium or mimetypes.guess_type(name)[0]
    if not data or not told:
        why = "tell its kind with content_type=" if data else "it is empty"
        raise InvalidRequestError.of("file", why)
    return Inline(f"data:{told};base64,{base64.b64encode(data).decode()}")


@dataclass(frozen=True)
class Media:
    """Marks an annotation as a media input of one kind; pydantic asks it how to validate.

    `base64` says that the model documents the bytes themselves, as base64, for a text.
    """

    kind: MediaKind
    base64: bool = False

    def accept(self, value: Any) -> Any:
        """Return what is sent for `value`: its URL, or the local file that is uploaded before."""
        value = _simple(value)
        if isinstance(value, Inline):
            return value.base64 if self.base64 else str(value)
        if isinstance(value, str):
            if _is_url(value) or _DATA_URI.match(value):
                return value
            if self.base64 and _BASE64.fullmatch(value):
                return value
            raise _refused(
                "a text is sent as a URL, and this is no http(s) URL and no data URI; "
                "for a local file write Path(...) or, to send it inside the request, "
                "inline(...); any other text goes into extra_payload"
            )
        if not is_local(value) or (is_picture(value) and self.kind not in ("image", "file")):
            raise PydanticCustomError("media_type", "not allowed")
        return value

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(self.accept)

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, Any]:
        return {"type": "string", "contentMediaType": f"{self.kind}/*"}


def in_words(content_type: str) -> str:
    """What may be given for a media type such as `image/*`, for error messages."""
    noun = _NOUN[content_type.partition("/")[0]]
    return f"{noun} (URL, data URI, Path or file opened in binary mode)"


def _simple(value: Any) -> Any:
    """A text, a `Path`, or what can be read at once, whatever library made `value`."""
    if isinstance(value, str | Bytes | Path | type):
        return value
    if isinstance(value, os.PathLike):
        return Path(os.fsdecode(value))
    if hasattr(value, "as_input"):
        try:
            return str(value.as_input())
        except ValueError as why:
            raise _refused(str(why)) from None
    if hasattr(value, "scheme") and hasattr(value, "host"):  # pydantic, httpx, yarl
        return str(value)
    if _is_async(value) and hasattr(value, "file"):
        value = value.file
    if hasattr(value, "status_code"):
        raise _refused("give the bytes of the answer, its .content")
    if _is_async(value):
        raise _refused("an async file is not read here; give Path(...) or await its .read()")
    if hasattr(value, "read_bytes"):
        raise _refused("a file inside another one cannot be opened here; give its .read_bytes()")
    if hasattr(value, "read") and hasattr(value, "encoding"):
        raise _refused('the file is open as text; open it with mode "rb"')
    if getattr(value, "closed", False):
        raise _refused("the file is closed; open it again, or write Path(...)")
    if hasattr(value, "readable") and not value.readable():
        raise _refused('the file is open for writing; open it with mode "rb"')
    return value


def _is_async(value: Any) -> bool:
    return inspect.iscoroutinefunction(getattr(value, "read", None))


def _refused(why: str) -> PydanticCustomError:
    return PydanticCustomError("media", "{why}", {"why": why})


def _is_url(text: str) -> bool:
    parts = None if _GAP.search(text) else split(as_browsers_read(text))
    return parts is not None and parts.scheme in ("http", "https")


_Given = str | os.PathLike[str] | Bytes | Readable | HasURL | HasFile | Picture | Array | AnyUrl

ImageInput = Annotated[_Given, Media("image")]
"""A picture: a public URL, a data URI, a `Path`, bytes, a file opened in binary mode, a picture
of PIL or numpy, or an artifact."""

VideoInput = Annotated[_Given, Media("video")]
"""A clip: a public URL, a data URI, a `Path`, bytes, a file opened in binary mode, an artifact."""

AudioInput = Annotated[_Given, Media("audio")]
"""A sound: a public URL, a data URI, a `Path`, bytes, a file opened in binary mode, an artifact."""

FileInput = Annotated[_Given, Media("file")]
"""A media file: a public URL, a data URI, a `Path`, bytes, a file opened in binary mode, a
picture of PIL or numpy, or an artifact."""

Base64ImageInput = Annotated[_Given, Media("image", base64=True)]
"""A picture whose model documents base64, too: `inline(...)` and base64 texts are sent as that."""

Base64VideoInput = Annotated[_Given, Media("video", base64=True)]
"""A clip whose model documents base64, too: `inline(...)` and base64 texts are sent as that."""

Base64AudioInput = Annotated[_Given, Media("audio", base64=True)]
"""A sound whose model documents base64, too: `inline(...)` and base64 texts are sent as that."""

Base64FileInput = Annotated[_Given, Media("file", base64=True)]
"""A file whose model documents base64, too: `inline(...)` and base64 texts are sent as that."""
