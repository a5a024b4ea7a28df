"""What a price may be per, the words for it, and the parameters that say how many of it."""

from __future__ import annotations

import re
from collections.abc import Mapping

UNITS: Mapping[str, tuple[str, ...]] = {
    "second": ("duration", "durationSeconds", "seconds", "video_length"),
    "image": ("n", "num_images", "number_of_images"),
    "1000 characters": ("text",),
    "request": (),
    "block": ("duration", "durationSeconds", "seconds", "video_length"),
    "set": (),
}
"""Unit -> the parameters that count it, the first that a model has. A `block` is some seconds that
are billed as a whole; of a `set` nobody says what it is, so it is shown and never multiplied."""

_WORDS: Mapping[str, str] = {
    **{unit: unit for unit in ("second", "image", "request", "1000 characters")},
    **dict.fromkeys(("seconds", "sec", "s", "video second"), "second"),
    **dict.fromkeys(("images", "picture", "pictures"), "image"),
    **dict.fromkeys(("requests", "call", "generation"), "request"),
    **dict.fromkeys(("1k characters", "1000 chars", "thousand characters"), "1000 characters"),
}


def unit_of(word: str) -> str | None:
    """The unit that a word of the details stands for; None for one that nobody explained."""
    plain = re.sub(r"\s+", " ", word.replace(",", "").strip().lower())
    return _WORDS.get(plain.removeprefix("per "))
