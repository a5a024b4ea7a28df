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


WRONG_TYPE = (403, "SignatureDoesNotMatch")
"""The status and code for a Content-Type that an address is not signed for."""

MISMATCH = "The request signature we calculated does not match the signature you provided."


@dataclass(frozen=True)
class Grant:
    """Leave to put one object until `expires`, unix seconds on the emulator's clock; its address
    states a lifetime of `stated` seconds, or none."""

    name: str
    content_type: str
    signature: str
    expires: float
    stated: int | None = EXPIRES_SECONDS

    def query(self) -> str:
        lifetime = {} if self.stated is None else {"X-Goog-Expires": str(self.stated)}
        return urlencode(
            {
                "X-Goog-Algorithm": "GOOG4-RSA-SHA256",
                **lifetime,
                "X-Goog-SignedHeaders": "content-type;host",
                "X-Goog-Signature": self.signature,
            }
        )


class Storage:
    """Every grant given and every object put.

    types: `file_type` -> the Content-Type its address is signed for. lifetime: the seconds an
    address states, None for none. wrong_type: status and code for another Content-Type; a status
    below 400 takes it.
    """

    def __init__(
        self,
        seed: int,
        types: Mapping[str, str] = SIGNED_TYPES,
        lifetime: int | None = EXPIRES_SECONDS,
        wrong_type: tuple[int, str] = WRONG_TYPE,
    ) -> None:
        self._seed = seed
        self._types = types
        self._lifetime = lifetime
        self._wrong_type = wrong_type
        self._grants: dict[str, Grant] = {}
        self._objects: dict[str, StoredFile] = {}

    def grant(self, file_type: str, now: float) -> Grant:
        """A place for one file of `file_type`, a key of the types."""
        number = len(self._grants)
        digest = hashlib.sha256(f"gmigen upload {self._seed} {number}".encode()).hexdigest()
        name = f"emu-{digest[:32]}.{file_type}"
        lives = EXPIRES_SECONDS if self._lifetime is None else self._lifetime
        grant = Grant(name, self._types[file_type], digest, now + lives, self._lifetime)
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
        status, code = self._wrong_type
        if sent != grant.content_type and status >= 400:
            told = f"signed for content-type {grant.content_type!r}, received {sent!r}"
            return answers.storage_error(status, code, MISMATCH, told)
        stored = StoredFile(body, grant.content_type)
        self._objects[name] = stored
        return Response(
            status_code=200, headers={"ETag": stored.etag, "x-goog-hash": stored.checksum_header}
        )

    def stored(self, name: str) -> StoredFile | None:
        """The object of this name, or None until something was put there."""
        return self._objects.get(name)


def _signature_mismatch(details: str) -> Response:
    return answers.storage_error(*WRONG_TYPE, MISMATCH, details)
