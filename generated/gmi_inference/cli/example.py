# fmt: off
# isort: skip_file
# ruff: noqa
"""A complete request to begin with, made from the schema of a model's payload."""

from __future__ import annotations

import json
import math
import shlex
from collections.abc import Mapping
from typing import Any

from .schema import Schema, alternatives, options, schema_of, takes_media

_TEXTS = {
    "prompt": "a paper boat in rain",
    "text": "Good morning, and welcome aboard.",
    "lyrics": "Paper boat, paper boat, carry me home.",
    "instruction": "Make the sky golden.",
}
_MEDIA = {"video": "clip.mp4", "audio": "voice.mp3"}
_DEPTH = 8


def example(schema: Schema, names: Mapping[str, str]) -> list[str]:
    """Arguments that make a request: the required parameters, or else one worth beginning with.

    `names` maps names of parameters to those in the schema. They are safe to paste into a shell.
    """
    defs = schema.get("$defs", {})
    required = schema.get("required", ())
    chosen = [name for name, wire in names.items() if wire in required or name in _TEXTS]
    if not chosen:
        media = [n for n, wire in names.items() if takes_media(schema_of(wire, schema), defs)]
        chosen = [*media, *names][:1]
    return [_argument(name, _value(schema_of(names[name], schema), name, defs)) for name in chosen]


def _argument(name: str, value: Any) -> str:
    if isinstance(value, str) and value != "-" and not value.startswith("@"):
        return f"{name}={shlex.quote(value)}"
    return f"{name}:={shlex.quote(json.dumps(value))}"


def _value(schema: Schema, name: str, defs: Mapping[str, Schema], depth: int = 0) -> Any:
    if schema.get("default") not in (None, ""):
        return schema["default"]
    plains = [plain for plain in alternatives(schema, defs) if plain.get("type") != "null"]
    plain = plains[0] if plains else schema
    if listed := [option for option in options(plain) if option not in (None, "")]:
        return listed[0]
    if "contentMediaType" in plain:
        kind = plain["contentMediaType"].partition("/")[0]
        return f"https://example.com/{_MEDIA.get(kind, 'first.png')}"
    kind = plain.get("type")
    if kind in ("integer", "number"):
        low, high = plain.get("minimum", -math.inf), plain.get("maximum", math.inf)
        return next((n for n in (1, 5, low, high) if low <= n <= high), 1)
    if kind == "array":
        count = max(1, plain.get("minItems", 1))
        return [_value(plain.get("items", {}), name, defs, depth)] * count
    if kind == "object":
        members = plain.get("properties", {}) if depth < _DEPTH else {}
        chosen = plain.get("required") or list(members)[:1]
        return {one: _value(members[one], one, defs, depth + 1) for one in chosen if one in members}
    if kind in ("boolean", "null"):
        return True if kind == "boolean" else None
    text = _TEXTS.get(name, name.upper())
    return text.ljust(plain.get("minLength", 0), ".")[: plain.get("maxLength", len(text) + 100)]
