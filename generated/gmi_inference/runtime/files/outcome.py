# fmt: off
# isort: skip_file
# ruff: noqa
"""Find the files in the outcome of a job: by the names that are known, never by walking.

Walking would take a thumbnail or an echoed input for the result. Shapes: vendor documentation
(`video_url`, `media_urls`, `audio_url`, `medias`), recorded in public (`media_urls` of images), and
integrators (`candidates` with inline data, bare strings, `image_url`, `url`, outputs of a batch).
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from .. import wire
from ..records import Handle
from ..urls import Address, as_browsers_read
from .media_types import BY_EXTENSION, Kind, MediaType, by_content_type, kind_of
from .paths import file_name

URL_LENGTH = 65536
_USUAL_EXTENSION = {"video": "mp4", "image": "png", "audio": "mp3", "other": "bin"}
_SUFFIX = re.compile(r"\.([A-Za-z0-9]{1,5})$")
_DATA = re.compile(r"data:([\w.+-]{1,100}/[\w.+-]{1,100})?(?:;[\w.=+-]{1,100})*;base64,", re.ASCII)
_THUMBNAILS = ("thumbnail_image_url", "thumbnail_url")
_KINDS: dict[str, Kind] = {"video": "video", "image": "image", "audio": "audio"}


@dataclass(eq=False)
class Found:
    """One file of an outcome. `url` is a data URI for a file that came inline, and `data` its
    base64 text. `width` and `height` are in pixels. What the API did not say is None.
    """

    url: str
    kind: Kind
    content_type: str | None = None
    width: int | None = None
    height: int | None = None
    duration_s: float | None = None
    data: str | None = field(default=None, repr=False)
    index: int = 0
    job: Handle | None = None
    kept: dict[Path, tuple[int, ...]] = field(default_factory=dict, repr=False)
    """Where it was saved by this process, and the state the file was left in."""

    def __post_init__(self) -> None:
        self.url = Address(self.url)

    @property
    def address(self) -> Address:
        """The URL as browsers send it."""
        return Address(as_browsers_read(self.url))

    @property
    def extension(self) -> str:
        """The extension a saved copy gets as long as its bytes do not say otherwise."""
        stated = by_content_type(self.content_type) or _type_of_url(self.url)
        return stated.extensions[0] if stated else _USUAL_EXTENSION[self.kind]

    @property
    def filename(self) -> str:
        """The name it gets in a folder: `<job id>-<number>.<extension>`."""
        return file_name(self.job.id if self.job else "job", self.index + 1, self.extension)

    def __repr__(self) -> str:
        shown = repr(self.url) if len(self.url) <= 2000 else repr(Address(self.url[:60] + "..."))
        return f"{type(self).__name__}(kind={self.kind!r}, url={shown})"


F = TypeVar("F", bound=Found)


def files(
    outcome: Mapping[str, Any],
    job: Handle | None = None,
    make: Callable[..., F] = Found,  # type: ignore[assignment]
) -> list[F]:
    """Every file of an outcome once, in the order the API names them.

    A preview picture is one only where there is nothing else. Each is made by `make`, which gets
    the fields of `Found`.
    """
    found: dict[str, Found] = {}
    for read in (_named, _spoken, _previews):
        for one in read(outcome):
            known = found.get(one.url)
            found[one.url] = one if known is None else _merged(known, one)
        if found:
            break
    return [
        make(
            url=one.url, kind=one.kind, content_type=one.content_type, width=one.width,
            height=one.height, duration_s=one.duration_s, data=one.data, index=index, job=job,
        )
        for index, one in enumerate(found.values())
    ]  # fmt: skip


def decoded(data: str) -> bytes:
    """The bytes of a file that came inline; raises ValueError for what is not base64."""
    plain = "".join(data.split()).rstrip("=").replace("-", "+").replace("_", "/")
    return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)


def thumbnail(outcome: Mapping[str, Any]) -> str | None:
    """The URL of the preview picture; it may be the video itself."""
    return next((one.url for one in _previews(outcome)), None)


def _named(outcome: Mapping[str, Any]) -> Iterator[Found]:
    milliseconds = wire.amount(outcome.get("duration_ms"))
    seconds = None if milliseconds is None else milliseconds / 1000
    for name in ("media_urls", "medias"):
        for item in _list(outcome.get(name)):
            yield from _item(item, seconds)
    yield from _item(outcome.get("video_url"), seconds, "video")
    yield from _item(outcome.get("audio_url"), seconds, "audio", outcome.get("format"))
    yield from _item(outcome.get("image_url"), None, "image")
    for item in _list(outcome.get("image_urls")):
        yield from _item(item, None, "image")
    yield from _inline(outcome)
    yield from _item(outcome.get("url"), seconds)
    yield from _item(outcome.get("output_url"), seconds)
    for item in _list(outcome.get("output_download_urls")):
        yield from _item(item, seconds)


def _spoken(outcome: Mapping[str, Any]) -> Iterator[Found]:
    """Names that may as well be those of an echoed input, where no other is there."""
    for name, kind in _KINDS.items():
        yield from _item(outcome.get(name), None, kind)
    yield from _item(outcome.get("output"), None)


def _previews(outcome: Mapping[str, Any]) -> Iterator[Found]:
    for name in _THUMBNAILS:
        yield from _item(outcome.get(name), None)


def _item(
    item: Any, seconds: float | None, kind: Kind | None = None, word: Any = None
) -> Iterator[Found]:
    told: Mapping[str, Any] = item if isinstance(item, Mapping) else {"url": item}
    one = _found(told.get("url"), kind, (told.get("type"), told.get("format"), word))
    if one is None:
        return
    yield replace(
        one,
        width=wire.whole(told.get("width")),
        height=wire.whole(told.get("height")),
        duration_s=seconds if one.kind in ("audio", "video") else None,
    )


def _found(text: Any, kind: Kind | None, words: tuple[Any, ...]) -> Found | None:
    if not isinstance(text, str):
        return None
    text = text.strip()
    if inline := _DATA.match(text):
        media = inline[1] or "application/octet-stream"
        return _held(media, text[inline.end() :], kind)
    if len(text) > URL_LENGTH or not text[:8].lower().startswith(("http://", "https://")):
        return None
    if wire.text(text, URL_LENGTH) != text:
        return None  # half of a surrogate pair: no request can carry it
    stated = next((one for one in map(_type_of_word, words) if one), None) or _type_of_url(text)
    spoken: Kind | None = next(
        (_KINDS[_plain(word)] for word in words if _plain(word) in _KINDS), None
    )
    content_type = stated.content_type if stated else None
    return Found(text, kind or spoken or kind_of(content_type or ""), content_type)


def _inline(outcome: Mapping[str, Any]) -> Iterator[Found]:
    for candidate in _list(outcome.get("candidates")):
        content = candidate.get("content") if isinstance(candidate, Mapping) else None
        for part in _list(content.get("parts") if isinstance(content, Mapping) else None):
            if not isinstance(part, Mapping):
                continue
            inline = part.get("inlineData", part.get("inline_data"))
            if isinstance(inline, Mapping) and isinstance(data := inline.get("data"), str) and data:
                media = wire.word(inline.get("mimeType", inline.get("mime_type"))) or ""
                yield _held(media if "/" in media else "application/octet-stream", data, None)


def _held(media: str, data: str, kind: Kind | None) -> Found:
    url = f"data:{media};base64,{data}"
    return Found(url, kind or kind_of(media), content_type=media.lower(), data=data)


def _merged(first: Found, second: Found) -> Found:
    return replace(
        first,
        kind=first.kind if first.kind != "other" else second.kind,
        content_type=first.content_type or second.content_type,
        width=first.width if first.width is not None else second.width,
        height=first.height if first.height is not None else second.height,
        duration_s=first.duration_s if first.duration_s is not None else second.duration_s,
    )


def _plain(word: Any) -> str:
    return word[:100].strip().lower() if isinstance(word, str) else ""


def _type_of_word(word: Any) -> MediaType | None:
    plain = _plain(word)
    return by_content_type(plain) or BY_EXTENSION.get(plain.lstrip("."))


def _type_of_url(url: str) -> MediaType | None:
    try:
        suffix = None if url.startswith("data:") else _SUFFIX.search(urlsplit(url).path)
    except ValueError:
        return None
    return BY_EXTENSION.get(suffix[1].lower()) if suffix else None


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
