"""Catalogues of any size, as varied as the real one: copies of models flatter every cache.

Names, descriptions, bounds and options are drawn anew for each model, from a seed. Sizes are those
of the bundled catalogue: about seven parameters a model, four options an enum, of which nearly half
are no other model's.
"""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

_KINDS = ("video", "image", "audio", "utility")
_TYPES = ("string", "string", "string", "enum", "enum", "integer", "boolean", "array", "image")
_UNITS = ("image", "second", "request")
_NOUNS = """
    prompt style seed strength frame mask voice tempo pitch shape canvas camera motion light shadow
    texture grain palette focus depth noise guidance step batch duration ratio format quality tone
    accent scene subject border crop zoom layer channel speed length width height
""".split()  # noqa: SIM905
_ADJECTIVES = """
    first last negative positive source target initial final maximum minimum total inner outer
    upper lower left right global local random fixed soft hard fast slow
""".split()  # noqa: SIM905
_WORDS = """
    the a of in to with for when how what is are that this from by at on as it one each every
    picture clip sound text model result output input value number between above below larger
    smaller keeps makes changes guides steers follows sharper softer longer shorter brighter darker
    default optional (JPG, PNG or WebP) seconds pixels percent higher lower means more less detail
    the model's own choice e.g. "cinematic" or 'calm' up to 10 MB http(s) address
""".split()  # noqa: SIM905
_COMMON = (
    ("1:1", "3:2", "2:3", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9"),
    *(("16:9", "9:16", "1:1"), ("480p", "720p", "1080p"), ("5", "10"), ("std", "pro")),
    *(("png", "jpeg", "webp"), ("low", "medium", "high"), ("1K", "2K", "4K"), ("mp3", "wav")),
)


def documents(count: int, seed: int = 7) -> list[dict[str, Any]]:
    """Details of `count` models, none a copy of another."""
    draw = Random(seed)
    return [_document(number, draw) for number in range(count)]


def write(folder: Path, count: int, seed: int = 7) -> None:
    """A folder of details, as `gmigen fetch --from-dir` takes it."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, details in enumerate(documents(count, seed)):
        (folder / f"{number:05}.json").write_text(json.dumps(details), "utf-8")


def changed(details: dict[str, Any]) -> dict[str, Any]:
    """The same model with another description of one parameter."""
    first, *rest = details["parameters"]
    return {**details, "parameters": [{**first, "description": "It was changed."}, *rest]}


def _document(number: int, draw: Random) -> dict[str, Any]:
    vendor, noun = draw.choice(_ADJECTIVES).title(), draw.choice(_NOUNS).title()
    name = f"{vendor}{noun}-{number}.{draw.randint(0, 9)}-{draw.choice(('pro', 'fast', 'lite'))}"
    names = dict.fromkeys(_name(draw) for _ in range(draw.randint(3, 10)))
    return {
        "model": name,
        "org_id": vendor.lower(),
        "brief_description": _prose(draw, 5, 14),
        "detailed_description": f"## {name}\n{_prose(draw, 10, 40)}",
        "model_type": draw.choice(_KINDS),
        "tags": draw.sample(_NOUNS, 2),
        "price_info": {"price": draw.randint(1, 900) * 1000, "unit": draw.choice(_UNITS)},
        "parameters": [_parameter(name, draw) for name in ("prompt", *names)],
    }


def _parameter(name: str, draw: Random) -> dict[str, Any]:
    told: dict[str, Any] = {
        "name": name,
        "display_name": name.replace("_", " ").title(),
        "description": _prose(draw, 3, 30),
        "required": draw.random() < 0.3,
        "type": draw.choice(_TYPES),
    }
    if told["type"] == "enum":
        own = draw.random() < 0.45
        told["options"] = draw.sample(_NOUNS, draw.randint(2, 6)) if own else draw.choice(_COMMON)
        told["default_value"] = told["options"][0]
    elif told["type"] == "integer":
        least = draw.randint(0, 20)
        told |= {"min_value": least, "max_value": least + draw.randint(1, 40) * 5}
        told["default_value"] = least + 1
    elif told["type"] == "boolean":
        told["default_value"] = draw.random() < 0.5
    return told


def _name(draw: Random) -> str:
    one, other = draw.choice(_ADJECTIVES), draw.choice(_NOUNS)
    return f"{one}{other.title()}" if draw.random() < 0.2 else f"{one}_{other}"


def _prose(draw: Random, least: int, most: int) -> str:
    words = draw.choices(_WORDS, k=draw.randint(least, most))
    return f"{draw.choice(_ADJECTIVES).title()} {' '.join(words)}."
