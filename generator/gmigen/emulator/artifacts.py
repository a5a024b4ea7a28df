"""The files jobs end in: small, playable, and visibly not made by any model."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from importlib.resources import files

from .clips import clip
from .ordered import USUAL_SECONDS
from .pictures import picture
from .sounds import flac

CONTENT_TYPES: Mapping[str, str] = {
    "mp4": "video/mp4",
    "png": "image/png",
    "jpeg": "image/jpeg",
    "webp": "image/webp",
    "wav": "audio/wav",
    "mp3": "audio/mpeg",
    "flac": "audio/flac",
}


USUAL_SIZE = (320, 180)


@dataclass(frozen=True)
class StoredFile:
    """Bytes on the files' host, with the checksums such a host sends along."""

    content: bytes
    content_type: str

    @cached_property
    def md5(self) -> bytes:
        return hashlib.md5(self.content, usedforsecurity=False).digest()

    @property
    def etag(self) -> str:
        return f'"{self.md5.hex()}"'

    @cached_property
    def checksum_header(self) -> str:
        """`x-goog-hash`: base64 of the big-endian CRC-32C and of the MD5."""
        crc = base64.b64encode(crc32c(self.content).to_bytes(4, "big")).decode()
        return f"crc32c={crc},md5={base64.b64encode(self.md5).decode()}"


@cache
def shipped(extension: str) -> StoredFile:
    """The file shipped for `extension`: mp4, png, wav or mp3; or made from one of these."""
    if extension in ("jpeg", "webp"):
        return drawn(extension, USUAL_SIZE)
    if extension == "flac":
        return StoredFile(flac(shipped("wav").content), CONTENT_TYPES[extension])
    content = (
        files("gmigen.emulator").joinpath("media").joinpath(f"emulated.{extension}").read_bytes()
    )
    return StoredFile(content, CONTENT_TYPES[extension])


@lru_cache(maxsize=32)
def drawn(extension: str, size: tuple[int, int]) -> StoredFile:
    """A picture of this size in pixels: png, jpeg or webp."""
    return StoredFile(picture(extension, *size), CONTENT_TYPES[extension])


@lru_cache(maxsize=16)
def filmed(size: tuple[int, int], seconds: int) -> StoredFile:
    """A clip of this size in pixels and length in seconds."""
    return StoredFile(clip(*size, seconds), CONTENT_TYPES["mp4"])


class Artifacts:
    """The file each extension stands for; `replacements` (extension -> bytes) come first."""

    def __init__(self, replacements: Mapping[str, bytes]) -> None:
        unknown = sorted(set(replacements) - set(CONTENT_TYPES))
        if unknown:
            known = ", ".join(CONTENT_TYPES)
            raise ValueError(f"no artifact has the extension {unknown[0]!r}: use one of {known}")
        self._replacements = {
            extension: StoredFile(content, CONTENT_TYPES[extension])
            for extension, content in replacements.items()
        }

    def file(
        self,
        extension: str,
        size: tuple[int, int] | None = None,
        seconds: int | None = None,
    ) -> StoredFile:
        """The file of a format, of this size and length unless it was replaced."""
        if extension in self._replacements:
            return self._replacements[extension]
        if size is None and seconds is None:
            return shipped(extension)
        if extension == "mp4":
            return filmed(size or USUAL_SIZE, seconds or USUAL_SECONDS)
        return drawn(extension, size or USUAL_SIZE)


@cache
def _crc32c_table() -> tuple[int, ...]:
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = (byte >> 1) ^ (0x82F63B78 if byte & 1 else 0)
        table.append(byte)
    return tuple(table)


def crc32c(content: bytes) -> int:
    """CRC-32 with the Castagnoli polynomial, which the standard library does not have."""
    table, crc = _crc32c_table(), 0xFFFFFFFF
    for byte in content:
        crc = table[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    return crc ^ 0xFFFFFFFF
