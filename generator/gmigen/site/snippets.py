"""The same request in the other ways the site shows: awaited, and in a shell."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping

from ..emit.snippets import request_of
from ..naming.names import ModelNames
from ..schema.algebra import admits
from ..schema.types import Json, Model, Type
from ..text.markdown import Markdown, fence


def awaiting(
    model: Model, names: ModelNames, payload: Mapping[str, Json], package: str
) -> Markdown:
    """The same with the client that awaits."""
    imports, made = request_of(model, names, payload, package)
    ends = "await result.save('.')" if model.kind != "utility" else "result.outcome"
    lines = [
        "import asyncio",
        "",
        f"from {package} import AsyncClient",
        imports,
        "",
        f"request = {made}",
        "",
        "async def main():",
        "    async with AsyncClient() as client:",
        "        result = await client.run(request)",
        f"        print({ends})".replace("'", '"'),
        "",
        "asyncio.run(main())",
    ]
    return fence("\n".join(lines), "python")


def shell(model: Model, names: ModelNames, payload: Mapping[str, Json]) -> Markdown:
    """The same for the `gmi` command."""
    told = [
        _argument(names.request.attributes[parameter.name], payload[parameter.name], parameter.type)
        for parameter in model.parameters
        if parameter.name in payload
    ]
    command = ["gmi", "run", shlex.quote(model.id), *told]
    joined = " ".join(command)
    if len(joined) > 70:
        joined = " \\\n  ".join([" ".join(command[:3]), *told])
    return fence(joined, "sh")


def _argument(name: str, value: Json, kind: Type) -> str:
    """A value as the command reads it: plain where that is exact, else JSON."""
    if isinstance(value, str):
        fit = value.isascii() and value.isprintable() and value == value.strip()
        other = any(admits(kind, reading) for reading in _readings(value))
        if fit and not other and value[:1] not in ("", "@", "-"):
            return f"{name}={shlex.quote(value)}"
    elif isinstance(value, (bool, int, float)) and not admits(kind, json.dumps(value)):
        return f"{name}={json.dumps(value)}"
    return f"{name}:={shlex.quote(json.dumps(value, ensure_ascii=True))}"


def _readings(text: str) -> list[Json]:
    """What else a text may be read as: a number, true, false or null."""
    try:
        value = json.loads(text)
    except ValueError:
        return []
    return [] if isinstance(value, (str, list, dict)) else [value]
