"""One request in Python and over HTTP, as pages show it."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping

from ..naming.names import ModelNames
from ..schema.types import Json, Model
from ..text.markdown import Markdown, fence
from .construct import Construction

LIVE_BASE_URL = "https://console.gmicloud.ai/api/v1/ie/requestqueue/apikey"


def python(model: Model, names: ModelNames, payload: Mapping[str, Json], package: str) -> Markdown:
    """Make the request, run it, and show what came."""
    imports, made = request_of(model, names, payload, package)
    root = package if "." not in package else "gmi_inference"
    lines = [
        f"import {package}" if "." not in package else f"import {package} as gmi_inference",
        imports,
        "",
        f"request = {made}",
        f"result = {root}.run(request)",
        'print(result.save("."))' if model.kind != "utility" else "print(result.outcome)",
    ]
    return fence(_without_macros("\n".join(lines), "\\x7b"), "python")


def curl(model: Model, payload: Mapping[str, Json]) -> Markdown:
    """The POST alone: it makes the job and does not wait for it."""
    body = json.dumps({"model": model.id, "payload": payload}, ensure_ascii=True)
    body = _without_macros(body, "\\u007b")
    return fence(
        f"curl -sS {LIVE_BASE_URL}/requests \\\n"
        '  -H "Authorization: Bearer $GMI_API_KEY" \\\n'
        '  -H "Content-Type: application/json" \\\n'
        f"  -d {shlex.quote(body)}",
        "sh",
    )


def request_of(
    model: Model, names: ModelNames, payload: Mapping[str, Json], package: str
) -> tuple[str, str]:
    """The import of its classes, and the call that makes the request."""
    cls = names.request.cls
    construction = Construction(laid_out=True)
    told = construction.arguments(model.parameters, payload, names.request)
    needed = sorted({cls, *construction.classes})
    nested = f"from {package}.models.{names.module} import {', '.join(needed)}"
    imports = nested if construction.classes else f"from {package}.models import {cls}"
    return imports, f"{cls}({told})"


def _without_macros(text: str, brace: str) -> str:
    """`text` with its strings' `{{`, `{%` and `{#` written another way: macro processors look into
    code blocks too."""
    return re.sub(r"\{(?=[{%#])", lambda _: brace, text)
