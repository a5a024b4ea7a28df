# fmt: off
# isort: skip_file
# ruff: noqa
"""What the words of a failed job mean for whoever thinks of submitting it again."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Verdict:
    """`retryable` is None where the words say nothing; `content` tells a refusal of moderation."""

    retryable: bool | None
    content: bool
    advice: str


_MODERATED = Verdict(
    False,
    True,
    "The vendor's moderation refused it; change the prompt or the inputs, then submit again.",
)
_BUSY = Verdict(True, False, "The same request may succeed later; submit it again then.")
_NOT_FETCHED = Verdict(
    None,
    False,
    "The server could not fetch an input; give the file itself, which is then uploaded, and submit "
    "again.",
)
_WRONG = Verdict(False, False, "Correct the request, then submit again.")
_UNKNOWN = Verdict(
    None, False, "Correct the request if the reason points at it, then submit again."
)

# Words recorded in public, or met by integrators; the first that fits decides.
_WORDS = {
    r"moderation|content.?polic|safety|sensitive|nsfw|prohibited|support codes?:|\bblocked\b|"
    r"violat\w+|inappropriate|review the prompt|responsible ai|risk control": _MODERATED,
    r"rate.?limit|try again|retry later|overload|capacity|throttl|temporar|too many requests|"
    r"deadline exceeded|unavailable|\b429\b": _BUSY,
    r"failed to (download|fetch)|while downloading|unable to download|"
    r"invalid_(image|video|audio)_url|upstream status code": _NOT_FETCHED,
    r"invalid|must be|not supported|unsupported|required|missing": _WRONG,
}


def verdict(reason: str | None, code: str | None) -> Verdict:
    """What the reason and the code of a failure say, as far as they say anything."""
    said = f"{code or ''} {reason or ''}"
    fits = (found for words, found in _WORDS.items() if re.search(words, said, re.IGNORECASE))
    return next(fits, _UNKNOWN)
