"""The types JSON Schema has words of its own for, in those words; no text of a document in them."""

from __future__ import annotations

from typing import Final

from .types import Anything, Boolean, Integer, Json, Null, Number, OpenRecord, Text, never

PLAIN: Final = (Text, Integer, Number, Boolean, Null, Anything, OpenRecord)
"""The types that hold no options and no other type."""

Plain = Text | Integer | Number | Boolean | Null | Anything | OpenRecord


def plain_schema(kind: Plain) -> dict[str, Json]:
    """The JSON Schema of such a type."""
    if isinstance(kind, Text):
        return present(type="string", minLength=kind.min_length, maxLength=kind.max_length)
    if isinstance(kind, Integer):
        return present(type="integer", minimum=kind.minimum, maximum=kind.maximum)
    if isinstance(kind, Number):
        return present(type="number", minimum=kind.minimum, maximum=kind.maximum)
    if isinstance(kind, Boolean):
        return {"type": "boolean"}
    if isinstance(kind, Null):
        return {"type": "null"}
    if isinstance(kind, Anything):
        return {}
    if isinstance(kind, OpenRecord):
        return {"type": "object"}
    never(kind)


def present(**members: Json) -> dict[str, Json]:
    """Those of the members that are not None."""
    return {key: value for key, value in members.items() if value is not None}
