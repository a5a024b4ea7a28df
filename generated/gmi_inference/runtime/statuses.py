# fmt: off
# isort: skip_file
# ruff: noqa
"""Status words of a job.

`created queued dispatched processing success failed cancelled` come from the vendor's SDK. Other
spellings were met by integrators. A word nobody knows is kept as it is and means "still running".
"""

from __future__ import annotations

CREATED = "created"
QUEUED = "queued"
DISPATCHED = "dispatched"
PROCESSING = "processing"
SUCCESS = "success"
FAILED = "failed"
CANCELLED = "cancelled"

WAITING = frozenset({CREATED, QUEUED})
TERMINAL = frozenset({SUCCESS, FAILED, CANCELLED})
KNOWN = WAITING | TERMINAL | {DISPATCHED, PROCESSING}
_ALIASES = {
    "canceled": CANCELLED,
    "completed": SUCCESS,
    "succeeded": SUCCESS,
    "error": FAILED,
}


def normalised(word: str) -> str:
    """The vendor's word for `word`; a word nobody knows is returned as it came."""
    plain = word.strip().lower()
    known = _ALIASES.get(plain, plain)
    return known if known in KNOWN else word
