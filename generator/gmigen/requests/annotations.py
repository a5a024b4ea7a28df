"""What the JSON Schema of a payload tells beside its types: titles, examples and units."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

_TEXTS = {
    "prompt": "a paper boat in rain",
    "text": "Good morning, and welcome aboard.",
    "lyrics": "Paper boat, paper boat, carry me home.",
    "instruction": "Make the sky golden.",
}
_MEDIA = {"video": "clip.mp4", "audio": "voice.mp3"}
_DEPTH = 8
_SAID = re.compile(
    r"\bin (seconds|milliseconds|pixels|degrees|percent|semitones|decibels|frames|Hz|kHz)\b"
    r"|^(frames per second)",
    re.IGNORECASE,
)
_NAMED = re.compile(r"(?:^|_)(seconds|milliseconds|pixels|degrees|percent|fps)$")
_UNITS = {"fps": "frames per second"}


def annotate(schema: dict[str, Any]) -> dict[str, Any]:
    """Give every parameter in a schema, nested ones included, what it lacks of those; in place.

    `unit` stands where the name or the description says one.
    """
    defs = schema.get("$defs", {})
    for holder in (schema, *defs.values()):
        for name, member in holder.get("properties", {}).items():
            plain = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
            member.setdefault("title", plain.replace("_", " ").title())
            member.setdefault("description", "Not described.")
            member.setdefault("examples", [_example(member, plain, defs)])
            said = _SAID.search(member["description"]) or _NAMED.search(plain)
            if said:
                unit = next(filter(None, said.groups()))
                member["unit"] = _UNITS.get(unit, unit if unit.endswith("Hz") else unit.lower())
    return schema


def alternatives(schema: Mapping[str, Any], defs: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The plain schemas that a schema with references and unions stands for."""
    if "$ref" in schema:
        yield from alternatives(defs[schema["$ref"].rpartition("/")[2]], defs)
        return
    for member in schema.get("anyOf", ()):
        yield from alternatives(member, defs)
    if "anyOf" not in schema:
        yield schema


def _example(schema: Mapping[str, Any], name: str, defs: Mapping[str, Any], depth: int = 0) -> Any:
    if schema.get("default") not in (None, ""):
        return schema["default"]
    plains = [plain for plain in alternatives(schema, defs) if plain.get("type") != "null"]
    plain = plains[0] if plains else schema
    listed = [plain["const"]] if "const" in plain else plain.get("enum", ())
    if listed:
        return next((option for option in listed if option not in (None, "")), listed[0])
    if "contentMediaType" in plain:
        kind = plain["contentMediaType"].partition("/")[0]
        return f"https://example.com/{_MEDIA.get(kind, 'first.png')}"
    kind = plain.get("type")
    if kind in ("integer", "number"):
        low, high = plain.get("minimum", -math.inf), plain.get("maximum", math.inf)
        return next((n for n in (1, 5, low, high) if low <= n <= high), 1)
    if kind == "array":
        count = max(1, plain.get("minItems", 1))
        return [_example(plain.get("items", {}), name, defs, depth)] * count
    if kind == "object":
        members = plain.get("properties", {}) if depth < _DEPTH else {}
        chosen = plain.get("required") or list(members)[:1]
        return {
            one: _example(members[one], one, defs, depth + 1) for one in chosen if one in members
        }
    if kind in ("boolean", "null"):
        return True if kind == "boolean" else None
    text = _TEXTS.get(name, name.upper())
    return text.ljust(plain.get("minLength", 0), ".")[: plain.get("maxLength", len(text) + 100)]
