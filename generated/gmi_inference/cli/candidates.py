# fmt: off
# isort: skip_file
# ruff: noqa
"""What may stand where a shell asks for completion: read from this package, nothing is asked."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from click.shell_completion import CompletionItem

from ..requests.facts import TAKES
from ..runtime.errors import GMIError
from .output import shown

Items = list["CompletionItem[str]"]


def models(_model: str | None, incomplete: str) -> Items:
    """Ids of models, in whatever letter case they were begun."""
    from .models import catalogued

    return [
        CompletionItem(one.id, help=_about(", ".join(one.takes), one.price.line))
        for one in catalogued().values()
        if one.id.casefold().startswith(incomplete.casefold())
    ]


def kinds(_model: str | None, incomplete: str) -> Items:
    """What a model may take or give."""
    return [CompletionItem(kind) for kind in TAKES if kind.startswith(incomplete)]


def parameters(model: str | None, incomplete: str) -> Items:
    """`name=` for the parameters of a model, and what may stand behind a name."""
    from .classes import meant, wire_names
    from .models import type_words
    from .schema import schema_of

    try:
        cls = meant(model) if model else None
    except GMIError:
        cls = None
    if cls is None:
        return []
    schema, names = cls.payload_schema(), wire_names(cls)
    defs = schema.get("$defs", {})
    name, equals, value = incomplete.partition("=")
    if equals:
        found = _values(value, schema_of(names.get(name, name), schema), defs)
        return [CompletionItem(f"{name}={one}") for one in found if one.startswith(value)]
    return [
        CompletionItem(f"{name}=", help=_about(type_words(schema_of(wire, schema), defs)))
        for name, wire in names.items()
        if name.startswith(incomplete)
    ]


def _values(value: str, schema: Any, defs: Any) -> Iterable[str]:
    """The options of a parameter, true and false, or files where `@` begins one."""
    from .schema import alternatives, options, takes_media

    if value.startswith("@"):
        return _files(value[1:])
    found = []
    for plain in alternatives(schema, defs):
        plains = [plain, *alternatives(plain.get("items", {}), defs)]
        found += [one for each in plains for one in options(each)]
        found += [True, False] if plain.get("type") == "boolean" else []
    told = [one if isinstance(one, str) else json.dumps(one) for one in found if one is not None]
    return dict.fromkeys([*told, *(["@"] if takes_media(schema, defs) else [])])


def _files(begun: str) -> Iterator[str]:
    """`@name` for each file and `@name/` for each folder that begins so."""
    shown_folder, _, start = begun.rpartition("/")
    folder = f"{shown_folder}/" if "/" in begun else ""
    try:
        with os.scandir(Path(folder or ".").expanduser()) as entries:
            for entry in sorted(entries, key=lambda entry: entry.name):
                hidden = entry.name.startswith(".") and not start.startswith(".")
                if entry.name.startswith(start) and not hidden and entry.name.isprintable():
                    yield f"@{folder}{entry.name}{'/' if entry.is_dir() else ''}"
    except (OSError, RuntimeError, ValueError):
        return


def _about(*words: str) -> str | None:
    return shown("; ".join(filter(None, words))) or None
