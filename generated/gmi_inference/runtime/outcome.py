# fmt: off
# isort: skip_file
# ruff: noqa
"""Find the files in the outcome of a job: by the names that are known, never by walking.

Walking would take a thumbnail or an echoed input for the result. Shapes: vendor documentation
(`video_url`, `media_urls`, `audio_url`, `medias`), recorded in public (`media_urls` of images),
an integrator (`candidates` with inline data, bare strings, the outputs of a batch).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeGuard
from urllib.parse import urlsplit

Kind = Literal["video", "image", "audio", "other"]

CONTENT_TYPES: dict[str, str] = {
    "mp4": "video/mp4", "webm": "video/webm", "mov": "video/quicktime",
    "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "webp": "image/webp",
    "gif": "image/gif", "mp3": "audio/mpeg", "wav": "audio/wav", "flac": "audio/flac",
    "ogg": "audio/ogg", "m4a": "audio/mp4", "aac": "audio/aac", "opus": "audio/opus",
    "json": "application/json", "jsonl": "application/jsonl", "txt": "text/plain",
    "zip": "application/zip", "glb": "model/gltf-binary",
}  # fmt: skip
"""Extensions a saved artifact may get, and nothing else: never one that something would run."""

_USUAL_EXTENSION = {"video": "mp4", "image": "png", "audio": "mp3", "other": "bin"}
_EXTENSION_OF = {content_type: word for word, content_type in reversed(CONTENT_TYPES.items())}
_SUFFIX = re.compile(r"\.([A-Za-z0-9]{1,5})$")
_THUMBNAILS = ("thumbnail_image_url", "thumbnail_url")


@dataclass(frozen=True)
class Found:
    """One file of an outcome. `data` is its base64 text when it came inline, without a URL."""

    url: str
    kind: Kind
    content_type: str | None = None
    width: int | None = None
    height: int | None = None
    duration_s: float | None = None
    data: str | None = None

    @property
    def extension(self) -> str:
        """The extension a saved copy gets, without the dot."""
        return (
            _EXTENSION_OF.get(self.content_type or "")
            or _url_extension(self.url)
            or _USUAL_EXTENSION[self.kind]
        )


def files(outcome: Mapping[str, Any]) -> list[Found]:
    """Every file of an outcome once, in the order the API names them."""
    found: dict[str, Found] = {}
    for one in _named(outcome):
        known = found.get(one.url)
        found[one.url] = one if known is None else _merged(known, one)
    return list(found.values())


def thumbnail(outcome: Mapping[str, Any]) -> str | None:
    """The URL of the preview picture; it may be the video itself."""
    return next((url for url in map(outcome.get, _THUMBNAILS) if _is_url(url)), None)


def _named(outcome: Mapping[str, Any]) -> Iterator[Found]:
    duration = _number(outcome.get("duration_ms"))
    seconds = None if duration is None else duration / 1000
    if _is_url(url := outcome.get("video_url")):
        yield _found(url, kind="video", duration_s=seconds)
    if _is_url(url := outcome.get("audio_url")):
        yield _found(url, kind="audio", word=outcome.get("format"), duration_s=seconds)
    for name in ("media_urls", "medias"):
        for item in _list(outcome.get(name)):
            yield from _item(item, seconds)
    yield from _inline(outcome)
    if _is_url(url := outcome.get("output_url")):
        yield _found(url)
    for url in _list(outcome.get("output_download_urls")):
        if _is_url(url):
            yield _found(url)


def _item(item: Any, seconds: float | None) -> Iterator[Found]:
    if _is_url(item):
        yield _found(item)
    elif isinstance(item, Mapping) and _is_url(url := item.get("url")):
        one = _found(url, word=item.get("type"), other_word=item.get("format"))
        if one.kind == "audio":
            one = replace(one, duration_s=seconds)
        yield replace(one, width=_whole(item.get("width")), height=_whole(item.get("height")))


def _inline(outcome: Mapping[str, Any]) -> Iterator[Found]:
    for candidate in _list(outcome.get("candidates")):
        content = candidate.get("content") if isinstance(candidate, Mapping) else None
        for part in _list(content.get("parts") if isinstance(content, Mapping) else None):
            if not isinstance(part, Mapping):
                continue
            inline = part.get("inlineData", part.get("inline_data"))
            if not isinstance(inline, Mapping) or not isinstance(inline.get("data"), str):
                continue
            media = inline.get("mimeType", inline.get("mime_type"))
            media = media if isinstance(media, str) and "/" in media else "application/octet-stream"
            url = f"data:{media};base64,{inline['data']}"
            yield Found(url, _kind_of_type(media), content_type=media, data=inline["data"])


def _found(
    url: str,
    *,
    kind: Kind | None = None,
    word: Any = None,
    other_word: Any = None,
    duration_s: float | None = None,
) -> Found:
    content_type = _type_of_word(word) or _type_of_word(other_word) or _type_of_url(url)
    if kind is None:
        kind = _kind_of_word(word) or _kind_of_type(content_type or "")
    return Found(url, kind, content_type=content_type, duration_s=duration_s)


def _merged(first: Found, second: Found) -> Found:
    return Found(
        first.url,
        first.kind if first.kind != "other" else second.kind,
        first.content_type or second.content_type,
        first.width if first.width is not None else second.width,
        first.height if first.height is not None else second.height,
        first.duration_s if first.duration_s is not None else second.duration_s,
        first.data,
    )


def _type_of_word(word: Any) -> str | None:
    if not isinstance(word, str):
        return None
    plain = word.strip().lower()
    return plain if plain in _EXTENSION_OF else CONTENT_TYPES.get(plain.lstrip("."))


def _kind_of_word(word: Any) -> Kind | None:
    plain = word.strip().lower() if isinstance(word, str) else ""
    kinds: dict[str, Kind] = {"video": "video", "image": "image", "audio": "audio"}
    return kinds.get(plain)


def _kind_of_type(content_type: str) -> Kind:
    return _kind_of_word(content_type.partition("/")[0]) or "other"


def _type_of_url(url: str) -> str | None:
    extension = _url_extension(url)
    return CONTENT_TYPES[extension] if extension else None


def _url_extension(url: str) -> str | None:
    if url.startswith("data:"):
        return None
    try:
        path = urlsplit(url).path
    except ValueError:
        return None
    suffix = _SUFFIX.search(path)
    word = suffix[1].lower() if suffix else ""
    return word if word in CONTENT_TYPES else None


def _is_url(value: Any) -> TypeGuard[str]:
    return isinstance(value, str) and bool(value.strip())


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _whole(value: Any) -> int | None:
    return int(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None
