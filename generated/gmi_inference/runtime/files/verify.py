# fmt: off
# isort: skip_file
# ruff: noqa
"""Judge what has arrived by what its head said: is it whole, what is it, and what is it called."""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Mapping

from ..media_types import by_content_type, sniff, unlike
from .outcome import Found
from .partial import Arrival

_MD5 = re.compile(r"(?:^|,)\s*md5=([A-Za-z0-9+/]{22}==)")
_RANGE = re.compile(r"bytes (\d{1,15})-(\d{1,15})/(\d{1,15})")


def packings(headers: Mapping[str, str]) -> list[str]:
    """How the body is packed, in the order it was done; words that mean nothing are left out."""
    named = (word.strip().lower() for word in headers.get("content-encoding", "").split(","))
    plain = ("", "identity", "aws-chunked")
    return [word.removeprefix("x-") for word in named if word not in plain]


def content_range(headers: Mapping[str, str]) -> tuple[int, int] | None:
    """Where the part of a file begins that comes, and how long the whole is."""
    found = _RANGE.fullmatch(headers.get("content-range", "").strip())
    if found is None or not int(found[1]) <= int(found[2]) == int(found[3]) - 1:
        return None
    return int(found[1]), int(found[3])


def validator(headers: Mapping[str, str]) -> str:
    """The ETag that a later attempt can go on with; "" when there is none.

    A weak one does not promise equal bytes, and bytes that are unpacked at their end are not those
    that came.
    """
    etag = headers.get("etag", "")
    return "" if etag.startswith("W/") or packings(headers) else etag


def damage(arrival: Arrival, found: Found, headers: Mapping[str, str], limit: int) -> str | None:
    """What is wrong with an arrival that ended without trouble; None when it is whole.

    One that is packed is unpacked, to `limit` bytes at most. Touches the disk; raises OSError.
    """
    packed, stated = packings(headers), _MD5.search(headers.get("x-goog-hash", ""))
    stored = headers.get("x-goog-stored-content-encoding", "").strip().lower()
    if arrival.total not in (None, arrival.size()):
        return f"{arrival.size()} bytes came instead of {arrival.total}"
    # What was unpacked on the way has the sum of its packed form.
    if stated and (packed or stored != "gzip") and arrival.md5() != stated[1]:
        return "its checksum does not match what the storage states"
    try:
        if packed:
            arrival.unpack(limit)
    except (EOFError, zlib.error, gzip.BadGzipFile):
        return "it should be packed by gzip, and is not"
    if arrival.size() > limit:
        return f"it is longer than {limit} bytes"
    if not arrival.size() and found.kind != "other":
        return "nothing came in place of the file"
    wrong = unlike(found.kind, arrival.start(), headers.get("content-type"))
    return None if wrong is None else f"{wrong} came in place of the {found.kind}"


def extension(found: Found, start: bytes, headers: Mapping[str, str]) -> str:
    """What a copy of it is called: by its bytes, else by what the storage says, else the API."""
    told = sniff(start)
    if told is None or told.kind == "other":
        stated = by_content_type(headers.get("content-type"))
        told = stated if found.kind != "other" and stated and stated.fits(found.kind) else None
    return told.extension if told and told.extension else found.extension
