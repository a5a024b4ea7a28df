# fmt: off
# isort: skip_file
# ruff: noqa
"""A complete request to begin with, made from the schema of a model's payload."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from typing import Any

from .schema import Schema, schema_of, takes_media

_WELCOME = frozenset({"prompt", "text", "lyrics", "instruction"})
"""Parameters without which an example would not be worth trying, required or not."""


def example(schema: Schema, names: Mapping[str, str]) -> list[str]:
    """Arguments that make a request: the required parameters, or else one worth beginning with.

    `names` maps names of parameters to those in the schema. They are safe to paste into a shell.
    """
    defs = schema.get("$defs", {})
    required = schema.get("required", ())
    chosen = [name for name, wire in names.items() if wire in required or name in _WELCOME]
    if not chosen:
        media = [n for n, wire in names.items() if takes_media(schema_of(wire, schema), defs)]
        chosen = [*media, *names][:1]
    return [_argument(name, schema_of(names[name], schema)["examples"][0]) for name in chosen]


def _argument(name: str, value: Any) -> str:
    if isinstance(value, str) and value != "-" and not value.startswith("@"):
        return f"{name}={shlex.quote(value)}"
    return f"{name}:={shlex.quote(json.dumps(value))}"
