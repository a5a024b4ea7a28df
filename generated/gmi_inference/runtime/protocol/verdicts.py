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


def _words(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


# Words recorded in public, or met by integrators; the first that fits decides.
_TABLE: tuple[tuple[re.Pattern[str], Verdict], ...] = (
    (
        _words(
            r"moderation", r"content.?polic", r"safety", r"sensitive", r"nsfw", r"prohibited",
            r"support codes?:", r"\bblocked\b", r"violat\w+", r"inappropriate",
            r"review the prompt", r"responsible ai", r"risk control",
        ),
        Verdict(
            False,
            True,
            "The vendor's moderation refused it; change the prompt or the inputs, then submit "
            "again.",
        ),
    ),
    (
        _words(
            r"rate.?limit", r"try again", r"retry later", r"overload", r"capacity", r"throttl",
            r"temporar", r"too many requests", r"deadline exceeded", r"unavailable", r"\b429\b",
        ),
        Verdict(True, False, "The same request may succeed later; submit it again then."),
    ),
    (
        _words(
            r"failed to (download|fetch)", r"error while downloading", r"while downloading",
            r"unable to download", r"invalid_(image|video|audio)_url", r"upstream status code",
        ),
        Verdict(
            None,
            False,
            "The server could not fetch an input; give the file itself, which is then uploaded, "
            "and submit again.",
        ),
    ),
    (
        _words(r"invalid", r"must be", r"not supported", r"unsupported", r"required", r"missing"),
        Verdict(False, False, "Correct the request, then submit again."),
    ),
)  # fmt: skip
_UNKNOWN = Verdict(
    None, False, "Correct the request if the reason points at it, then submit again."
)


def verdict(reason: str | None, code: str | None) -> Verdict:
    """What the reason and the code of a failure say, as far as they say anything."""
    said = f"{code or ''} {reason or ''}"
    return next((found for words, found in _TABLE if words.search(said)), _UNKNOWN)
