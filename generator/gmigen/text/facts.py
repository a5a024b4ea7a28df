"""What there is to say about a parameter besides its description, in plain words."""

from __future__ import annotations

import json
from decimal import Decimal

from ..schema.types import (
    Anything,
    Boolean,
    Choice,
    Integer,
    Json,
    ListOf,
    Media,
    Model,
    Null,
    Number,
    OneOf,
    OpenRecord,
    Parameter,
    Price,
    Record,
    Text,
    Type,
)

SHOWN_OPTIONS = 16

_MEDIA = {"image": "image", "video": "video", "audio": "audio", "file": "media file"}


def facts(parameter: Parameter) -> str:
    """Required or not, options, bounds and default, as short sentences."""
    told = ["Required."] if parameter.required and parameter.default is None else []
    limits = restriction(parameter.type)
    if limits:
        told.append(f"{limits}.")
    if parameter.step is not None:
        told.append(f"In steps of {shown(parameter.step)}.")
    if parameter.default is not None:
        default = shown(parameter.default.value)
        sent = f"Sent as {default} when not given." if parameter.required else None
        told.append(sent or f"The API's default: {default}.")
    return " ".join(told)


def restriction(kind: Type) -> str:
    """The options and bounds of a type, or nothing where it has none."""
    told = _restriction(kind)
    return told[:1].upper() + told[1:]


def _restriction(kind: Type) -> str:
    if isinstance(kind, Choice):
        listed = ", ".join(shown(value) for value in kind.values[:SHOWN_OPTIONS])
        rest = len(kind.values) - SHOWN_OPTIONS
        if len(kind.values) == 1:
            return f"only {listed}"
        return f"one of {listed}" + (f" and {rest} more" if rest > 0 else "")
    if isinstance(kind, (Integer, Number)):
        return _between(kind.minimum, kind.maximum, "")
    if isinstance(kind, Text):
        return _between(kind.min_length, kind.max_length, " characters")
    if isinstance(kind, ListOf):
        told = [_between(kind.min_items, kind.max_items, " elements"), _restriction(kind.item)]
        return ", each ".join(part for part in told if part)
    if isinstance(kind, OneOf):
        told = [_restriction(member) for member in kind.members]
        return ", or ".join(dict.fromkeys(part for part in told if part))
    return ""


def type_words(kind: Type) -> str:
    """A type in words for people: `text`, `list of images`, `number or null`."""
    if isinstance(kind, OneOf):
        return " or ".join(dict.fromkeys(type_words(member) for member in kind.members))
    if isinstance(kind, ListOf):
        if isinstance(kind.item, Anything):
            return "list"
        plural = type_words(kind.item)
        return f"list of {plural}" if plural.endswith("s") else f"list of {plural}s"
    if isinstance(kind, Media):
        return _MEDIA[kind.kind]
    if isinstance(kind, Choice):
        return " or ".join(dict.fromkeys(_JSON_TYPES[type(value)] for value in kind.values))
    return _WORDS[type(kind)]


def dollars(price: Price) -> str:
    """`$0.152 per second`, exact to the micro-dollar."""
    amount = Decimal(price.micro_dollars).scaleb(-6).normalize()
    unit = f" per {price.unit}" if price.unit else ""
    return f"${amount:f}{unit}"


def price_line(model: Model) -> str:
    """What the model costs, by what is published or else by the snapshot, or nothing."""
    if model.pricing:
        return model.pricing.line
    told = [dollars(model.price)] if model.price else []
    if model.pricing_details:
        told.append(f"({model.pricing_details})" if told else model.pricing_details)
    return " ".join(told)


def shown(value: Json) -> str:
    """A JSON value as it goes over the wire, shortened where it is long."""
    text = json.dumps(value, ensure_ascii=False)
    if not text.isprintable():
        text = json.dumps(value)
    return text if len(text) <= 120 else f"{text[:117]}..."


def _between(low: float | None, high: float | None, unit: str) -> str:
    if low is not None and high is not None:
        return f"from {_number(low)} to {_number(high)}{unit}"
    if low is not None:
        return f"at least {_number(low)}{unit}"
    return f"at most {_number(high)}{unit}" if high is not None else ""


def _number(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) and abs(value) < 10**21 else f"{value:.6g}"


_WORDS: dict[type, str] = {
    Text: "text",
    Integer: "integer",
    Number: "number",
    Boolean: "boolean",
    Null: "null",
    Anything: "any JSON value",
    Record: "object",
    OpenRecord: "object",
}

_JSON_TYPES: dict[type, str] = {
    str: "text",
    int: "integer",
    float: "number",
    bool: "boolean",
    type(None): "null",
    dict: "object",
    list: "list",
}
