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
KINDS: dict[str, Kind] = {"video": "video", "image": "image", "audio": "audio"}

SNIFFED = 512
"""Bytes from the start of a file that are enough to tell what it is."""

UPLOADABLE = "png, jpg, jpeg, mp4, mp3 and wav"
_AN = {"image": "an image", "video": "a video", "audio": "an audio file", "other": "any file"}
_TO_PNG = 'Convert it, for instance with Pillow: Image.open(path).convert("RGB").save("copy.png")'
_CONVERT = {
    "image": _TO_PNG,
    "video": "Convert it, for instance: ffmpeg -i FILE copy.mp4",
    "audio": "Convert it, for instance: ffmpeg -i FILE copy.mp3",
    "other": "Give a file of another type",
}
# What may stand before a text, and how markup begins.
_PLAIN = rb"(?i:(?:\xef\xbb\xbf)?\s*"
_MARKUP = _PLAIN + rb"<(?:\?xml|!doctype|!--|error\b)"
_PAGE = _PLAIN + rb"<(?:!doctype\s+html|html|head|body|script|title)\b)"
_DRAWING = _PLAIN + rb"<svg)|" + _MARKUP + rb".*<svg)"
_SOUND = rb"ID3|\xff[\xfa\xfb\xf2\xf3\xe2\xe3]"


@dataclass(frozen=True)
class MediaType:
    """`names` are its extensions without a dot, and a saved copy gets the first; one without any
    is nothing a program would be given to open or run. `mark` is a pattern of its first bytes.

    `upload_word` is what the API calls it, "" where it takes no such file, `other` the second
    content type it may be signed for, should the first be refused, and `also` a further kind it can
    be: some pictures move.
    """

    name: str
    content_type: str
    names: str = ""
    mark: bytes | None = None
    upload_word: str = ""
    other: str | None = None
    also: Kind | None = None
    convert: str = ""

    @property
    def kind(self) -> Kind:
        """`video`, `image`, `audio` or `other`."""
        return kind_of(self.content_type)

    @property
    def extension(self) -> str:
        """What a saved copy is called."""
        return self.names.partition(" ")[0]

    def fits(self, kind: Kind) -> bool:
        """Whether a file of this type can be what is called `kind`."""
        # Containers of moving pictures may hold only sound.
        return kind in ("other", self.kind, self.also) or (self.kind, kind) == ("video", "audio")


# The first whose mark is there counts. A grant for `jpg` is signed for the unofficial image/jpg;
# asking for `jpeg` avoids that.
_TYPES = (
    MediaType("a PNG picture", "image/png", "png", rb"\x89PNG\r\n\x1a\n", "png"),
    MediaType("a JPEG picture", "image/jpeg", "jpg jpeg", rb"\xff\xd8\xff", "jpeg", "image/jpg"),
    MediaType("a WebP picture", "image/webp", "webp", rb"RIFF....WEBP", also="video"),
    MediaType("a GIF picture", "image/gif", "gif", rb"GIF8", also="video"),
    MediaType("an AVIF picture", "image/avif", "avif", rb"....ftypavi[fs]", also="video"),
    MediaType(
        "a HEIC picture", "image/heic", "heic heif", rb"....ftyp(?:hei[cxm]|hevc|m[is]f1)",
        convert=f"{_TO_PNG} (after pillow-heif)",
    ),
    MediaType("a BMP picture", "image/bmp", "bmp", rb"BM....\0\0\0\0"),
    MediaType("a TIFF picture", "image/tiff", "tiff tif", rb"II\*\0|MM\0\*"),
    MediaType("a QuickTime video", "video/quicktime", "mov", rb"....ftypqt  "),
    MediaType("an M4A", "audio/mp4", "m4a", rb"....ftypM4[AB] "),
    MediaType("an MP4 video", "video/mp4", "mp4 m4v", rb"....ftyp", "mp4"),
    MediaType("a WebM or Matroska video", "video/webm", "webm mkv", rb"\x1aE\xdf\xa3"),
    MediaType("an AVI video", "video/x-msvideo", "avi", rb"RIFF....AVI "),
    MediaType("an MP3", "audio/mpeg", "mp3", _SOUND, "mp3", "audio/mp3"),
    MediaType("a WAV", "audio/wav", "wav", rb"RIFF....WAVE", "wav", "audio/x-wav"),
    MediaType("a FLAC", "audio/flac", "flac", rb"fLaC"),
    MediaType("an Opus", "audio/opus", "opus", rb"OggS.{24}OpusHead"),
    MediaType("an Ogg", "audio/ogg", "ogg oga", rb"OggS", also="video"),
    MediaType("an AAC", "audio/aac", "aac", rb"\xff[\xf1\xf9]"),
    MediaType("a ZIP archive", "application/zip", "zip", rb"PK\x03\x04"),
    MediaType("a glTF model", "model/gltf-binary", "glb", rb"glTF"),
    MediaType("a PDF", "application/pdf", "", rb"%PDF-", convert="Export the page as PNG"),
    MediaType(
        "a Git LFS pointer in place of the file", "text/plain", "", rb"version https://git-lfs",
        convert="Run git lfs pull",
    ),
    MediaType("a web page", "text/html", "", _PAGE),
    MediaType("an SVG drawing", "image/svg+xml", "svg", _DRAWING, convert="Export it as PNG"),
    MediaType("a web page", "text/html", "", _MARKUP + rb".*<html)"),
    MediaType("an XML text, as storage writes its errors,", "application/xml", "", _MARKUP + b")"),
    MediaType("JSON", "application/json", "json", _PLAIN + rb"[{\[][^\0-\x08\x0e-\x1f\x7f]*\Z)"),
    MediaType("JSON lines", "application/jsonl", "jsonl"),
    MediaType("a text", "text/plain", "txt"),
)  # fmt: skip
_MARKS = [(one, re.compile(one.mark, re.DOTALL)) for one in _TYPES if one.mark is not None]
BY_EXTENSION = {name: one for one in _TYPES for name in one.names.split()}
BY_CONTENT_TYPE = {
    word: one for one in _TYPES if one.names for word in (one.content_type, one.other) if word
}


def sniff(start: bytes) -> MediaType | None:
    """What a file is by its first bytes; None when they do not tell."""
    return next((one for one, mark in _MARKS if mark.match(start[:SNIFFED])), None)


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
    return KINDS.get(content_type.partition("/")[0].strip().lower(), "other")


def by_content_type(header: str | None) -> MediaType | None:
    """The type a `Content-Type` names; None for those that say nothing."""
    return BY_CONTENT_TYPE.get((header or "").partition(";")[0].strip().lower())


def unlike(kind: Kind, start: bytes, content_type: str | None = None) -> str | None:
    """What a file that should be of `kind` surely is instead; None when nothing speaks against it.

    Text that is announced as text, or that has the form of a page or of JSON, is no medium.
    """
    found = sniff(start)
    stated = (content_type or "").partition(";")[0].strip().lower()
    if found is None and is_text(start) and (stated.startswith("text/") or "json" in stated):
        found = BY_EXTENSION["txt"]
    return None if found is None or found.fits(kind) else found.name


def uploadable(name: str, start: bytes, kind: Kind = "other") -> tuple[MediaType | None, str]:
    """The type to upload a file as, or None and a sentence that says why it cannot be.

    Its first bytes decide, its name must not contradict them, and `kind` is what the field takes.
    """
    found, suffix = sniff(start), PurePath(name).suffix
    named = BY_EXTENSION.get(suffix[1:].lower())
    if found is None and named and named.upload_word in ("mp3", "mp4") and not is_text(start):
        found = named  # both are met without a mark at their start
    if found is None:
        told = "a text" if is_text(start) else "of a type the API does not take"
        claim = f", although its name ends in {suffix}" if named else ""
        return None, f"is {told}{claim}. The API takes {UPLOADABLE}"
    if not found.upload_word:
        advice = found.convert or _CONVERT[found.kind]
        return None, f"is {found.name}, and the API takes {UPLOADABLE}. {advice}"
    if named is not None and not found.fits(named.kind):
        return None, f"is {found.name}, and its name ends in {suffix}. Rename it"
    if not found.fits(kind):
        return None, f"is {found.name}, and the field takes {_AN[kind]}. Give another file"
    return found, ""
