# fmt: off
# isort: skip_file
# ruff: noqa
"""What the head of an answer says about the bytes behind it."""

from __future__ import annotations

import re
from collections.abc import Mapping

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


def checksum(headers: Mapping[str, str]) -> str | None:
    """The MD5 in base64 that the storage states for the bytes as it sends them."""
    stored = headers.get("x-goog-stored-content-encoding", "").strip().lower()
    if stored == "gzip" and not packings(headers):
        return None  # it was unpacked on the way, and the sum is of the packed form
    found = _MD5.search(headers.get("x-goog-hash", ""))
    return found[1] if found else None


def validator(headers: Mapping[str, str]) -> str:
    """The ETag that a later attempt can go on with; "" when there is none.

    A weak one does not promise equal bytes, and bytes that are unpacked at their end are not those
    that came.
    """
    etag = headers.get("etag", "")
    return "" if etag.startswith("W/") or packings(headers) else etag
