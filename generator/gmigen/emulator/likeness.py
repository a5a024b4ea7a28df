"""How the emulated service answers, where that is not as believed: one recorded, or a made-up one.

The defaults are the beliefs of `coverage.json`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from starlette.responses import HTMLResponse, JSONResponse, Response

from . import texts
from .storage import EXPIRES_SECONDS, SIGNED_TYPES, WRONG_TYPE

STATUSES: Mapping[str, int] = {
    "MODEL_NOT_FOUND": 404,
    "REQUEST_NOT_FOUND": 404,
    "ROUTE_NOT_FOUND": 404,
    "UNAUTHORIZED": 401,
    "LIST_ARGUMENT": 400,
    "FILE_TYPE": 400,
}
"""The refusals that may differ, and the status each is believed to have."""


@dataclass(frozen=True)
class Refusal:
    """A refusal as it came: `error` None where the body was not `{"error": text}`."""

    status: int
    error: str | None = None
    content_type: str = "application/json"


@dataclass(frozen=True)
class Likeness:
    """What differs from the beliefs.

    list_key: the key the ids of models lie under, "" for none; list_id: the key of the id where
    each is an object, "" for plain ids. refusals: by names of `STATUSES`. words: status words by
    the vendor's own. newest_first, has_more, limits: of the list of requests; limits False ignores
    `limit`. filters: whether `model_id` counts. signed_types: `file_type` -> Content-Type.
    wrong_type: status and code for another Content-Type; a status below 400 takes it.
    expires: the seconds an upload address states, None for none. etag, ranges, checksum: what the
    host of files does. signed: whether result URLs carry a signature. headers: added to every
    answer of the API. skew: seconds its Date is ahead.
    """

    list_key: str = "model_ids"
    list_id: str = ""
    refusals: Mapping[str, Refusal] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)
    newest_first: bool = True
    has_more: bool = True
    limits: bool = True
    filters: bool = True
    signed_types: Mapping[str, str] = field(default_factory=lambda: dict(SIGNED_TYPES))
    wrong_type: tuple[int, str] = WRONG_TYPE
    expires: int | None = EXPIRES_SECONDS
    etag: bool = True
    ranges: bool = True
    checksum: bool = True
    signed: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)
    skew: float = 0.0

    def refusal(self, name: str) -> Response:
        """The refusal `name`, a key of `STATUSES`."""
        came = self.refusals.get(name) or Refusal(STATUSES[name], getattr(texts, name))
        if came.status < 400:
            return JSONResponse({}, came.status)
        if came.error is None:
            page = f"<html><title>{came.status}</title></html>"
            if "html" in came.content_type:
                return HTMLResponse(page, came.status)
            return Response(b"", came.status, media_type=came.content_type or None)
        return JSONResponse({"error": came.error}, came.status)

    def listing(self, ids: Sequence[str]) -> bytes:
        """The list of models in the shape of this service."""
        members: list[Any] = [{self.list_id: one} for one in ids] if self.list_id else list(ids)
        return json.dumps({self.list_key: members} if self.list_key else members).encode()

    def record(self, record: dict[str, Any]) -> dict[str, Any]:
        """A record in the words of this service."""
        word = str(record.get("status"))
        return {**record, "status": self.words[word]} if word in self.words else record

    def url(self, url: str) -> str:
        """The URL of a result."""
        if not self.signed:
            return url
        query = {"X-Goog-Expires": "3600", "X-Goog-Signature": "emu" * 12}
        return f"{url}?{urlencode(query)}"

    def file(self, response: Response) -> Response:
        """An answer of the host of files, without what this one does not send."""
        lost = [("etag", self.etag), ("x-goog-hash", self.checksum), ("accept-ranges", self.ranges)]
        for name, sent in lost:
            if not sent and name in response.headers:
                del response.headers[name]
        return response
