# fmt: off
# isort: skip_file
# ruff: noqa
"""Which local files can be uploaded, and the exact content type each is signed for.

The words and types were recorded in public; `mimetypes` says something else for some of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath

SNIFFED = 64


@dataclass(frozen=True)
class FileType:
    """`word` is what the API calls it, `content_type` what the upload is signed for.

    `other_content_type` is the second known one, for when the first is refused.
    """

    word: str
    content_type: str
    other_content_type: str | None = None


PNG = FileType("png", "image/png")
# A grant for `jpg` is signed for the unofficial image/jpg; asking for `jpeg` avoids that.
JPEG = FileType("jpeg", "image/jpeg", "image/jpg")
MP4 = FileType("mp4", "video/mp4")
MP3 = FileType("mp3", "audio/mpeg", "audio/mp3")
WAV = FileType("wav", "audio/wav")

BY_EXTENSION = {
    ".png": PNG,
    ".jpg": JPEG,
    ".jpeg": JPEG,
    ".mp4": MP4,
    ".mp3": MP3,
    ".wav": WAV,
}
_NOT_MP4 = (b"qt  ", b"M4A ", b"heic", b"heix", b"mif1", b"avif")


def file_type(name: str | None, start: bytes) -> FileType | None:
    """The type of a file by its first bytes, else by its name; None when it cannot be uploaded."""
    return _by_content(start) or (BY_EXTENSION.get(PurePath(name).suffix.lower()) if name else None)


def _by_content(start: bytes) -> FileType | None:
    if start.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if start.startswith(b"\xff\xd8\xff"):
        return JPEG
    if start[:4] == b"RIFF" and start[8:12] == b"WAVE":
        return WAV
    if start.startswith(b"ID3") or (len(start) > 1 and start[0] == 0xFF and start[1] in _MPEG):
        return MP3
    if start[4:8] == b"ftyp" and start[8:12] not in _NOT_MP4:
        return MP4
    return None


# Second byte of an MPEG audio frame of layer III, with or without a checksum.
_MPEG = frozenset({0xFA, 0xFB, 0xF2, 0xF3, 0xE2, 0xE3})
