# fmt: off
# isort: skip_file
# ruff: noqa
"""What the two transports share: building requests, and naming what went wrong with them."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from . import logs
from .addresses import without_query
from .effects import Fetch, Lane, Send, Trouble, TroubleKind
from .errors import ConfigurationError
from .logs import logger
from .settings import Settings
from .version import VERSION

if TYPE_CHECKING:
    import ssl

    import httpx

# httpx forgets an idle connection after 5 s by default, so that every slow poll paid a handshake.
KEEPALIVE = 75.0
CONNECTIONS = 20
# A submission may be held for minutes, so there is room for many; but a process has only so many
# files, and who finds no room waits.
HELD = 64
USER_AGENT = f"gmi-inference/{VERSION} python/{sys.version_info[0]}.{sys.version_info[1]}"

_LIBRARIES = frozenset({"httpx", "httpx2", "httpcore", "httpcore2", "h11", "anyio", "ssl"})
_UNSENT: dict[str, TroubleKind] = {
    "ConnectTimeout": "connect timeout",
    "PoolTimeout": "pool",
    "ConnectError": "connect",
    "ProxyError": "connect",
    "UnsupportedProtocol": "unsupported",
    "InvalidURL": "unsupported",
}
_PERHAPS_SENT: dict[str, TroubleKind] = {
    "WriteTimeout": "write timeout",
    "TimeoutException": "timeout",
    "DecodingError": "unreadable",
}
_context: ssl.SSLContext | None = None
_emulators_met: set[str] = set()


def tls_context() -> ssl.SSLContext:
    """The one TLS context of the process: making one takes longer than many requests."""
    global _context
    if _context is None:
        import httpx

        _context = httpx.create_ssl_context()
    return _context


def pool_options(lane: Lane) -> dict[str, Any]:
    """Constructor arguments of the connection pool of a lane."""
    # Bare connections go to addresses checked for one host name, so none is used for another.
    return {
        "ssl_context": tls_context(),
        "max_connections": {"api": CONNECTIONS, "submit": HELD, "bare": None}[lane],
        "max_keepalive_connections": CONNECTIONS if lane == "api" else 0,
        "keepalive_expiry": KEEPALIVE,
    }


@dataclass(frozen=True)
class Asked:
    """An effect in the terms of an HTTP library; the key is in it when lane and URL allow."""

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    timeout: Mapping[str, float]
    extensions: Mapping[str, Any]


def asked(effect: Send | Fetch, settings: Settings) -> Asked:
    """What is to be sent for an effect."""
    headers = {
        "User-Agent": USER_AGENT,
        "Accept": "*/*",
        "Accept-Encoding": "gzip, deflate",
        **effect.headers,
    }
    url = effect.url
    extensions: dict[str, Any] = {}
    if effect.connect_to is not None:
        url, headers["Host"], extensions = _pinned(url, effect.connect_to)
    if isinstance(effect, Send) and effect.lane != "bare":
        settings.authorize(effect.url, headers)
    bounds = effect.timeouts
    timeout = {
        "connect": bounds.connect,
        "read": bounds.read,
        "write": bounds.read,
        "pool": bounds.total,
    }
    method = effect.method if isinstance(effect, Send) else "GET"
    return Asked(method, url, headers, timeout, extensions)


def _pinned(url: str, address: str) -> tuple[str, str, dict[str, Any]]:
    parts = urlsplit(url)
    literal = f"[{address}]" if ":" in address else address
    port = f":{parts.port}" if parts.port else ""
    pinned = parts._replace(netloc=literal + port).geturl()
    return pinned, f"{parts.hostname}{port}", {"sni_hostname": parts.hostname}


def through(client: Any, asked: Asked, content: Any, note: Any) -> httpx.Request:
    """The request for a client given by the caller, without what that client adds by itself: its
    cookies, its keys."""
    request: httpx.Request = client.build_request(
        asked.method,
        asked.url,
        headers=asked.headers,
        content=content,
        extensions={"timeout": asked.timeout, **asked.extensions, "trace": note},
    )
    wanted = {name.lower() for name in asked.headers}
    wanted |= {"host", "content-length", "transfer-encoding"}
    for name in list(request.headers):
        if name.lower() not in wanted:
            del request.headers[name]
    return request


def note(asked: Asked, status: int) -> None:
    """One line for each answer, for who set `GMI_LOG=debug`; no query, no header, no body."""
    if logger.isEnabledFor(logs.DEBUG):
        logger.debug("%s %s: %d", asked.method, without_query(asked.url), status)


def plain(headers: httpx.Headers, settings: Settings) -> dict[str, str]:
    """Header names in lower case to values; the last of equals wins."""
    found = {name.lower().decode("latin-1"): value.decode("latin-1") for name, value in headers.raw}
    if "x-emulator" in found and settings.base_url not in _emulators_met:
        _emulators_met.add(settings.base_url)
        logger.warning("Talking to an EMULATOR at %s, not to GMI Cloud.", settings.base_url)
    return found


class Trace:
    """When one exchange must end, in monotonic seconds, and whether its writing has begun."""

    __slots__ = ("deadline", "heard", "sending")

    def __init__(self, deadline: float) -> None:
        self.deadline = deadline
        self.heard = False
        self.sending = False

    def writing(self) -> None:
        """The first byte is about to leave."""
        self.sending = True

    def note(self, name: str, info: Mapping[str, Any]) -> None:
        """One step of an HTTP client given by the caller, by its `trace` extension."""
        self.heard = True
        if name.endswith("send_request_headers.started"):
            self.sending = True

    async def anote(self, name: str, info: Mapping[str, Any]) -> None:
        """The same for an asynchronous transport."""
        self.note(name, info)

    @property
    def perhaps_sent(self) -> bool:
        """False only when the library reported its steps and writing was not among them."""
        return self.sending or not self.heard


exchange: ContextVar[Trace | None] = ContextVar("gmi_inference_exchange", default=None)
"""The exchange under way in this thread or task."""


def trouble(error: Exception, trace: Trace) -> Trouble | None:
    """The value for an exception of the HTTP library, httpx or httpx2; None for any other.

    Classes are told by name, so that neither library has to be imported for it.
    """
    names = [kind.__name__ for kind in type(error).__mro__]
    if type(error).__module__.partition(".")[0] not in _LIBRARIES:
        return None
    detail = _detail(error)
    for name in names:
        if name in _UNSENT:
            kind = "tls" if name == "ConnectError" and _is_tls(error) else _UNSENT[name]
            return Trouble(kind, False, detail)
    if "TimeoutException" in names and time.monotonic() >= trace.deadline:
        return too_slow(trace)
    for name in names:
        if name in _PERHAPS_SENT:
            return Trouble(_PERHAPS_SENT[name], trace.perhaps_sent, detail)
    return Trouble("broken", trace.perhaps_sent, detail)


def _detail(error: Exception) -> str:
    said = without_query(" ".join(str(error).split()))[:200]
    return f"{type(error).__name__}: {said}" if said else type(error).__name__


def _is_tls(error: BaseException) -> bool:
    seen = 0
    cause: BaseException | None = error
    while cause is not None and seen < 10:
        if type(cause).__name__.startswith("SSL") or "CERTIFICATE_VERIFY" in str(cause):
            return True
        cause, seen = cause.__cause__ or cause.__context__, seen + 1
    return False


def too_slow(trace: Trace) -> Trouble:
    """The whole exchange took longer than it may."""
    return Trouble("timeout", trace.perhaps_sent, "the answer did not end in time")


def too_busy() -> Trouble:
    """No connection came free in time."""
    return Trouble("pool", False, "no connection came free in time")


def too_large(limit: int) -> Trouble:
    """The body is longer than it may be."""
    return Trouble("too large", True, f"the body is longer than {limit} bytes")


def closed() -> ConfigurationError:
    """The client was used after its end."""
    return ConfigurationError("This client is closed. Make a new one, or use it inside its with.")
