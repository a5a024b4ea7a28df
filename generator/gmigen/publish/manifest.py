"""The manifest of an output folder: what the last generation wrote into it, and from what.

It lies in the folder it speaks of. It tells whose edit a change is, never whether there is one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..schema.json_text import Unreadable, parse

FILE = "manifest.json"
FORMAT = 2


@dataclass(frozen=True)
class Manifest:
    """Hashes of what was written, of what it was made from, and versions of what made it."""

    files: Mapping[str, str] = field(default_factory=dict)
    """By path inside the folder."""
    made_from: Mapping[str, str] = field(default_factory=dict)
    """Hashes of the inputs: `schema`, `template`, `runtime`, `settings`."""
    tools: Mapping[str, str] = field(default_factory=dict)


def print_of(content: bytes) -> str:
    """The hash of a text, whatever line endings a checkout gave it."""
    return hashlib.sha256(plain(content)).hexdigest()


def plain(content: bytes) -> bytes:
    """A text with the line endings it was written with."""
    return content.replace(b"\r\n", b"\n")


def dump(manifest: Manifest) -> str:
    """The manifest as text, sorted."""
    value = {
        "format": FORMAT,
        "tools": dict(manifest.tools),
        "made_from": dict(manifest.made_from),
        "files": dict(manifest.files),
    }
    return json.dumps(value, indent=1, sort_keys=True, ensure_ascii=True) + "\n"


def load(content: bytes) -> Manifest | None:
    """Read what `dump` wrote; None for anything else, which then says nothing of anybody."""
    value = parse(content)
    if isinstance(value, Unreadable) or not isinstance(value, dict):
        return None
    if value.get("format") != FORMAT:
        return None
    files, made_from, tools = (_texts(value.get(k)) for k in ("files", "made_from", "tools"))
    if files is None or made_from is None or tools is None or not all(map(_is_inside, files)):
        return None
    return Manifest(files, made_from, tools)


def _texts(value: Any) -> dict[str, str] | None:
    if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
        return None
    return dict(value)


def _is_inside(path: str) -> bool:
    """Whether a path stays inside the folder on every system."""
    parts = path.split("/")
    return "" not in parts and not {".", ".."} & {*parts} and not set(path) & set("\\:\0")
