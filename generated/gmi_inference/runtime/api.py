# fmt: off
# isort: skip_file
# ruff: noqa
"""What every flow knows about the API it talks to; no key, no sockets."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from .budget import Budget
from .effects import Flow, Timeouts, sleep
from .latch import Latch
from .polling import Poll
from .watchlist import Watchlist

if TYPE_CHECKING:
    from .journal import Journal
    from .settings import Settings

DEFAULT_WAIT = 30 * 60.0
UPLOADS_REMEMBERED = 1024
ASK_TIMEOUTS = Timeouts()
# Synchronous models hold the POST for 14-144 s (recorded in public); a short read timeout there
# would make ambiguous submissions out of good ones.
SUBMIT_TIMEOUTS = Timeouts(connect=10.0, read=300.0, total=330.0)
# An upload address is valid for 899 s (recorded in public).
UPLOAD_TIMEOUTS = Timeouts(connect=10.0, read=60.0, total=899.0)
DOWNLOAD_TIMEOUTS = Timeouts(connect=10.0, read=60.0, total=6 * 3600.0)


@dataclass
class Pauses:
    """Models the API asked to be left alone for a while, shared by all jobs of a client."""

    until: dict[str, float] = field(default_factory=dict)

    def set(self, model: str, moment: float) -> None:
        """Leave `model` alone until `moment` of the monotonic clock."""
        self.until[model] = max(moment, self.until.get(model, 0.0))

    def left(self, model: str, now: float) -> float:
        """Seconds `model` is still to be left alone."""
        left = self.until.get(model, 0.0) - now
        if left <= 0:
            self.until.pop(model, None)
        return max(left, 0.0)

    def observe(self, model: str, now: float) -> Flow[None]:
        """Sit out the pause of `model`."""
        yield from sleep(self.left(model, now))


@dataclass
class Uploads:
    """Public URLs of files sent by this client, by content, while surely fresh."""

    lifetime: float = 899.0
    known: dict[str, tuple[float, str]] = field(default_factory=dict)

    def find(self, digest: str, now: float) -> str | None:
        """The URL of an equal file uploaded not long ago."""
        when, url = self.known.get(digest, (float("-inf"), ""))
        return url if now - when < self.lifetime else None

    def remember(self, digest: str, url: str, now: float) -> None:
        """Keep `url`; the oldest entry makes room."""
        self.known.pop(digest, None)
        self.known[digest] = (now, url)
        while len(self.known) > UPLOADS_REMEMBERED:
            del self.known[next(iter(self.known))]


@dataclass
class Api:
    """One API and the manners the client has been given; shared by all its flows."""

    base_url: str
    loopback: bool
    scrub: Callable[[str], str] = field(repr=False)
    poll: Poll = field(default_factory=Poll)
    wait: float | None = DEFAULT_WAIT
    journal: Journal | None = None
    pins_addresses: bool = True
    ask_timeouts: Timeouts = ASK_TIMEOUTS
    submit_timeouts: Timeouts = SUBMIT_TIMEOUTS
    upload_timeouts: Timeouts = UPLOAD_TIMEOUTS
    download_timeouts: Timeouts = DOWNLOAD_TIMEOUTS
    pauses: Pauses = field(default_factory=Pauses, repr=False)
    uploads: Uploads = field(default_factory=Uploads, repr=False)
    budget: Budget = field(default_factory=Budget, repr=False)
    latch: Latch = field(default_factory=Latch, repr=False)
    watchlist: Watchlist = field(default_factory=Watchlist, repr=False)

    @classmethod
    def of(cls, settings: Settings, **manners: Any) -> Api:
        """The API of these settings."""
        return cls(settings.base_url, settings.loopback, settings.scrub, **manners)

    def url(self, *path: str, query: Mapping[str, Any] | None = None) -> str:
        """The address of a resource; every part of the path is percent-encoded whole."""
        address = "/".join((self.base_url, *(quote(part, safe="") for part in path)))
        return f"{address}?{urlencode(query, quote_via=quote)}" if query else address


def parsed(body: bytes) -> Any:
    """The JSON value of `body`; None when it is not JSON."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None
