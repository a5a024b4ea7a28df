# fmt: off
# isort: skip_file
# ruff: noqa
"""HTTP for synchronous callers; the HTTP library is imported at the first request."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from .. import logs
from ..config import Settings
from ..errors import ConfigurationError
from ..protocol.effects import Failure, Reply, Send, Stored
from .exchange import WireRequest, wire_request
from .failures import settled
from .pump import Pump, current

if TYPE_CHECKING:
    from .lent import Lent
    from .pools import Pool


class BaseTransport:
    """What both colours have: pools that belong to somebody, such as an event loop, and go with it.

    There is one for each lane and proxy, made when first needed. With `client`, one of httpx, all
    goes through that one, as long as it is open.
    """

    def __init__(self, settings: Settings, client: Any = None) -> None:
        self._settings = settings
        self._client = client
        if client is not None:
            logs.quieten()
        self._closed = False
        self._process = os.getpid()
        self._owned: WeakKeyDictionary[Any, dict[Any, Any]] = WeakKeyDictionary()

    def pins(self, url: str) -> bool:
        """Whether `connect_to` is heeded for this URL: not by a proxy, nor by a lent client."""
        return not self._lends() and self._settings.proxy_of(url) is None

    def _lends(self) -> bool:
        return self._client is not None and not getattr(self._client, "is_closed", False)

    def _wired(self, effect: Send) -> Callable[[], WireRequest]:
        """What puts together what is sent for it."""
        closed = self._closed or (self._client is not None and not self._lends())
        if closed and effect.lane != "bare":
            raise ConfigurationError(
                "This client is closed. Make a new one, or use it inside its with."
            )
        return partial(wire_request, effect, self._settings)

    def _pools(self, owner: Any) -> dict[Any, Any]:
        if self._process != os.getpid():
            # A forked child: what is there belongs to the threads and loops of the parent.
            self._process, self._owned = os.getpid(), WeakKeyDictionary()
        return self._owned.setdefault(owner, {})

    def _pool(self, owner: Any, kind: Any, effect: Send) -> Any:
        key = effect.lane, self._settings.proxy_of(effect.url)
        pools = self._pools(owner)
        if key not in pools:
            logs.quieten()
            pools.setdefault(key, kind(*key))
        return pools[key]


class SyncTransport(BaseTransport):
    """HTTP for synchronous callers; threads may share it."""

    def send(self, effect: Send) -> Reply | Failure | Stored:
        """Perform one exchange. Raises ConfigurationError, and what the caller's code raises."""
        pump = Pump(effect, heard=not self._lends())
        quiet, bound = logs.ours.set(True), current.set(pump)
        try:
            wired = self._wired(effect)
            with self._source(effect).open(wired, pump) as (status, headers, pieces):
                pump.begin(status, headers, self._settings)
                pump.judge()
                for piece in pieces:
                    if pump.take(piece):
                        break
                return pump.answer()
        except Exception as error:
            problem = error
        finally:
            current.reset(bound)
            logs.ours.reset(quiet)
        return settled(problem, pump)

    def _source(self, effect: Send) -> Lent | Pool:
        if self._lends():
            from .lent import Lent

            return Lent(self._client)
        from .pools import Pool

        pool: Pool = self._pool(type(self), Pool, effect)
        return pool

    def close(self) -> None:
        """Close the connections; a client given by the caller is left to the caller.

        Public files can still be fetched: those connections are never kept.
        """
        self._closed = True
        for pool in list(self._pools(type(self)).values()):
            pool.close()
