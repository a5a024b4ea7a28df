"""What a first frame, a duration or a seed is called in each model."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ..schema.inputs import inputs_of
from ..schema.types import Boolean, Model, Parameter


@dataclass(frozen=True)
class Role:
    """Something that many models take, under many names."""

    key: str
    title: str
    names: frozenset[str]
    """Wire names without case and punctuation."""
    media: str = ""


def _names(words: str) -> frozenset[str]:
    return frozenset(words.split())


ROLES = (
    Role(
        "first-frame",
        "First frame",
        _names("firstframe firstframeimage startframeurl frame0image startimage startimageurl"),
        "image",
    ),
    Role(
        "last-frame",
        "Last frame",
        _names("lastframe lastframeimage endframeurl frame1image imagetail endimage endimageurl"),
        "image",
    ),
    Role(
        "picture",
        "Picture",
        _names("image images imageurl imgurl imageuri pathtoimage imagelist inputimage photo"),
        "image",
    ),
    Role(
        "reference",
        "Reference pictures",
        _names("referenceimage referenceimages refimages referimages inputreference"),
        "image",
    ),
    Role("duration", "Duration", _names("duration durationseconds videolength seconds length")),
    Role("shape", "Frame shape", _names("aspectratio ratio")),
    Role("resolution", "Resolution", _names("resolution size imagesize videoresolution")),
    Role("sound", "Sound", _names("sound audio generateaudio generateaudioswitch withaudio")),
    Role("negative", "What not to show", _names("negativeprompt")),
    Role("seed", "Seed", _names("seed")),
    Role("count", "How many", _names("n maximages numimages numoutputs")),
)


def plays(role: Role, model: Model) -> Iterator[Parameter]:
    """The parameters of a model that play a role."""
    for parameter in model.parameters:
        if re.sub(r"[^a-z0-9]", "", parameter.name.lower()) not in role.names:
            continue
        kinds = {place.kind for place in inputs_of(parameter)}
        if role.media and role.media not in kinds:
            continue
        if role.key == "sound" and not _switches(parameter):
            continue
        yield parameter


def _switches(parameter: Parameter) -> bool:
    """Sound that is switched on, and not sound that goes in."""
    return isinstance(parameter.type, Boolean) or not inputs_of(parameter)
