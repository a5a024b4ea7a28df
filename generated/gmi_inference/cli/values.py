# fmt: off
# isort: skip_file
# ruff: noqa
"""From `name=value` to the values of a request, read the way the model's schema says.

    prompt="a boat"      text where the schema takes text; else a number, true, false or null
    image=@first.png     a local file where the schema takes media
    prompt=@words.txt    the text in a file where the schema takes text
    prompt=-             the text on standard input
    shots:='[{"n": 1}]'  JSON as it stands; a text in it may be "@first.png" where media go
    image=@a image=@b    a list, where the schema takes one

A model without a schema takes texts, files and JSON in the same spelling.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..runtime.errors import Fault, InvalidRequestError
from .schema import (
    ANYTHING,
    Schema,
    alternatives,
    is_free_text,
    is_of,
    options,
    says,
    schema_of,
    takes_files,
    takes_media,
)
from .texts import TextFile, path_of

_PAIR = re.compile(r"([^=]+?)(:?=)(.*)", re.DOTALL)
_WORDS = frozenset({"true", "false", "null"})
_NOT_JSON = object()


@dataclass(frozen=True)
class Pair:
    """One argument; `raw` when its text is JSON as it stands (`:=`)."""

    name: str
    text: str
    raw: bool


def pair_of(argument: str) -> Pair:
    """The parts of `name=value` or `name:=json`. Raises InvalidRequestError."""
    parts = _PAIR.fullmatch(argument)
    if parts is None:
        raise InvalidRequestError.of(argument, "write it as name=value, or name:=json")
    return Pair(parts[1], parts[3], parts[2] == ":=")


def values(
    arguments: Iterable[str], schema: Schema = ANYTHING, wire: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """The values of `arguments` under the names they were given by.

    `schema` is the JSON Schema of the payload, and `wire` maps other spellings of its names to
    those in it. Names it does not know are read too, for the request class to refuse. Raises
    InvalidRequestError with every argument that cannot be read. Touches no file: a text that stands
    elsewhere is a `TextFile`.
    """
    groups: dict[str, list[Pair]] = {}
    faults: list[Fault] = []
    for argument in arguments:
        try:
            pair = pair_of(argument)
        except InvalidRequestError as error:
            faults += error.faults
        else:
            groups.setdefault((wire or {}).get(pair.name, pair.name), []).append(pair)
    found: dict[str, Any] = {}
    defs = schema.get("$defs", {})
    for name, pairs in groups.items():
        try:
            found[pairs[0].name] = _value(pairs, schema_of(name, schema), defs)
        except InvalidRequestError as error:
            faults += error.faults
    if faults:
        raise InvalidRequestError(faults)
    return found


def local_files(value: Any) -> Iterator[Path]:
    """Every local file in a value, however deep."""
    if isinstance(value, Path):
        yield value
    elif isinstance(value, Mapping):
        for member in value.values():
            yield from local_files(member)
    elif isinstance(value, list):
        for member in value:
            yield from local_files(member)


def _value(pairs: Sequence[Pair], schema: Schema, defs: Mapping[str, Schema]) -> Any:
    if len(pairs) == 1:
        return _one(pairs[0], schema, defs)
    for plain in alternatives(schema, defs):
        if plain.get("type") == "array" or not says(plain):
            items = plain.get("items", ANYTHING)
            return [_one(pair, items, defs) for pair in pairs]
    raise InvalidRequestError.of(pairs[0].name, f"given {len(pairs)} times, but it takes one value")


def _one(pair: Pair, schema: Schema, defs: Mapping[str, Schema]) -> Any:
    if not pair.raw:
        if pair.text == "-" and takes_media(schema, defs):
            advice = f"standard input is no file to upload; save it, and write {pair.name}=@FILE"
            raise InvalidRequestError.of(pair.name, advice)
        return _read(pair.text, schema, defs)
    value = _json(pair.text)
    if value is _NOT_JSON:
        raise InvalidRequestError.of(
            pair.name, f"what follows := is not JSON; a text is written {pair.name}=text"
        )
    return _with_files(value, schema, defs)


def _read(text: str, schema: Schema, defs: Mapping[str, Schema]) -> Any:
    """A text as the first of these that the schema takes: file, option, text, JSON, list."""
    plains = list(alternatives(schema, defs))
    if text.startswith("@") and any(takes_files(plain) for plain in plains):
        return path_of(text[1:])
    listed = [option for plain in plains for option in options(plain)]
    if text in listed:
        return text
    if any(is_free_text(plain) for plain in plains):
        if text == "-":
            return TextFile()
        return TextFile(path_of(text[1:])) if text.startswith("@") else text
    value = _json(text.lower() if text.lower() in _WORDS else text)
    if any(is_of(value, plain) for plain in plains):
        return value
    for plain in plains:
        if plain.get("type") == "array":
            return [_read(text, plain.get("items", ANYTHING), defs)]
    wants_text = any(isinstance(option, str) for option in listed)
    return text if wants_text or value is _NOT_JSON else value


def _with_files(value: Any, schema: Schema, defs: Mapping[str, Schema]) -> Any:
    """JSON with the files its "@path" texts name, where the schema takes media."""
    for plain in alternatives(schema, defs):
        if isinstance(value, str) and value.startswith("@") and "contentMediaType" in plain:
            return path_of(value[1:])
        if isinstance(value, list) and "items" in plain:
            return [_with_files(member, plain["items"], defs) for member in value]
        if isinstance(value, dict) and "properties" in plain:
            return {
                name: _with_files(member, schema_of(name, plain), defs)
                for name, member in value.items()
            }
    return value


def _json(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return _NOT_JSON


def _no_constant(word: str) -> Any:
    raise ValueError(f"{word} is not JSON")
