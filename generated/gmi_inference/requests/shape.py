# fmt: off
# isort: skip_file
# ruff: noqa
"""What a request class says of itself: names on the wire, descriptions, and its signature."""

from __future__ import annotations

import inspect
import re
from functools import partial
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from .fields import Sending

_ARGUMENT = re.compile(r"^    (\w+): (.*(?:\n {8}.*)*)", re.MULTILINE)


def wire_name(name: str, field: FieldInfo) -> str:
    """The name of a field in the payload; an empty text is one too."""
    wires = (field.serialization_alias, field.alias)
    return next((wire for wire in wires if wire is not None), name)


def inherit(cls: type[BaseModel]) -> bool:
    """Let the fields that a class of the user's overrides stay the parameters they are.

    They keep their wire name, and a default of their own is sent. True when pydantic has to make
    its validator anew.
    """
    renamed = False
    for name, field in cls.model_fields.items():
        bases = (getattr(base, "model_fields", {}) for base in cls.__mro__[1:])
        inherited = next((fields[name] for fields in bases if name in fields), None)
        if inherited is None:
            continue
        if wire_name(name, field) == name != wire_name(name, inherited):
            renamed = True
            for kind in ("alias", "validation_alias", "serialization_alias"):
                setattr(field, kind, getattr(inherited, kind))
        if not field.is_required() and _default(field) != _default(inherited):
            field.metadata.append(Sending.ALWAYS)
        if Sending.NULL in inherited.metadata and Sending.NULL not in field.metadata:
            field.metadata.append(Sending.NULL)
    return renamed


def _default(field: FieldInfo) -> Any:
    return field.default_factory or field.default


def described(cls: type[BaseModel]) -> dict[str, str]:
    """What each parameter means, by Python name, as the docstrings of the class have it."""
    told: dict[str, str] = {}
    for one in reversed(cls.__mro__):
        arguments = inspect.cleandoc(vars(one).get("__doc__") or "").partition("Args:\n")[2]
        for name, text in _ARGUMENT.findall(arguments):
            told[name] = " ".join(text.split())
    return {name: text for name, text in told.items() if name in cls.model_fields}


def without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """The JSON Schema of a parameter that may be left out, and is never null on the wire."""
    members = [one for one in schema.get("anyOf", ()) if one != {"type": "null"}]
    told = {key: value for key, value in schema.items() if (key, value) != ("default", None)}
    if len(members) == 1:
        del told["anyOf"]
        return {**members[0], **told}
    return {**told, "anyOf": members} if members else told


class Signed:
    """The signature of a request class, made when it is asked for: its parameters first."""

    def __get__(self, instance: object, cls: type[BaseModel]) -> inspect.Signature:
        if instance is not None:
            raise AttributeError("__signature__")
        parameter = partial(inspect.Parameter, kind=inspect.Parameter.KEYWORD_ONLY)
        told = [
            parameter(name, default=_shown_default(field), annotation=field.annotation)
            for name, field in cls.model_fields.items()
        ]
        if hasattr(cls, "extra_payload"):
            told.append(parameter("extra_payload", default={}, annotation=dict[str, Any]))
        return inspect.Signature(told)


def _shown_default(field: FieldInfo) -> Any:
    empty = inspect.Parameter.empty
    return empty if field.is_required() else field.get_default(call_default_factory=True)
