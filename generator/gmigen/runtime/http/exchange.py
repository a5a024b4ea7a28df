"""What is sent for an effect, in the terms of HTTP."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import SplitResult

from .. import urls
from ..config import Settings
from ..protocol.effects import Body, Send
from ..version import VERSION

USER_AGENT = f"gmi-inference/{VERSION} python/{sys.version_info[0]}.{sys.version_info[1]}"


class UnsupportedProtocol(ValueError):
    """Told from trouble of the network by its name, as the same error of httpx is."""


@dataclass(frozen=True)
class WireRequest:
    """An effect in the terms of HTTP; the key is in the headers when lane and URL allow it.

    `extensions` are what httpx and httpcore call so: the timeouts, and the name the server's
    certificate is checked for where `url` holds an address.
    """

    method: str
    url: str = field(repr=False)
    parts: SplitResult = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes | Body | None = field(repr=False)
    extensions: dict[str, Any]

    def content(self, streamed: Callable[[Body], Any]) -> Any:
        """The body as HTTP libraries take it."""
        body = self.body
        return body if body is None or isinstance(body, bytes) else streamed(body)


def wire_request(effect: Send, settings: Settings) -> WireRequest:
    """What is to be sent. Raises UnsupportedProtocol for an address nothing can be sent to."""
    plain = effect.url.isascii() and effect.url.isprintable() and " " not in effect.url
    url = effect.url if plain else urls.as_browsers_read(effect.url)
    url = url.partition("#")[0]
    parts = urls.split(url)
    if parts is None or parts.scheme not in urls.PORTS or not url.isascii():
        raise UnsupportedProtocol("the address is not one of the web")
    host = parts.netloc.rpartition("@")[2]
    headers = {"Host": host, "User-Agent": USER_AGENT, "Accept": "*/*"}
    headers |= {"Accept-Encoding": "gzip, deflate", **effect.headers}
    if effect.lane != "bare":
        settings.authorize(effect.url, headers)
    body = b"" if effect.body is None and effect.method in ("POST", "PUT") else effect.body
    if body is not None:
        headers["Content-Length"] = str(len(body) if isinstance(body, bytes) else body.size)
    bounds = effect.timeouts
    timeout = {"connect": bounds.connect, "read": bounds.read, "write": bounds.read}
    extensions: dict[str, Any] = {"timeout": {**timeout, "pool": bounds.total}}
    if effect.connect_to is not None:
        extensions["sni_hostname"] = parts.hostname
        address = f"[{effect.connect_to}]" if ":" in effect.connect_to else effect.connect_to
        netloc = f"{address}:{parts.port}" if parts.port else address
        url = url.replace(parts.netloc, netloc, 1)
        parts = parts._replace(netloc=netloc)
    return WireRequest(effect.method, url, parts, headers, body, extensions)
