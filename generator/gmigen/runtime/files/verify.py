"""Judge what has arrived: is it whole, is it what was asked for, and what is it called."""

from __future__ import annotations

import zlib
from collections.abc import Mapping

from .heads import checksum, packings
from .media_types import Kind, by_content_type, sniff, unlike
from .outcome import Found
from .partial import Arrival, TooLong


def damage(
    arrival: Arrival, kind: Kind, headers: Mapping[str, str], total: int | None, limit: int
) -> str | None:
    """What is wrong with an arrival that ended without trouble; None when it is whole.

    One that is packed is unpacked, to `limit` bytes at most. Touches the disk; raises OSError.
    """
    size, stated = arrival.size(), checksum(headers)
    if total is not None and size != total:
        return f"{size} bytes came instead of {total}"
    if stated is not None and arrival.md5() != stated:
        return "its checksum does not match what the storage states"
    if packings(headers):
        try:
            arrival.unpack(limit)
        except TooLong:
            return f"unpacked, it is longer than {limit} bytes"
        except zlib.error:
            return "it should be packed by gzip, and is not"
    start = arrival.start()
    if not start and kind != "other":
        return "nothing came in place of the file"
    wrong = unlike(kind, start, headers.get("content-type"))
    return None if wrong is None else f"{wrong} came in place of the {kind}"


def extension(found: Found, start: bytes, headers: Mapping[str, str]) -> str:
    """What a copy of it is called: by its bytes, else by what the storage says, else the API."""
    told = sniff(start)
    if told is None or told.kind == "other":
        stated = by_content_type(headers.get("content-type"))
        told = stated if found.kind != "other" and stated and stated.fits(found.kind) else None
    return told.extension if told and told.extension else found.extension
