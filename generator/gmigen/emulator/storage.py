"""The object store behind uploads: signed places to put a file, and the files put there."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.responses import Response

from . import answers
from .artifacts import StoredFile

EXPIRES_SECONDS = 899

SIGNED_TYPES: Mapping[str, str] = {
    "jpeg": "image/jpeg",
    "jpg": "image/jpg",
    "png": "image/png",
    "mp4": "video/mp4",
    "mp3": "audio/mpeg",
    "wav": "audio/wav",
}
"""`file_type` -> the exact Content-Type its URL is signed for, as recorded in public."""


@dataclass(frozen=True)
class Grant:
    """Leave to put one object until `expires`, unix seconds on the emulator's clock."""

    name: str
    content_type: str
    signature: str
    expires: float

    def query(self) -> str:
        return urlencode(
            {
                "X-Goog-Algorithm": "GOOG4-RSA-SHA256",
                "X-Goog-Expires": str(EXPIRES_SECONDS),
                "X-Goog-SignedHeaders": "content-type;host",
                "X-Goog-Signature": self.signature,
            }
        )


class Storage:
    """Every grant given and every object put."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._grants: dict[str, Grant] = {}
        self._objects: dict[str, StoredFile] = {}

    def grant(self, file_type: str, now: float) -> Grant:
        """A place for one file of `file_type`, a key of `SIGNED_TYPES`."""
        number = len(self._grants)
        digest = hashlib.sha256(f"gmigen upload {self._seed} {number}".encode()).hexdigest()
        name = f"emu-{digest[:32]}.{file_type}"
        grant = Grant(name, SIGNED_TYPES[file_type], digest, now + EXPIRES_SECONDS)
        self._grants[name] = grant
        return grant

    def put(
        self, name: str, signature: str, headers: Mapping[str, str], body: bytes, now: float
    ) -> Response:
        """Store `body`, or refuse in the store's words. Storing twice is allowed until expiry."""
        grant = self._grants.get(name)
        if grant is None or signature != grant.signature:
            return _signature_mismatch("the URL was not issued by this emulator")
        if "authorization" in headers:
            return answers.storage_error(
                400,
                "InvalidArgument",
                "Invalid argument.",
                "Only one auth mechanism allowed; the URL is signed and an Authorization was sent",
            )
        if now >= grant.expires:
            return answers.storage_error(
                400,
                "ExpiredToken",
                "Invalid argument.",
                f"The provided token has expired. Signature expired at: {grant.expires:.0f}",
            )
        sent = headers.get("content-type", "")
        if sent != grant.content_type:
            return _signature_mismatch(
                f"signed for content-type {grant.content_type!r}, received {sent!r}"
            )
        stored = StoredFile(body, grant.content_type)
        self._objects[name] = stored
        return Response(
            status_code=200, headers={"ETag": stored.etag, "x-goog-hash": stored.checksum_header}
        )

    def stored(self, name: str) -> StoredFile | None:
        """The object of this name, or None until something was put there."""
        return self._objects.get(name)


def _signature_mismatch(details: str) -> Response:
    return answers.storage_error(
        403,
        "SignatureDoesNotMatch",
        "The request signature we calculated does not match the signature you provided.",
        details,
    )
