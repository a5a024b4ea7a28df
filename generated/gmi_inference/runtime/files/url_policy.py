# fmt: off
# isort: skip_file
# ruff: noqa
"""Before a file is moved: is its address one we may talk to, and where does the name lead."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from .. import urls
from ..errors import GMIError
from ..protocol.context import Context
from ..protocol.effects import Blocking, Failure, Reply, Send, Stored
from ..protocol.pacing import HINT_LIMIT
from ..protocol.retry import Patience, asked_for, is_transient

# Ranges that carry an IPv4 address, private ones included, inside an IPv6 one.
_CARRIERS = tuple(map(ipaddress.IPv6Network, ("::ffff:0:0/96", "64:ff9b::/96", "2002::/16")))


async def exchange(
    ctx: Context, request: Send, failures: int, refused: Callable[[str], GMIError]
) -> Reply | Failure | Stored:
    """Perform an exchange with a host that was looked up and checked, at each try with another of
    its addresses. Raises what `refused` makes of the reason, should the address be no good.
    """
    if why := objection(request.url, loopback=ctx.loopback):
        raise refused(why)
    _, host, port = urls.origin(request.url) or ("", "", 0)
    if not ctx.pins(request.url) or (ctx.loopback and urls.is_loopback(host)):
        return await request
    # Pinning the checked address keeps a name from leading elsewhere on its second look-up.
    try:
        found = await Blocking(partial(resolve, host, port))
    except OSError:
        return Failure("connect", False, "the host of the storage was not found")
    if private_among(found) is not None or not found:
        raise refused("its host leads to a private address")
    return await replace(request, connect_to=found[failures % len(found)])


def trouble(answer: Reply | Failure) -> str:
    """Why an exchange brought nothing, for a sentence."""
    return answer.detail if isinstance(answer, Failure) else f"the storage answered {answer.status}"


def pause_after(ctx: Context, answer: Reply | Failure, patience: Patience) -> float | None:
    """Seconds before the next try; None when it is no use, or time to give up."""
    if not is_transient(answer):
        return None
    return patience.pause(ctx.world, min(asked_for(ctx, answer) or 0.0, HINT_LIMIT))


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
    if parts.scheme != "https" or parts.port not in (None, 443):
        return "it is not https on its usual port"
    if urls.literal(host) is not None:
        return None if is_public(host) else "it leads to a private address"
    last = host.rpartition(".")[2]
    if last == host or not last or last[0].isdigit():  # the last is a number in disguise
        return "its host is not a public name"
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
