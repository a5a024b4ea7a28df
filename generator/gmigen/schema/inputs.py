"""Which pictures, clips and sounds a model takes: by its parameters, not by what it announces."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .types import ListOf, Media, Model, OneOf, Parameter, Record, Type

WORDS = {"image": "image", "video": "video", "audio": "audio", "file": "media file"}


@dataclass(frozen=True)
class Input:
    """One place for media: the parameter, the path inside it, the kind, and how many fit."""

    parameter: Parameter
    path: str
    kind: str
    most: int | None
    """None where no limit is said."""


def inputs_of(parameter: Parameter) -> tuple[Input, ...]:
    """Every place for media in a parameter, members of nested objects included."""
    found = {(path, kind): most for path, kind, most in _inside(parameter.type, "", 1)}
    return tuple(Input(parameter, path, kind, most) for (path, kind), most in found.items())


def kinds(model: Model) -> tuple[str, ...]:
    """What goes in, by the parameters: `text`, `image`, `video`, `audio`."""
    found = {place.kind for parameter in model.parameters for place in inputs_of(parameter)}
    if any(p.name in ("prompt", "text", "lyrics", "instruction") for p in model.parameters):
        found.add("text")
    return tuple(kind for kind in ("text", "image", "video", "audio", "file") if kind in found)


def takes(model: Model) -> tuple[str, ...]:
    """What goes in: what the parameters take, and what is announced and they can take."""
    found = {*kinds(model), *model.inputs} - {*(promised_only(model) if model.parameters else ())}
    return tuple(kind for kind in ("text", "image", "video", "audio", "file") if kind in found)


def pictures(model: Model) -> tuple[int, bool]:
    """How many pictures surely fit into one request, and whether there may be more than that."""
    places = [
        place for p in model.parameters for place in inputs_of(p) if place.kind in ("image", "file")
    ]
    return sum(place.most or 1 for place in places), any(place.most is None for place in places)


def promised_only(model: Model) -> tuple[str, ...]:
    """Kinds of input the catalogue announces and no known parameter takes."""
    taken = {*kinds(model), *(("image", "video", "audio") if "file" in kinds(model) else ())}
    return tuple(kind for kind in model.inputs if kind in WORDS and kind not in taken)


def _inside(kind: Type, path: str, most: int | None) -> Iterator[tuple[str, str, int | None]]:
    if isinstance(kind, Media):
        yield path, kind.kind, most
    elif isinstance(kind, OneOf):
        # A picture or a list of pictures: the list says how many there may be.
        for member in sorted(kind.members, key=lambda m: isinstance(m, ListOf)):
            yield from _inside(member, path, most)
    elif isinstance(kind, ListOf):
        yield from _inside(kind.item, path, kind.max_items)
    elif isinstance(kind, Record):
        for field in kind.fields:
            yield from _inside(field.type, f"{path}.{field.name}", most)
