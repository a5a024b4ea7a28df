# fmt: off
# isort: skip_file
# ruff: noqa
"""Questions about the JSON Schema of a payload, as the request classes make it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ..requests.annotations import alternatives as alternatives

Schema = Mapping[str, Any]

ANYTHING: Schema = {}
"""The schema of what nothing is known about."""


def schema_of(name: str, schema: Schema) -> Schema:
    """The schema of one member of a payload."""
    found: Schema = schema.get("properties", {}).get(name, ANYTHING)
    return found


def takes_media(schema: Schema, defs: Mapping[str, Schema]) -> bool:
    """Whether a member is a media input, or a list of them."""
    return any(
        "contentMediaType" in plain
        or (plain.get("type") == "array" and takes_media(plain.get("items", {}), defs))
        for plain in alternatives(schema, defs)
    )


def says(plain: Schema) -> bool:
    """Whether a schema restricts its value at all."""
    return any(key in plain for key in ("type", "enum", "const"))


def takes_files(plain: Schema) -> bool:
    """Whether a local file may stand here: a media input, or a place nothing is known of."""
    return "contentMediaType" in plain or not says(plain)


def options(plain: Schema) -> list[Any]:
    """The values a schema lists, if it lists them."""
    return [plain["const"]] if "const" in plain else list(plain.get("enum", ()))


def is_free_text(plain: Schema) -> bool:
    """Whether a schema takes any text at all."""
    return not options(plain) and plain.get("type", "string") == "string"


def is_of(value: Any, plain: Schema) -> bool:
    """Whether JSON is an option of the schema, or of its type where it lists none."""
    if listed := options(plain):
        return any(value == option and type(value) is type(option) for option in listed)
    kinds: dict[str, tuple[type, ...]] = {
        "integer": (int,),
        "number": (int, float),
        "boolean": (bool,),
        "null": (type(None),),
        "array": (list,),
        "object": (dict,),
    }
    return type(value) in kinds.get(plain.get("type", ""), ())


def limits(schema: Schema, defs: Mapping[str, Schema], *, required: bool = False) -> str:
    """What a schema admits, in sentences: `From 1 to 8. Default 4.`"""
    plains = [plain for plain in alternatives(schema, defs) if plain.get("type") != "null"]
    told = ["Required."] if required else []
    for plain in plains:
        listed = [json.dumps(option, ensure_ascii=False) for option in options(plain)]
        low, high = plain.get("minimum"), plain.get("maximum")
        if listed:
            told.append(f"One of {', '.join(listed)}.")
        elif low is not None and high is not None:
            told.append(f"From {low} to {high}.")
        elif low is not None or high is not None:
            told.append(f"At least {low}." if high is None else f"At most {high}.")
        unit = "elements" if plain.get("type") == "array" else "characters"
        for word, key in (("least", "min"), ("most", "max")):
            size = plain.get(f"{key}Items", plain.get(f"{key}Length"))
            told += [f"At {word} {size} {unit}."] if size else []
    if schema.get("default") is not None:
        told.append(f"The API's default: {json.dumps(schema['default'], ensure_ascii=False)}.")
    return " ".join(dict.fromkeys(told))
