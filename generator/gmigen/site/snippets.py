"""The same request in the other ways the site shows: awaited, and in a shell."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping

from ..emit.snippets import request_of
from ..naming.names import ModelNames
from ..schema.types import Json, Model
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
        _argument(names.request.attributes[name], value)
        for name, value in payload.items()
        if name in names.request.attributes
    ]
    command = ["gmi", "run", shlex.quote(model.id), *told]
    joined = " ".join(command)
    if len(joined) > 70:
        joined = " \\\n  ".join([" ".join(command[:3]), *told])
    return fence(joined, "sh")


def _argument(name: str, value: Json) -> str:
    """A value as the command reads it: plain where that is exact, else JSON."""
    if isinstance(value, str) and value.isascii() and value.isprintable():
        if value and value[0] not in "@-" and value == value.strip():
            return f"{name}={shlex.quote(value)}"
    elif isinstance(value, (bool, int, float)) or value is None:
        return f"{name}={json.dumps(value)}"
    return f"{name}:={shlex.quote(json.dumps(value, ensure_ascii=True))}"
