# fmt: off
# isort: skip_file
# ruff: noqa
"""Before a file is moved: is its address one we may talk to, and where does the name lead."""

from __future__ import annotations

from functools import partial

from . import addresses
from .api import Api
from .effects import Flow, blocking


class Refused(Exception):
    """The address is not one files are moved to or from; the message says why."""


def targets(api: Api, url: str) -> Flow[list[str | None]]:
    """The addresses to connect to for `url`, all of them checked; None means "look it up".

    Pinning the checked address keeps a name from leading elsewhere on its second look-up. Raises
    Refused, and OSError when the name is unknown.
    """
    why = addresses.objection(url, loopback=api.loopback)
    if why is not None:
        raise Refused(why)
    parts = addresses.split(url)
    host = parts.hostname if parts else None
    if host is None or not api.pins_addresses or (api.loopback and addresses.is_loopback(host)):
        return [None]
    found = yield from blocking(partial(addresses.resolve, host, 443))
    private = addresses.private_among(found)
    if private is not None or not found:
        raise Refused("its host leads to a private address")
    return list(found)
