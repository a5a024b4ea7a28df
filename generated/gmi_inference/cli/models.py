# fmt: off
# isort: skip_file
# ruff: noqa
"""Models in words: what one takes and costs, and the list of them."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from ..client.joining import PACKAGES
from ..requests.estimate import price_table
from ..requests.facts import ModelFacts, catalog, search
from ..runtime.errors import ModelNotFoundError
from ..runtime.suggest import did_you_mean, nearest
from .classes import all_classes, known_by_name, meant, wire_names
from .example import example
from .output import note, out_json, out_lines
from .schema import Schema, alternatives, limits, options, schema_of
from .tables import tell_rows
from .words import command

if TYPE_CHECKING:
    from ..client.client import Client
    from ..requests.base import Request

_WORDS = {
    "string": "text",
    "array": "list",
    None: "any JSON value",
}
_JSON_TYPES = {str: "text", bool: "boolean", int: "integer", float: "number", type(None): "null"}
_DEPTH = 6


def tell_class(model: str, as_json: bool) -> bool:
    """Print what the request class of a model knows; False when there is no class."""
    cls = meant(model)
    if cls is None:
        return False
    if model != cls.MODEL_ID:
        note(f"gmi: {cls.MODEL_ID} is meant.")
    if as_json:
        out_json(document(cls))
    else:
        out_lines(described(cls))
    return True


def tell_details(client: Client, model: str, as_json: bool) -> None:
    """Print the details of a model as the API has them."""
    details = client.models.get(model)
    if as_json:
        out_json(details)
        return
    note(f"gmi: this package has no request class for {model}; this is what the API says.")
    out_lines(json.dumps(details, indent=2))


def tell_list(ids: Iterable[str], as_json: bool) -> None:
    """Print ids, one a line, with what goes in and out and the price where that is known."""
    if as_json:
        out_json([_entry(one) for one in ids])
        return
    tell_rows(("ID", "TAKES", "GIVES", "PRICE"), map(_row, ids))


def _row(id: str) -> tuple[str, ...]:
    told = catalogued().get(id)
    if told is None:
        return (id,)
    return (id, ", ".join(told.takes), ", ".join(told.gives) or "-", told.price.line or "-")


def _entry(id: str) -> dict[str, Any]:
    told = catalogued().get(id)
    if told is None:
        return {"id": id}
    price = {"line": told.price.line or None, "low": told.price.low, "high": told.price.high}
    return {"id": id, "takes": [*told.takes], "gives": [*told.gives], "price": price}


def bundled() -> list[str]:
    """The ids of the models that this package has classes for."""
    return [cls.MODEL_ID for cls in all_classes()]


def near(model: str) -> str:
    """Whether another model is meant, as a question with a space before it."""
    return did_you_mean(nearest(model, [*bundled(), *known_by_name()]))


def narrowed(takes: Sequence[str], gives: str | None, max_usd: float | None) -> list[str]:
    """The ids of the models that take and give this, for at most so many US dollars by what is
    published; the cheapest first. Raises InvalidRequestError for words nothing is called by.
    """
    ids = [told.id for told in search(catalogued(), "", takes, gives, None, None, max_usd)]
    if not ids:
        note("gmi: no model is all of this.")
    return ids


@cache
def catalogued() -> dict[str, ModelFacts]:
    """What this package knows of its models without loading a class, by id."""
    return {one: facts for package in PACKAGES for one, facts in catalog(package).items()}


def found(asked: Sequence[str], ids: Sequence[str]) -> Sequence[str]:
    """The ids that words find: in the id or in what its class says; else those that look alike.

    Raises ModelNotFoundError when there are none.
    """
    about = {
        cls.MODEL_ID: f"{cls.MODEL_ID} {cls.__doc__ or ''}".casefold() for cls in all_classes()
    }
    words = [word.casefold() for word in asked]
    named = [one for one in ids if all(word in one.casefold() for word in words)]
    told = [one for one in ids if all(word in about.get(one, "") for word in words)]
    if named or told or not asked:
        return named or told
    near = nearest(" ".join(asked), ids)
    missing = f"No model is found by {' '.join(asked)}.{did_you_mean(near)}"
    if not near:
        raise ModelNotFoundError(missing)
    note(f"gmi: {missing}")
    return near


def price(cls: type[Request]) -> str:
    """What the model costs, as far as is published, or nothing."""
    table = price_table(cls)
    return str(table["line"]) if table else cls.PRICE["details"] if cls.PRICE else ""


def described(cls: type[Request]) -> str:
    """What the class says of itself, each parameter with its type, and a command to begin with."""
    schema = cls.payload_schema()
    names = wire_names(cls)
    about = inspect.getdoc(cls) or ""
    # Under -OO there are no docstrings.
    if "\nArgs:\n" not in about:
        about = "\n".join([about, "Args:", *(f"    {name}:" for name in names)])
    blocks = re.split(r"(?m)^(?=    \w+:)", about.replace("\nArgs:\n", "\nParameters:\n"))
    told = [blocks[0], *(_parameter(block, schema, names) for block in blocks[1:])]
    begin = " ".join([command("run", cls.MODEL_ID), *example(schema, names)])
    return f"{cls.MODEL_ID}: {''.join(told).strip()}\n\nBegin with:\n    {begin}"


def document(cls: type[Request]) -> dict[str, Any]:
    """The same for programs: the id, prices, and the JSON Schema of the payload."""
    told = {"id": cls.MODEL_ID, "price": cls.PRICE, "prices": price_table(cls)}
    return {**told, "payload_schema": cls.payload_schema()}


def type_words(schema: Schema, defs: Mapping[str, Schema]) -> str:
    """A schema in words: `text`, `integer`, `image`, `list of image`."""
    told = [_plain_words(plain, defs) for plain in alternatives(schema, defs)]
    kept = [words for words in dict.fromkeys(told) if words != "null"]
    return " or ".join(kept) or "null"


def _parameter(block: str, schema: Schema, names: Mapping[str, str]) -> str:
    """A parameter of the docstring with its type, and the members of the objects it takes."""
    name, _, rest = block.partition(":")
    own, defs = schema_of(names.get(name.strip(), ""), schema), schema.get("$defs", {})
    members = "".join(f"    {line}\n" for line in _members(own, defs))
    return f"{name} ({type_words(own, defs)}):{rest.rstrip()}\n{members}"


def _members(schema: Schema, defs: Mapping[str, Schema], depth: int = 1) -> Iterator[str]:
    for plain in alternatives(schema, defs) if depth < _DEPTH else ():
        yield from _members(plain["items"], defs, depth + 1) if plain.get("items") else ()
        for name, member in plain.get("properties", {}).items():
            words = limits(member, defs, required=name in plain.get("required", ()))
            about = " ".join([*member.get("description", "").split(), words])
            yield f"    {name} ({type_words(member, defs)}): {about}".rstrip(": ")
            yield from (f"    {line}" for line in _members(member, defs, depth + 1))


def _plain_words(plain: Schema, defs: Mapping[str, Schema]) -> str:
    if "contentMediaType" in plain:
        return str(plain["contentMediaType"]).partition("/")[0]
    if listed := options(plain):
        return " or ".join(dict.fromkeys(_JSON_TYPES.get(type(one), "object") for one in listed))
    if plain.get("type") == "array" and plain.get("items"):
        return f"list of {type_words(plain['items'], defs)}"
    kind = plain.get("type")
    return _WORDS.get(kind, str(kind))
