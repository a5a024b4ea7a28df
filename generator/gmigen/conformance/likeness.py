"""From a recording to an emulator that behaves so, wherever the recording says something.

Not imitated: TLS, the version of HTTP, and how long a job takes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ..beliefs.recording import Recording
from ..emulator.likeness import Likeness, Refusal
from ..emulator.storage import EXPIRES_SECONDS, SIGNED_TYPES, WRONG_TYPE
from ..runtime.records import KNOWN, normalised

REFUSALS: Mapping[str, str] = {
    "unknown-model": "MODEL_NOT_FOUND",
    "unknown-job": "REQUEST_NOT_FOUND",
    "unknown-path": "ROUTE_NOT_FOUND",
    "wrong-key": "UNAUTHORIZED",
    "limit-below-zero": "LIST_ARGUMENT",
    "unknown-file-type": "FILE_TYPE",
}
"""Checks, and the refusal each of them recorded."""

OTHERWISE: Mapping[str, str] = {"jpg": "image/jpeg", "mp3": "audio/mp3"}
"""What a type of upload is signed for where it is not what is believed: the other known one."""

_WORDS = re.compile(r"[A-Za-z0-9_.+/; =-]{0,120}")
_NAME = re.compile(r"[a-z][a-z0-9-]{0,60}")


def options(recording: Recording) -> dict[str, Any]:
    """The options of an emulator that behaves as recorded."""
    found: dict[str, Any] = {"like": likeness(recording)}
    if recording.fact("list-of-models", "key") == "models":
        found["list_shape"] = "details"
    if isinstance(echo := recording.fact("payload-echo", "echo"), bool):
        found["echo_payload"] = echo
    return found


def likeness(recording: Recording) -> Likeness:
    """What of a recording differs from the beliefs, and what it confirms."""
    fact = recording.fact
    keys = fact("list-of-requests", "keys")
    seconds = fact("upload-lifetime", "seconds")
    stated = _seen(recording, "upload-lifetime")
    headers = fact("rate-limit-headers", "headers")
    skew = fact("clock", "seconds") if _differs(recording, "clock") else 0
    return Likeness(
        list_key=_text(fact("list-of-models", "key"), "model_ids"),
        list_id=_text(fact("list-of-models", "id"), ""),
        refusals=dict(_refusals(recording)),
        words=_words(recording),
        newest_first=_flag(fact("list-order", "newest_first")),
        has_more="has_more" in keys if isinstance(keys, list) else True,
        limits=_flag(fact("paging", "limit")),
        filters=_flag(fact("filter", "filter")),
        signed_types=_signed_types(recording),
        wrong_type=_wrong_type(recording),
        expires=(_whole(seconds) if stated else EXPIRES_SECONDS),
        etag=_flag(fact("file-etag", "there")),
        ranges=_flag(fact("file-part", "ranges")),
        checksum=_flag(fact("file-checksum", "there")),
        signed=fact("file-signed", "signed") is True,
        headers={
            name: "1"
            for name in (headers if isinstance(headers, list) else ())
            if isinstance(name, str) and _NAME.fullmatch(name)
        },
        skew=float(_whole(skew) or 0),
    )


def _refusals(recording: Recording) -> Any:
    for check, name in REFUSALS.items():
        status = _whole(recording.fact(check, "status"))
        if status is None or not 200 <= status < 600:
            continue
        error = recording.fact(check, "error")
        kind = _text(recording.fact(check, "content_type"), "application/json")
        yield name, Refusal(status, error if isinstance(error, str) else None, kind)


def _words(recording: Recording) -> dict[str, str]:
    """Status words by the vendor's own, where they are others."""
    seen = [recording.fact(check, "words") for check in ("states", "status-words")]
    words = [one for found in seen if isinstance(found, list) for one in found]
    known = {normalised(one): one for one in words if isinstance(one, str) and one not in KNOWN}
    told = {ours: theirs for ours, theirs in known.items() if ours in KNOWN}
    raw = recording.fact("states", "words")
    # The first word of a job is what a submission is answered with, whatever it is called.
    if isinstance(raw, list) and raw and isinstance(raw[0], str) and raw[0] not in KNOWN:
        told.setdefault("queued", raw[0])
    return told


def _signed_types(recording: Recording) -> dict[str, str]:
    found = dict(SIGNED_TYPES)
    for file_type in SIGNED_TYPES:
        status = _whole(recording.fact(f"upload-{file_type}", "status"))
        if status is None or status < 400:
            continue
        if recording.fact(f"upload-{file_type}", "content_type") is None:
            del found[file_type]
        else:
            found[file_type] = OTHERWISE.get(file_type, "application/x-of-another-type")
    return found


def _wrong_type(recording: Recording) -> tuple[int, str]:
    status = _whole(recording.fact("upload-wrong-type", "status"))
    if status is None or not 200 <= status < 600:
        return WRONG_TYPE
    return status, _text(recording.fact("upload-wrong-type", "code"), "")


def _seen(recording: Recording, check: str) -> bool:
    return any(one.id == check and one.verdict != "not seen" for one in recording.findings)


def _differs(recording: Recording, check: str) -> bool:
    return any(one.id == check and one.verdict == "differs" for one in recording.findings)


def _flag(value: Any) -> bool:
    """What was seen; as believed where nothing was."""
    return value is not False


def _text(value: Any, otherwise: str) -> str:
    return value if isinstance(value, str) and _WORDS.fullmatch(value) else otherwise


def _whole(value: Any) -> int | None:
    whole = isinstance(value, int) and not isinstance(value, bool)
    return value if whole and abs(value) < 10**9 else None
