# fmt: off
# isort: skip_file
# ruff: noqa
"""Which addresses the client may talk to, and how an address may be shown."""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Sequence
from urllib.parse import SplitResult, urlsplit

_QUERY = re.compile(r"\?[^\s'\"<>]*")
_CONTROL = re.compile(r"[\x00-\x20\x7f]")
_PORTS = {"https": 443, "http": 80}
# Ranges that carry an IPv4 address, private ones included, inside an IPv6 one.
_CARRIERS = tuple(
    ipaddress.IPv6Network(network) for network in ("::ffff:0:0/96", "64:ff9b::/96", "2002::/16")
)


def split(url: str) -> SplitResult | None:
    """The parts of `url`; None when it is not one, or holds white space or control characters."""
    if _CONTROL.search(url):
        return None
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return parts if parts.hostname else None


def origin(url: str) -> tuple[str, str, int] | None:
    """Scheme, host and port of `url`."""
    parts = split(url)
    if parts is None or parts.scheme not in _PORTS:
        return None
    return parts.scheme, parts.hostname or "", parts.port or _PORTS[parts.scheme]


def without_query(text: str) -> str:
    """`text` with the query of every URL in it left out: a presigned query is a credential."""
    return _QUERY.sub("?...", text)


def is_loopback(host: str) -> bool:
    """Whether `host` is this machine by name or number."""
    if host == "localhost":
        return True
    address = _literal(host)
    return address is not None and address.is_loopback


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the public internet, and carries no other inside it."""
    literal = _literal(address)
    if literal is None or not literal.is_global or literal.is_multicast:
        return False
    return literal.version == 4 or not any(literal in carrier for carrier in _CARRIERS)


def _literal(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host.split("%", 1)[0])
    except ValueError:
        return None


def objection(url: str, *, loopback: bool) -> str | None:
    """Why a file may not be moved to or from `url`, before its host is looked up; None if it may.

    With `loopback` True, plain http to this machine is allowed beside public https.
    """
    parts = split(url)
    if parts is None:
        return "it is not a well-formed URL"
    host = parts.hostname or ""
    if parts.username is not None or parts.password is not None:
        return "it carries a user name"
    if loopback and parts.scheme in _PORTS and is_loopback(host):
        return None
    if parts.scheme != "https":
        return "it is not https"
    if parts.port not in (None, 443):
        return "it uses an unusual port"
    if host.endswith(".") or ("." not in host and ":" not in host):
        return "its host is not a public name"
    if host.rsplit(".", 1)[-1][:1].isdigit() and _literal(host) is None:
        return "its host is a number in disguise"
    if _literal(host) is not None and not is_public(host):
        return "it leads to a private address"
    return None


def resolve(host: str, port: int) -> list[str]:
    """The IP addresses of `host`, in the resolver's order; raises OSError when there are none."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def private_among(addresses: Sequence[str]) -> str | None:
    """The first address that is not public, so that no name can lead into a private network."""
    return next((address for address in addresses if not is_public(address)), None)
