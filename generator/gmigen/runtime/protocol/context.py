"""What every flow knows about the API it talks to; no key, no sockets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

from ..records import Handle
from .effects import Send, Timeouts, World
from .entries import JournalStore
from .pacing import Poll
from .throttle import Throttle
from .waiters import Waiters

DEFAULT_WAIT = 30 * 60.0
OWNED = 10_000
"""How many jobs of its own a client remembers."""


ASK = Timeouts()
# Synchronous models hold the POST for 14-144 s (recorded in public); a short read timeout there
# would make ambiguous submissions out of good ones.
SUBMIT = Timeouts(read=300.0, total=330.0)
# An upload address is valid for 899 s (recorded in public).
UPLOAD = Timeouts(read=60.0, total=899.0)
DOWNLOAD = Timeouts(read=60.0, total=3600.0)


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
    ask_timeouts: Timeouts = ASK
    submit_timeouts: Timeouts = SUBMIT
    upload_timeouts: Timeouts = UPLOAD
    download_timeouts: Timeouts = DOWNLOAD
    throttle: Throttle = field(default_factory=Throttle, repr=False)
    waiters: Waiters = field(default_factory=Waiters, repr=False)
    owned: dict[str, Handle | None] = field(default_factory=dict, repr=False)
    """The jobs this client's own submissions became, by id, the newest last; None in place of one
    whose end was seen."""

    def own(self, job_id: str, job: Handle | None = None) -> None:
        """Remember a job of this client; the oldest make room."""
        self.owned.setdefault(job_id, job)
        while len(self.owned) > OWNED:
            del self.owned[next(iter(self.owned))]

    def let_go(self, job: Handle) -> None:
        """Its end may have been seen: then nothing is open about it any more."""
        if job.record is not None and job.record.ended and job.id in self.owned:
            self.owned[job.id] = None

    def url(self, *path: str) -> str:
        """The address of a resource; every part of the path is percent-encoded whole."""
        return "/".join((self.base_url, *(quote(part, safe="") for part in path)))

    def get(
        self, *path: str, query: Mapping[str, str] | None = None, within: float | None = None
    ) -> Send:
        """What asks for a resource, in no more than `within` seconds."""
        asked = f"?{urlencode(query, quote_via=quote)}" if query else ""
        timeouts = self.ask_timeouts.within(within)
        return Send("GET", self.url(*path) + asked, "api", timeouts=timeouts)
