"""Serving a file whole or in part: `Range`, `If-Range`, and the headers of an object store."""

from __future__ import annotations

import re
from collections.abc import Mapping

from starlette.responses import Response

from .artifacts import StoredFile


def serve(file: StoredFile, headers: Mapping[str, str]) -> Response:
    """200 with everything, 206 with the part asked for, or 416 where the file has no such part.

    A part is given only if `If-Range` is absent or names this very file; several parts at once
    are answered with the whole, as the protocol permits.
    """
    common = {
        "Accept-Ranges": "bytes",
        "ETag": file.etag,
        "x-goog-hash": file.checksum_header,
        "Cache-Control": "public, max-age=3600",
    }
    size = len(file.content)
    wanted = headers.get("range", "")
    if wanted and headers.get("if-range", file.etag) == file.etag:
        part = byte_range(wanted, size)
        if part is not None and part.start >= part.stop:
            return Response(status_code=416, headers={**common, "Content-Range": f"bytes */{size}"})
        if part is not None:
            place = f"bytes {part.start}-{part.stop - 1}/{size}"
            content = file.content[part.start : part.stop]
            return Response(
                content, 206, {**common, "Content-Range": place}, media_type=file.content_type
            )
    return Response(file.content, 200, common, media_type=file.content_type)


def byte_range(wanted: str, size: int) -> range | None:
    """The bytes a `Range` header asks for of a file of `size` bytes.

    None where the header is no single byte range and is to be ignored; an empty range where the
    file has no such bytes.
    """
    match = re.fullmatch(r"bytes=(\d*)-(\d*)", wanted.replace(" ", ""), re.ASCII)
    if match is None or match[0].endswith("=-"):
        return None
    first, last = match[1], match[2]
    if not first:
        return range(max(0, size - int(last)), size)
    if last and int(last) < int(first):
        return None
    start = int(first)
    stop = min(size, int(last) + 1) if last else size
    return range(min(start, size), stop) if start < size else range(0)
