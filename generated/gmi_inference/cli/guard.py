# fmt: off
# isort: skip_file
# ruff: noqa
"""What a language model may name: files of one folder, and addresses anybody may reach."""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ..runtime import urls
from ..runtime.errors import InvalidRequestError
from ..runtime.files.url_policy import is_public
from .schema import Schema, alternatives

_PRIVATE = (".localhost", ".local", ".internal", ".lan", ".intranet", ".home.arpa", ".onion")


def media(
    arguments: Mapping[str, Any], schema: Schema, take: Callable[[str, str], Any]
) -> dict[str, Any]:
    """A copy of `arguments` with `take(value, name)` of every text where media go."""
    defs = schema.get("$defs", {})

    def taken(value: Any, here: Schema, name: str) -> Any:
        for plain in alternatives(here, defs):
            if isinstance(value, str) and "contentMediaType" in plain:
                return take(value, name)
            if isinstance(value, list) and plain.get("type") == "array":
                return [taken(one, plain.get("items", {}), name) for one in value]
            if isinstance(value, Mapping) and "properties" in plain:
                return members(value, plain["properties"], name)
        return value

    def members(value: Mapping[str, Any], known: Schema, at: str) -> dict[str, Any]:
        return {
            name: taken(one, known.get(name, {}), f"{at}.{name}".removeprefix("."))
            for name, one in value.items()
        }

    return members(arguments, schema.get("properties", {}), "")


def public_url(value: str, name: str) -> str:
    """A URL that leads out of here, or a data URI, as it is. Raises InvalidRequestError."""
    if value[:5].lower() == "data:":
        return value
    origin = urls.origin(urls.as_browsers_read(value))
    if origin is None:
        told = "give a public http(s) URL; no other text is read here, and no file is open to you"
        raise InvalidRequestError.of(name, told)
    if _is_private(origin[1]):
        told = "its host is on a private network; give a URL that anybody may open"
        raise InvalidRequestError.of(name, told)
    return value


def file_or_url(folder: Path, value: str, name: str) -> Any:
    """A file of `folder` by its name, or what `public_url` takes. Raises InvalidRequestError."""
    if value[:5].lower() == "data:" or "://" in value:
        return public_url(value, name)
    try:
        found = (folder / value).resolve(strict=True)
        inside = found.is_relative_to(folder.resolve(strict=True)) and found.is_file()
    except (OSError, ValueError, RuntimeError):
        inside = False
    if not inside:
        files = sorted(one.name for one in folder.iterdir() if one.is_file())
        listed = ", ".join([name for name in files if not name.startswith(".")][:20])
        told = f"there is no such file in the folder open to you (it has: {listed or 'nothing'})"
        raise InvalidRequestError.of(name, told)
    return found


def _is_private(host: str) -> bool:
    name = host.rstrip(".").lower()
    if urls.literal(name) is not None:
        return not is_public(name)
    try:  # `127.1`, `0x7f000001` and `2130706433` are addresses to many a resolver
        return not is_public(socket.inet_ntoa(socket.inet_aton(name)))
    except OSError:
        return "." not in name or name.endswith(_PRIVATE)
