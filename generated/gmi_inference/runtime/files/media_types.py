# fmt: off
# isort: skip_file
# ruff: noqa
"""Kinds of files: their names, content types and first bytes, and which of them can be uploaded.

The words of uploads and the types they are signed for were recorded in public; `mimetypes` says
something else for some of them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePath
from typing import Literal

Kind = Literal["video", "image", "audio", "other"]

SNIFFED = 512
"""Bytes from the start of a file that are enough to tell what it is."""

UPLOADABLE = "png, jpg, jpeg, mp4, mp3 and wav"
_TO_PNG = 'Convert it, for instance with Pillow: Image.open(path).convert("RGB").save("copy.png")'
_TO_MP4 = "Convert it, for instance: ffmpeg -i FILE copy.mp4"
_TO_MP3 = "Convert it, for instance: ffmpeg -i FILE copy.mp3"


@dataclass(frozen=True)
class MediaType:
    """`extensions` are without a dot, and a saved copy gets the first.

    `upload_word` is what the API calls it, None where it takes no such file, and `other` the second
    content type it may be signed for, should the first be refused. `convert` is advice.
    """

    name: str
    content_type: str
    extensions: tuple[str, ...] = ()
    upload_word: str | None = None
    other: str | None = None
    convert: str = ""

    @property
    def kind(self) -> Kind:
        """`video`, `image`, `audio` or `other`."""
        return kind_of(self.content_type)

    def fits(self, kind: Kind) -> bool:
        """Whether a file of this type can be what is called `kind`."""
        if kind == "other" or self.kind == kind:
            return True
        # Containers of moving pictures may hold only sound, and some pictures move.
        return self in (_CONTAINERS if kind == "audio" else _MOVING if kind == "video" else ())


PNG = MediaType("a PNG picture", "image/png", ("png",), "png")
# A grant for `jpg` is signed for the unofficial image/jpg; asking for `jpeg` avoids that.
JPEG = MediaType("a JPEG picture", "image/jpeg", ("jpg", "jpeg"), "jpeg", "image/jpg")
WEBP = MediaType("a WebP picture", "image/webp", ("webp",), convert=_TO_PNG)
GIF = MediaType("a GIF picture", "image/gif", ("gif",), convert=_TO_PNG)
AVIF = MediaType("an AVIF picture", "image/avif", ("avif",), convert=_TO_PNG)
HEIC = MediaType(
    "a HEIC picture", "image/heic", ("heic", "heif"), convert=f"{_TO_PNG} (after pillow-heif)"
)
BMP = MediaType("a BMP picture", "image/bmp", ("bmp",), convert=_TO_PNG)
TIFF = MediaType("a TIFF picture", "image/tiff", ("tiff", "tif"), convert=_TO_PNG)
SVG = MediaType("an SVG drawing", "image/svg+xml", ("svg",), convert="Export it as PNG")
MP4 = MediaType("an MP4 video", "video/mp4", ("mp4", "m4v"), "mp4")
MOV = MediaType("a QuickTime video", "video/quicktime", ("mov",), convert=_TO_MP4)
WEBM = MediaType("a WebM or Matroska video", "video/webm", ("webm", "mkv"), convert=_TO_MP4)
AVI = MediaType("an AVI video", "video/x-msvideo", ("avi",), convert=_TO_MP4)
MP3 = MediaType("an MP3", "audio/mpeg", ("mp3",), "mp3", "audio/mp3")
WAV = MediaType("a WAV", "audio/wav", ("wav",), "wav")
FLAC = MediaType("a FLAC", "audio/flac", ("flac",), convert=_TO_MP3)
OGG = MediaType("an Ogg", "audio/ogg", ("ogg", "oga"), convert=_TO_MP3)
OPUS = MediaType("an Opus", "audio/opus", ("opus",), convert=_TO_MP3)
M4A = MediaType("an M4A", "audio/mp4", ("m4a",), convert=_TO_MP3)
AAC = MediaType("an AAC", "audio/aac", ("aac",), convert=_TO_MP3)
JSON = MediaType("JSON", "application/json", ("json",))
JSONL = MediaType("JSON lines", "application/jsonl", ("jsonl",))
TEXT = MediaType("a text", "text/plain", ("txt",))
ZIP = MediaType("a ZIP archive", "application/zip", ("zip",))
GLB = MediaType("a glTF model", "model/gltf-binary", ("glb",))
# These have no extension: nothing that a program would open or run is saved under such a name.
PDF = MediaType("a PDF", "application/pdf", convert="Export the page as PNG")
PAGE = MediaType("a web page", "text/html")
XML = MediaType("an XML text, as storage writes its errors,", "application/xml")
POINTER = MediaType(
    "a Git LFS pointer in place of the file", "text/plain", convert="Run git lfs pull"
)

TYPES = (
    PNG, JPEG, WEBP, GIF, AVIF, HEIC, BMP, TIFF, SVG, MP4, MOV, WEBM, AVI, MP3, WAV, FLAC, OGG,
    OPUS, M4A, AAC, JSON, JSONL, TEXT, ZIP, GLB,
)  # fmt: skip
BY_EXTENSION = {extension: one for one in TYPES for extension in one.extensions}
BY_CONTENT_TYPE = {one.content_type: one for one in reversed(TYPES)}
BY_CONTENT_TYPE |= {"image/jpg": JPEG, "audio/mp3": MP3, "audio/x-wav": WAV, "audio/wave": WAV}
_CONTAINERS = frozenset({MP4, MOV, WEBM, AVI})
_MOVING = frozenset({GIF, WEBP, AVIF, OGG})
_NO_MEDIUM = frozenset({PDF, PAGE, XML, POINTER, JSON, TEXT, ZIP})

_STARTS: tuple[tuple[int, bytes, MediaType], ...] = (
    (0, b"\x89PNG\r\n\x1a\n", PNG),
    (0, b"\xff\xd8\xff", JPEG),
    (8, b"WEBP", WEBP),
    (8, b"WAVE", WAV),
    (8, b"AVI ", AVI),
    (0, b"GIF8", GIF),
    (0, b"BM", BMP),
    (0, b"II*\0", TIFF),
    (0, b"MM\0*", TIFF),
    (0, b"\x1aE\xdf\xa3", WEBM),
    (0, b"ID3", MP3),
    (0, b"fLaC", FLAC),
    (28, b"OpusHead", OPUS),
    (0, b"OggS", OGG),
    (0, b"%PDF-", PDF),
    (0, b"PK\x03\x04", ZIP),
    (0, b"glTF", GLB),
    (0, b"version https://git-lfs", POINTER),
)
_RIFF = frozenset({WEBP, WAV, AVI})
_BRANDS = {
    b"qt  ": MOV, b"M4A ": M4A, b"M4B ": M4A, b"avif": AVIF, b"avis": AVIF,
    b"heic": HEIC, b"heix": HEIC, b"hevc": HEIC, b"heim": HEIC, b"mif1": HEIC, b"msf1": HEIC,
}  # fmt: skip
# Second byte of an MPEG audio frame: layer III, with or without a checksum, and AAC.
_FRAMES = dict.fromkeys((0xFA, 0xFB, 0xF2, 0xF3, 0xE2, 0xE3), MP3) | {0xF1: AAC, 0xF9: AAC}
_HTML = re.compile(rb"<(!doctype\s+html|html|head|body|script|title)\b", re.IGNORECASE)
_MARKUP = re.compile(rb"<(\?xml|!doctype|!--|error\b)", re.IGNORECASE)


def sniff(start: bytes) -> MediaType | None:
    """What a file is by its first bytes; None when they do not tell."""
    for offset, mark, found in _STARTS:
        if start.startswith(mark, offset) and _confirmed(found, start):
            return found
    if start[4:8] == b"ftyp":
        return _BRANDS.get(start[8:12], MP4)
    if len(start) > 1 and start[0] == 0xFF and start[1] in _FRAMES:
        return _FRAMES[start[1]]
    plain = start[:SNIFFED].removeprefix(b"\xef\xbb\xbf").lstrip()
    if _HTML.match(plain):
        return PAGE
    if plain.startswith(b"<svg") or (_MARKUP.match(plain) and b"<svg" in plain):
        return SVG
    if _MARKUP.match(plain):
        return PAGE if b"<html" in plain.lower() else XML
    return JSON if plain[:1] in (b"{", b"[") and is_text(plain) else None


def _confirmed(found: MediaType, start: bytes) -> bool:
    # Two letters alone say little; the reserved bytes of a bitmap are zero.
    if found is BMP:
        return start[6:10] == b"\0\0\0\0"
    return found not in _RIFF or start[:4] == b"RIFF"


def is_text(start: bytes) -> bool:
    """Whether these bytes, perhaps cut within a letter, can be read as text."""
    try:
        text = start[:SNIFFED].decode("utf-8")
    except UnicodeDecodeError as broken:
        if broken.start < min(len(start), SNIFFED) - 3:
            return False
        text = start[: broken.start].decode("utf-8")
    return bool(text) and all(letter.isprintable() or letter in "\t\r\n" for letter in text)


def kind_of(content_type: str) -> Kind:
    """The kind a content type belongs to."""
    kinds: dict[str, Kind] = {"video": "video", "image": "image", "audio": "audio"}
    return kinds.get(content_type.partition("/")[0].strip().lower(), "other")


def by_content_type(header: str | None) -> MediaType | None:
    """The type a `Content-Type` names; None for those that say nothing."""
    return BY_CONTENT_TYPE.get((header or "").partition(";")[0].strip().lower())


def by_name(name: str) -> MediaType | None:
    """The type the extension of a name stands for."""
    return BY_EXTENSION.get(PurePath(name).suffix[1:].lower())


def unlike(kind: Kind, start: bytes, content_type: str | None = None) -> str | None:
    """What a file that should be of `kind` surely is instead; None when nothing speaks against it.

    Text that is announced as text, or that has the form of a page or of JSON, is no medium.
    """
    if kind == "other":
        return None
    found = sniff(start)
    stated = (content_type or "").partition(";")[0].strip().lower()
    if found is None and is_text(start) and (stated.startswith("text/") or "json" in stated):
        found = TEXT
    if found is None or (found.fits(kind) and found not in _NO_MEDIUM):
        return None
    return found.name


def uploadable(name: str, start: bytes, kind: Kind = "other") -> tuple[MediaType | None, str]:
    """The type to upload a file as, or None and a sentence that says why it cannot be.

    Its first bytes decide, its name must not contradict them, and `kind` is what the field takes.
    """
    found, named = sniff(start), by_name(name)
    if found is None and named in (MP3, MP4) and not is_text(start):
        found = named  # both are met without a mark at their start
    if found is None:
        told = "a text" if is_text(start) else "of a type the API does not take"
        claim = f", although its name ends in {PurePath(name).suffix}" if named else ""
        return None, f"is {told}{claim}. The API takes {UPLOADABLE}"
    if found.upload_word is None:
        advice = f". {found.convert}" if found.convert else ""
        return None, f"is {found.name}, and the API takes {UPLOADABLE}{advice}"
    if named is not None and named.kind != found.kind and not found.fits(named.kind):
        return None, f"is {found.name}, and its name ends in {PurePath(name).suffix}. Rename it"
    if not found.fits(kind):
        return None, f"is {found.name}, and the field takes {_AN[kind]}. Give another file"
    return found, ""


_AN = {"image": "an image", "video": "a video", "audio": "an audio file", "other": "any file"}
