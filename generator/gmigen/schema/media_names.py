"""Which parameters of type text hold media: a table of names, because the schema rarely says.

The vendor types most picture, clip and sound inputs plainly as `string`; the names below are the
ones its documentation and public integrations use for them.
"""

from __future__ import annotations

import re

from .types import MediaKind

_NOUNS: dict[str, MediaKind] = {
    "image": "image",
    "images": "image",
    "img": "image",
    "imgs": "image",
    "picture": "image",
    "pictures": "image",
    "photo": "image",
    "photos": "image",
    "frame": "image",
    "frames": "image",
    "mask": "image",
    "masks": "image",
    "video": "video",
    "videos": "video",
    "clip": "video",
    "clips": "video",
    "audio": "audio",
    "audios": "audio",
}

_ENDINGS = frozenset({"url", "urls", "uri", "uris", "file", "files", "path", "tail", "input"})
"""Words that may follow the noun: `image_url`, `image_tail`, `audio_file`."""

_WHOLE_NAMES: dict[str, MediaKind] = {
    "input_reference": "image",
    "path_to_image": "image",
    "sound_file": "audio",
    "file_url": "file",
    "file_urls": "file",
    "media_url": "file",
    "media_urls": "file",
}

_SWITCHES = frozenset(
    [
        "add",
        "allow",
        "disable",
        "enable",
        "generate",
        "has",
        "include",
        "keep",
        "mute",
        "no",
        "num",
        "preserve",
        "remove",
        "return",
        "save",
        "use",
        "with",
        "without",
        "max",
        "min",
    ]
)
"""First words that make the rest a switch or a count: `generate_audio`, `max_images`."""


def media_kind(name: str) -> MediaKind | None:
    """The kind of media a text parameter called `name` holds, or None for ordinary text."""
    words = _words(name)
    joined = "_".join(words)
    if joined in _WHOLE_NAMES:
        return _WHOLE_NAMES[joined]
    while words and (words[-1] in _ENDINGS or words[-1].isdigit()):
        words.pop()
    if not words or words[0] in _SWITCHES:
        return None
    return _NOUNS.get(words[-1].rstrip("0123456789"))


def is_plural(name: str) -> bool:
    """Whether `name` speaks of several things (`images`, `image_urls`)."""
    return any(word in _PLURALS for word in _words(name))


_PLURALS = frozenset({"urls", "uris"} | {noun for noun in _NOUNS if noun.endswith("s")})

_BOUNDARY = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[^A-Za-z0-9]+")


def _words(name: str) -> list[str]:
    return [word.lower() for word in _BOUNDARY.split(name) if word]
