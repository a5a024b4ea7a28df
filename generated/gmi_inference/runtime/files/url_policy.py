# fmt: off
# isort: skip_file
# ruff: noqa
"""Before a file is moved: is its address one we may talk to, and where does the name lead."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Sequence
from functools import partial

from .. import urls
from ..protocol.context import Context
from ..protocol.effects import Blocking

# Ranges that carry an IPv4 address, private ones included, inside an IPv6 one.
_CARRIERS = tuple(
    ipaddress.IPv6Network(network) for network in ("::ffff:0:0/96", "64:ff9b::/96", "2002::/16")
)


class Refused(Exception):
    """The address is not one files are moved to or from; the message says why."""


async def targets(ctx: Context, url: str) -> list[str | None]:
    """The addresses to connect to for `url`, all of them checked; None means "look it up".

    Pinning the checked address keeps a name from leading elsewhere on its second look-up. Raises
    Refused, and OSError when the name is unknown for now.
    """
    why = objection(url, loopback=ctx.loopback)
    if why is not None:
        raise Refused(why)
    parts = urls.split(url)
    host = parts.hostname if parts else None
    if host is None or not ctx.pins(url) or (ctx.loopback and urls.is_loopback(host)):
        return [None]
    found = await Blocking(partial(resolve, host, 443))
    if private_among(found) is not None or not found:
        raise Refused("its host leads to a private address")
    return list(found)


def objection(url: str, *, loopback: bool) -> str | None:
    """Why a file may not be moved to or from `url`, before its host is looked up; None if it may.

    With `loopback` True, plain http to this machine is allowed beside public https.
    """
    parts = urls.split(url)
    if parts is None:
        return "it is not a well-formed URL"
    host = parts.hostname or ""
    if parts.username is not None or parts.password is not None:
        return "it carries a user name"
    if loopback and parts.scheme in urls.PORTS and urls.is_loopback(host):
        return None
    if parts.scheme != "https":
        return "it is not https"
    if parts.port not in (None, 443):
        return "it uses an unusual port"
    literal = urls.literal(host)
    if host.endswith(".") or ("." not in host and literal is None):
        return "its host is not a public name"
    if host.rsplit(".", 1)[-1][:1].isdigit() and literal is None:
        return "its host is a number in disguise"
    if literal is not None and not is_public(host):
        return "it leads to a private address"
    return None


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the public internet, and carries no other inside it."""
    literal = urls.literal(address)
    if literal is None or not literal.is_global or literal.is_multicast:
        return False
    return literal.version == 4 or not any(literal in carrier for carrier in _CARRIERS)


def resolve(host: str, port: int) -> list[str]:
    """The IP addresses of `host`, in the resolver's order; raises OSError when there are none."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except ValueError as refusal:  # the codec of host names refuses some before anybody is asked
        raise OSError("the name is none that can be looked up") from refusal
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def private_among(addresses: Sequence[str]) -> str | None:
    """The first address that is not public, so that no name can lead into a private network."""
    return next((address for address in addresses if not is_public(address)), None)
