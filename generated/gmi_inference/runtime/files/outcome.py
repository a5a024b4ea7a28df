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
from dataclasses import dataclass, field
from typing import Any, TypeVar

from .. import wire
from ..media_types import BY_EXTENSION, KINDS, Kind, MediaType, by_content_type, kind_of
from ..records import Handle
from ..urls import Address, as_browsers_read
from .paths import file_name

URL_LENGTH = 65536
_USUAL_EXTENSION = {"video": "mp4", "image": "png", "audio": "mp3", "other": "bin"}
_DATA = re.compile(r"data:([\w.+-]{1,100}/[\w.+-]{1,100})?(?:;[\w.=+-]{1,100})*;base64,", re.ASCII)
_SUFFIX = re.compile(r"[a-z]+://[^/?#]*/[^?#]*\.(\w+)(?:[?#]|$)", re.IGNORECASE)
_INLINE = "candidates"
_Names = tuple[tuple[str, "Kind | None"], ...]
_NAMES: _Names = (
    ("media_urls", None), ("medias", None), ("video_url", "video"), ("audio_url", "audio"),
    ("image_url", "image"), ("image_urls", "image"), (_INLINE, None), ("url", None),
    ("output_url", None), ("output_download_urls", None),
)  # fmt: skip
# These may as well be those of an echoed input, or of a preview: they count where no other is.
_SPOKEN: _Names = (*KINDS.items(), ("output", None))
_PREVIEWS: _Names = (("thumbnail_image_url", None), ("thumbnail_url", None))


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
    kept: set[tuple[Any, ...]] = field(default_factory=set, repr=False)
    """Where it was saved by this process, and the state each file was left in."""

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
        return stated.extension if stated else _USUAL_EXTENSION[self.kind]

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
    found: dict[str, dict[str, Any]] = {}
    for names in (_NAMES, _SPOKEN, _PREVIEWS):
        for facts in _facts(outcome, names):
            known = found.setdefault(facts["url"], facts)
            known |= {name: facts[name] for name in facts if known[name] in (None, "other")}
        if found:
            break
    return [make(**facts, index=index, job=job) for index, facts in enumerate(found.values())]


def decoded(data: str) -> bytes:
    """The bytes of a file that came inline; raises ValueError for what is not base64."""
    plain = "".join(data.split()).rstrip("=").replace("-", "+").replace("_", "/")
    return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)


def thumbnail(outcome: Mapping[str, Any]) -> str | None:
    """The URL of the preview picture; it may be the video itself."""
    return next((str(facts["url"]) for facts in _facts(outcome, _PREVIEWS)), None)


def _facts(outcome: Mapping[str, Any], names: _Names) -> Iterator[dict[str, Any]]:
    length = wire.amount(outcome.get("duration_ms"))
    seconds = None if length is None else length / 1000
    for name, kind in names:
        items = _list(outcome.get(name))
        for item in items if name != _INLINE else _inline(items):
            told = item if isinstance(item, Mapping) else {"url": item}
            format_ = told.get("format") or (outcome.get("format") if kind == "audio" else None)
            facts = _read(told.get("url"), kind, [_plain(told.get("type")), _plain(format_)])
            if facts is not None:
                facts |= {side: wire.whole(told.get(side)) for side in ("width", "height")}
                lasts = facts["kind"] in ("audio", "video")
                yield facts | {"duration_s": seconds if lasts else None}


def _read(url: Any, kind: Kind | None, words: list[str]) -> dict[str, Any] | None:
    """What is known of a file from its address and the words beside it; None for no file."""
    url, data = url.strip() if isinstance(url, str) else "", None
    if inline := _DATA.match(url):
        content_type = (inline[1] or "application/octet-stream").lower()
        data = url[inline.end() :]
    elif url[:8].lower().startswith(("http://", "https://")) and wire.text(url, URL_LENGTH) == url:
        stated = next(filter(None, map(_type_of_word, words)), None) or _type_of_url(url)
        content_type = stated.content_type if stated else None
    else:  # none, too long, or with half of a surrogate pair in it, which no request can carry
        return None
    spoken: Kind | None = next((KINDS[word] for word in words if word in KINDS), None)
    known: Kind = kind or spoken or kind_of(content_type or "")
    return {"url": url, "kind": known, "content_type": content_type, "data": data}


def _inline(candidates: list[Any]) -> Iterator[dict[str, Any]]:
    """The files in the answers of a chat, as data URIs."""
    for candidate in candidates:
        for part in _list(_member(_member(candidate, "content"), "parts")):
            inline = _member(part, "inlineData", "inline_data")
            data = _member(inline, "data")
            media = str(_member(inline, "mimeType", "mime_type")).partition(";")[0].strip()
            if isinstance(data, str) and data:
                uri = f"data:{media};base64,"
                yield {"url": (uri if _DATA.match(uri) else "data:;base64,") + data}


def _member(value: Any, *names: str) -> Any:
    """The first of these members there is."""
    held = value if isinstance(value, Mapping) else {}
    return next((held[name] for name in names if name in held), None)


def _plain(word: Any) -> str:
    return word[:100].strip().lower() if isinstance(word, str) else ""


def _type_of_word(word: str) -> MediaType | None:
    return by_content_type(word) or BY_EXTENSION.get(word.lstrip("."))


def _type_of_url(url: str) -> MediaType | None:
    suffix = _SUFFIX.match(url)
    return BY_EXTENSION.get(suffix[1].lower()) if suffix else None


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
