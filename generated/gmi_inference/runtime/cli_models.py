# fmt: off
# isort: skip_file
# ruff: noqa
"""The request classes of the package `gmi` came with, found by model id and told in words."""

from __future__ import annotations

import inspect
import json
import re
import shlex
from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

from .cli_output import note, out_json, out_lines
from .cli_schema import Schema, alternatives, options, schema_of

if TYPE_CHECKING:
    from .client import Client
    from .request import Request

_WORDS = {
    "string": "text",
    "array": "list",
    None: "any JSON value",
}
_JSON_TYPES = {str: "text", bool: "boolean", int: "integer", float: "number", type(None): "null"}


def request_class(model: str) -> type[Request] | None:
    """The class of a model; None when this package has none for it, or has no classes at all."""
    from .errors import ModelNotFoundError

    beside = f"{__name__.rpartition('.runtime.')[0]}.models"
    try:
        models = import_module(beside)
    except ModuleNotFoundError as missing:
        if missing.name != beside:
            raise
        return None
    try:
        found: type[Request] = models.request_class(model)
    except ModelNotFoundError:
        return None
    return found


def wire_names(cls: type[Request]) -> dict[str, str]:
    """Attribute names to the names that go over the wire."""
    return {
        name: field.serialization_alias or field.alias or name
        for name, field in cls.model_fields.items()
        if not field.exclude
    }


def tell_class(model: str, as_json: bool) -> bool:
    """Print what the request class of a model knows; False when there is no class."""
    cls = request_class(model)
    if cls is None:
        return False
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


def described(cls: type[Request]) -> str:
    """What the class says of itself, each parameter with its type, and a command to begin with."""
    schema = cls.payload_schema()
    defs = schema.get("$defs", {})
    types = {
        name: type_words(schema_of(wire, schema), defs) for name, wire in wire_names(cls).items()
    }
    about = inspect.getdoc(cls) or ""
    # Under -OO there are no docstrings.
    if "\nArgs:\n" not in about:
        about = "\n".join([about, "Args:", *(f"    {name}:" for name in types)])
    typed = re.sub(
        r"(?m)^    (\w+):",
        lambda found: f"    {found[1]} ({types.get(found[1], 'any JSON value')}):",
        about.replace("\nArgs:\n", "\nParameters:\n"),
    )
    required = schema.get("required", ())
    needed = [f"{name}=..." for name, wire in wire_names(cls).items() if wire in required]
    command = " ".join(["gmi run", shlex.quote(cls.MODEL_ID), *needed])
    return f"{cls.MODEL_ID}: {typed.strip()}\n\nBegin with:\n    {command}"


def document(cls: type[Request]) -> dict[str, Any]:
    """The same for programs: the id, the price, and the JSON Schema of the payload."""
    return {"id": cls.MODEL_ID, "price": cls.PRICE, "payload_schema": cls.payload_schema()}


def type_words(schema: Schema, defs: Mapping[str, Schema]) -> str:
    """A schema in words: `text`, `integer`, `image`, `list of image`."""
    told = [_plain_words(plain, defs) for plain in alternatives(schema, defs)]
    kept = [words for words in dict.fromkeys(told) if words != "null"]
    return " or ".join(kept) or "null"


def _plain_words(plain: Schema, defs: Mapping[str, Schema]) -> str:
    if "contentMediaType" in plain:
        return str(plain["contentMediaType"]).partition("/")[0]
    if listed := options(plain):
        return " or ".join(dict.fromkeys(_JSON_TYPES.get(type(one), "object") for one in listed))
    if plain.get("type") == "array" and plain.get("items"):
        return f"list of {type_words(plain['items'], defs)}"
    kind = plain.get("type")
    return _WORDS.get(kind, str(kind))
