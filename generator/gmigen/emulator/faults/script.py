"""Which call meets which fault: decided by counting, so that a run can be repeated exactly."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal, Protocol, get_args, runtime_checkable

from starlette.responses import Response

from ..connection import Connection
from ..exchange import Exchange
from .jobs import Lie

Route = Literal[
    "connect",
    "models",
    "details",
    "submit",
    "status",
    "list",
    "upload_url",
    "put",
    "stored",
    "media",
    "auth_token",
    "session",
    "session_refresh",
    "profile",
    "unknown",
    "job",
]
ROUTES: tuple[Route, ...] = get_args(Route)
"""Where a fault can strike: each route of both hosts; `connect`, before any of them; `job`, what
is told about a job from its creation on."""


@runtime_checkable
class Fault(Protocol):
    """A fault of one exchange."""

    async def answer(self, exchange: Exchange) -> Response:
        """The answer to give; `exchange.honest()` does the work, `exchange.silence()` says none."""
        ...


@runtime_checkable
class ConnectionFault(Protocol):
    """A fault of a connection, before anything was read from it."""

    def meet(self, connection: Connection) -> None: ...


AnyFault = Fault | ConnectionFault | Lie


@dataclass
class _Rule:
    route: Route
    fault: AnyFault
    nth: frozenset[int] | None
    share: float | None
    match: str
    seed: str
    calls: int = 0

    def meets(self, subject: str) -> bool:
        if self.match not in subject:
            return False
        self.calls += 1
        if self.share is not None:
            drawn = hashlib.sha256(f"{self.seed} {self.calls}".encode()).digest()
            return int.from_bytes(drawn[:8], "big") < self.share * 2**64
        return self.nth is None or self.calls in self.nth


class Script:
    """The faults of one emulator. Rules may be added while it runs, from any thread."""

    def __init__(self, seed: int = 0) -> None:
        self._seed = seed
        self._lock = threading.Lock()
        self._rules: list[_Rule] = []

    def add(
        self,
        route: Route,
        fault: AnyFault,
        *,
        nth: int | Collection[int] | None = 1,
        share: float | None = None,
        match: str = "",
    ) -> None:
        """Let `fault` strike at `route`.

        Args:
            route: one of `ROUTES`.
            fault: what happens.
            nth: which of the calls from now on, counted from 1; several; or None for every one.
            share: instead of `nth`, the share of calls (0 to 1) that meet it, drawn by the seed.
            match: only calls whose path (for `job`: whose model id) holds this text are counted.

        Raises:
            ValueError: there is no such route.
            TypeError: this fault cannot strike there.
        """
        if route not in ROUTES:
            raise ValueError(f"there is no route {route!r}: use one of {', '.join(ROUTES)}")
        needed = {"job": Lie, "connect": ConnectionFault}.get(route, Fault)
        if not isinstance(fault, needed):
            raise TypeError(f"{type(fault).__name__} cannot strike at {route!r}")
        numbers = [nth] if isinstance(nth, int) else nth
        with self._lock:
            seed = f"{self._seed} {route} {len(self._rules)}"
            counted = None if numbers is None else frozenset(numbers)
            self._rules.append(_Rule(route, fault, counted, share, match, seed))

    def clear(self) -> None:
        """Forget every rule."""
        with self._lock:
            self._rules.clear()

    def take(self, route: Route, subject: str = "") -> list[AnyFault]:
        """The faults that this call meets, in the order they were added; counts the call."""
        if not self._rules:
            return []
        with self._lock:
            rules = [rule for rule in self._rules if rule.route == route]
            return [rule.fault for rule in rules if rule.meets(subject)]
