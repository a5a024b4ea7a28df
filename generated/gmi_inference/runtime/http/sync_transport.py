# fmt: off
# isort: skip_file
# ruff: noqa
"""HTTP for synchronous callers; the HTTP library is imported at the first request."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Any

from .. import logs
from ..config import Settings
from ..protocol.effects import Failure, Lane, Reply, Send, Stored
from .exchange import wire_request
from .failures import closed, settled, unsendable
from .pump import Pump, current

if TYPE_CHECKING:
    from .lent import Lent
    from .pools import Pool


class _Home:
    """What belongs to one process: a forked child begins with locks and pools of its own."""

    def __init__(self) -> None:
        self.process = os.getpid()
        self.lock = threading.Lock()
        self.pools: dict[tuple[Lane, str | None], Pool] = {}


class SyncTransport:
    """A connection pool for each lane and proxy, made when first needed; threads may share it.

    With `client`, an `httpx.Client`, all goes through that one, as long as it is open.
    """

    def __init__(self, settings: Settings, client: Any = None) -> None:
        self._settings = settings
        self._client = client
        self._closed = False
        self._here = _Home()

    def pins(self, url: str) -> bool:
        """Whether `connect_to` is heeded for this URL: not by a proxy, nor by a lent client."""
        return not self._lends() and self._settings.proxy_of(url) is None

    def send(self, effect: Send) -> Reply | Failure | Stored:
        """Perform one exchange. Raises ConfigurationError, and what the caller's code raises."""
        lent = self._lends()
        pump = Pump(effect, heard=not lent)
        quiet, bound = logs.ours.set(True), current.set(pump)
        try:
            return self._exchanged(effect, pump, lent)
        except Exception as error:
            problem = error
        finally:
            current.reset(bound)
            logs.ours.reset(quiet)
        return settled(problem, pump)

    def _exchanged(self, effect: Send, pump: Pump, lent: bool) -> Reply | Failure | Stored:
        if effect.lane != "bare" and (self._closed or (self._client is not None and not lent)):
            raise closed()
        wire = wire_request(effect, self._settings)
        if wire is None:
            return unsendable()
        source = self._lent() if lent else self._pool(effect.lane, effect.url)
        with source.open(wire, pump) as (status, headers, pieces):
            pump.begin(status, headers, self._settings)
            pump.judge()
            for piece in pieces:
                if pump.take(piece):
                    break
            return pump.answer()

    def _lends(self) -> bool:
        return self._client is not None and not getattr(self._client, "is_closed", False)

    def _lent(self) -> Lent:
        from .lent import Lent

        logs.quieten()
        return Lent(self._client)

    def _home(self) -> _Home:
        if self._here.process != os.getpid():
            self._here = _Home()
        return self._here

    def _pool(self, lane: Lane, url: str) -> Pool:
        proxy = self._settings.proxy_of(url)
        home = self._home()
        with home.lock:
            if (lane, proxy) not in home.pools:
                from .pools import Pool

                logs.quieten()
                home.pools[lane, proxy] = Pool(lane, proxy)
            return home.pools[lane, proxy]

    def close(self) -> None:
        """Close the connections; a client given by the caller is left to the caller.

        Public files can still be fetched: those connections are never kept.
        """
        self._closed = True
        home = self._home()
        with home.lock:
            pools = list(home.pools.values())
        for pool in pools:
            pool.close()
