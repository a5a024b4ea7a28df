"""Addresses: their parts, and a text of one that can be shown."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from .redaction import without_query

PORTS = {"https": 443, "http": 80}
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_HOST = re.compile(r"(?:[A-Za-z0-9_-]{1,63}\.)*[A-Za-z0-9_-]{1,63}\.?")


class Address(str):
    """A URL whose repr leaves the query out: a signed one may stand in the locals of a frame."""

    __slots__ = ()

    def __repr__(self) -> str:
        return repr(without_query(str(self)))


def split(url: str) -> SplitResult | None:
    """The parts of an absolute URL; None for what no resolver or server could be asked for."""
    if _CONTROL.search(url) or len(url) > 65536:
        return None
    try:
        parts = urlsplit(url)
        _ = parts.port
        host = parts.hostname or ""
        url.encode("utf-8")
    except ValueError:
        return None
    named = len(host) <= 253 and _HOST.fullmatch(host)
    return parts if (literal(host) if ":" in host else named) else None


def as_browsers_read(url: str) -> str:
    """`url` with spaces and letters beyond ASCII percent-encoded, as browsers send them.

    A host name beyond ASCII is written as the network knows it. What cannot be written so is
    returned as it came; `split` then refuses it.
    """
    try:
        parts = urlsplit(url.strip(" \t\r\n"))
        host = parts.netloc if parts.netloc.isascii() else parts.netloc.encode("idna").decode()
        return parts._replace(
            netloc=host,
            path=quote(parts.path, safe="/%:@!$&'()*+,;=~-._"),
            query=quote(parts.query, safe="/?%:@!$&'()*+,;=~-._[]|\\^`{}\""),
            fragment="",
        ).geturl()
    except ValueError:  # a UnicodeError is one, too
        return url


def joined(base: str, reference: str) -> str:
    """Where a redirect from `base` leads; `base` itself when the reference is unreadable."""
    try:
        return urljoin(base, as_browsers_read(reference))
    except ValueError:
        return base


def origin(url: str) -> tuple[str, str, int] | None:
    """Scheme, host and port of `url`."""
    parts = split(url)
    if parts is None or parts.scheme not in PORTS:
        return None
    return parts.scheme, parts.hostname or "", parts.port or PORTS[parts.scheme]


def is_loopback(host: str) -> bool:
    """Whether `host` is this machine by name or number."""
    found = literal(host)
    return host == "localhost" or (found is not None and found.is_loopback)


def literal(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The IP address a host is written as; None for a name."""
    try:
        return ipaddress.ip_address(host.split("%", 1)[0])
    except ValueError:
        return None
