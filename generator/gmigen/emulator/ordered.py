"""What a payload says about the files it asks for: how many, which format, how large."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["video", "image", "inline image", "speech", "music", "text"]

MOST_FILES = 15
LARGEST_SIDE = 8192
LARGEST_CLIP = 4096
LONGEST_SECONDS = 60
USUAL_SECONDS = 2
USUAL_LINES = 720

_COUNTS = frozenset(
    {"n", "numimages", "numberofimages", "imagecount", "samplecount", "numoutputs"}
    | {"numvideos", "numberofvideos"}
)
_FORMATS = frozenset(("format", "outputformat", "imageoutputformat", "audioformat", "imageformat"))
_SIZES = frozenset(("size", "imagesize", "resolution", "outputsize"))
_DURATIONS = frozenset(("duration", "durationseconds", "videolength"))
_RATIOS = frozenset(("ratio", "aspectratio"))
_KNOWN: Mapping[str, Mapping[str, str]] = {
    "picture": {"png": "png", "jpeg": "jpeg", "jpg": "jpeg", "webp": "webp"},
    "sound": {"wav": "wav", "mp3": "mp3", "flac": "flac"},
    "clip": {"mp4": "mp4"},
}
_SOURCE: Mapping[Kind, str] = {
    "video": "clip",
    "image": "picture",
    "inline image": "picture",
    "speech": "sound",
    "music": "sound",
    "text": "",
}
_USUAL: Mapping[Kind, str] = {
    "video": "mp4",
    "image": "png",
    "inline image": "png",
    "speech": "wav",
    "music": "mp3",
    "text": "",
}


@dataclass(frozen=True)
class Order:
    """`count` files named with `extension`; `size` in pixels and the `seconds` of a clip, None
    where none were asked for."""

    count: int
    extension: str
    size: tuple[int, int] | None = None
    seconds: int | None = None


def ordered(kind: Kind, payload: Mapping[str, Any]) -> Order:
    """Read the order out of a payload, whichever of the known names it uses.

    What cannot be read, or cannot be made here, is as if it had not been asked for: the file then
    is of another format or size, and never says otherwise.
    """
    said = {re.sub(r"[^a-z0-9]", "", name.lower()): value for name, value in payload.items()}
    asked = _first(said, _FORMATS)
    word = re.split(r"[_/;]", asked.lower().rpartition("/")[2])[0] if isinstance(asked, str) else ""
    extension = _KNOWN.get(_SOURCE[kind], {}).get(word, _USUAL[kind])
    source = _SOURCE[kind]
    size = _size(said) if source in ("picture", "clip") else None
    if source == "clip" and size and max(size) > LARGEST_CLIP:
        size = None
    return Order(_count(said), extension, size, _seconds(said) if source == "clip" else None)


def _count(said: Mapping[str, Any]) -> int:
    counts = [_first(said, _COUNTS)]
    if said.get("sequentialimagegeneration") == "auto":
        counts.append(said.get("maximages"))
    wanted = [_whole(count) for count in counts]
    return min(MOST_FILES, max([1, *(count for count in wanted if count)]))


def _size(said: Mapping[str, Any]) -> tuple[int, int] | None:
    width, height = _whole(said.get("width")), _whole(said.get("height"))
    word = _first(said, _SIZES)
    if width and height:
        return _within(width, height)
    shape = _first(said, _RATIOS)
    if not isinstance(word, str):
        return _of_lines(USUAL_LINES, _ratio(shape)) if _ratio(shape, 0) else None
    exact = re.fullmatch(r"(\d+)\s*[x*X]\s*(\d+)", word.strip(), re.ASCII)
    if exact:
        return _within(int(exact[1]), int(exact[2]))
    if lines := re.fullmatch(r"(\d{3,4})p", word, re.IGNORECASE | re.ASCII):
        return _of_lines(int(lines[1]), _ratio(shape, 16 / 9))
    ratio = _ratio(shape)
    if side := re.fullmatch(r"([1-8])K", word, re.IGNORECASE | re.ASCII):
        return _of_area((int(side[1]) * 1024) ** 2, ratio)
    if word.isascii() and word.isdigit() and len(word) <= 4:
        return _of_area(int(word) ** 2, ratio)
    return None


def _seconds(said: Mapping[str, Any]) -> int | None:
    """A length as a number, or as text with or without its unit."""
    asked = _first(said, _DURATIONS)
    if isinstance(asked, float) and 0 < asked <= LONGEST_SECONDS:
        asked = round(asked)
    if isinstance(asked, str):
        asked = asked.strip().removesuffix("s")
    whole = _whole(asked)
    return min(whole, LONGEST_SECONDS) if whole and whole > 0 else None


def _of_lines(lines: int, ratio: float) -> tuple[int, int] | None:
    """The shorter side has `lines`, as 720p is meant."""
    longer = round(lines * max(ratio, 1 / ratio) / 2) * 2
    return _within(longer, lines) if ratio >= 1 else _within(lines, longer)


def _of_area(area: int, ratio: float) -> tuple[int, int] | None:
    width = math.sqrt(area * ratio)
    return _within(round(width / 16) * 16, round(width / ratio / 16) * 16)


def _ratio(said: Any, otherwise: float = 1.0) -> float:
    match = re.fullmatch(r"(\d{1,3}):(\d{1,3})", said, re.ASCII) if isinstance(said, str) else None
    if match is None or 0 in (int(match[1]), int(match[2])):
        return otherwise
    return int(match[1]) / int(match[2])


def _within(width: int, height: int) -> tuple[int, int] | None:
    sides = (width, height)
    return sides if all(0 < side <= LARGEST_SIDE for side in sides) else None


def _first(said: Mapping[str, Any], names: frozenset[str]) -> Any:
    return next((said[name] for name in said if name in names and said[name] is not None), None)


def _whole(value: Any) -> int | None:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 6:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
