"""What every flow knows about the API it talks to; no key, no sockets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from ..journal.entries import JournalStore
from .effects import Timeouts, World
from .pacing import Poll
from .throttle import Throttle
from .waiters import Waiters

DEFAULT_WAIT = 30 * 60.0
ASK_TIMEOUTS = Timeouts()
# Synchronous models hold the POST for 14-144 s (recorded in public); a short read timeout there
# would make ambiguous submissions out of good ones.
SUBMIT_TIMEOUTS = Timeouts(connect=10.0, read=300.0, total=330.0)
# An upload address is valid for 899 s (recorded in public).
UPLOAD_TIMEOUTS = Timeouts(connect=10.0, read=60.0, total=899.0)
DOWNLOAD_TIMEOUTS = Timeouts(connect=10.0, read=60.0, total=3600.0)


@dataclass
class Context:
    """One API and the manners the client has been given; shared by all its flows.

    `pins(url)` says whether the address of a host can be looked up and checked here, which is not
    so behind a proxy. `wait` bounds a wait, in seconds, None for ever.
    """

    base_url: str
    loopback: bool
    world: World
    poll: Poll = field(default_factory=Poll)
    wait: float | None = DEFAULT_WAIT
    journal: JournalStore | None = None
    pins: Callable[[str], bool] = field(default=bool, repr=False)
    ask_timeouts: Timeouts = ASK_TIMEOUTS
    submit_timeouts: Timeouts = SUBMIT_TIMEOUTS
    upload_timeouts: Timeouts = UPLOAD_TIMEOUTS
    download_timeouts: Timeouts = DOWNLOAD_TIMEOUTS
    throttle: Throttle = field(default_factory=Throttle, repr=False)
    waiters: Waiters = field(default_factory=Waiters, repr=False)
    owned: dict[str, None] = field(default_factory=dict, repr=False)
    """Ids of the jobs this client's own submissions became, the newest last."""

    def url(self, *path: str, query: Mapping[str, Any] | None = None) -> str:
        """The address of a resource; every part of the path is percent-encoded whole."""
        address = "/".join((self.base_url, *(quote(part, safe="") for part in path)))
        return f"{address}?{urlencode(query, quote_via=quote)}" if query else address
