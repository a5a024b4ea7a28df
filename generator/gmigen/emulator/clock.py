"""The emulator's time: real, or virtual and moved by whoever tests."""

from __future__ import annotations

import asyncio
import threading
import time

VIRTUAL_START = 1_760_000_000.0


class Clock:
    """Unix time in seconds as every part of the emulator sees it.

    A real clock runs with the machine and can be pushed ahead. A virtual one starts at `start` and
    moves only by `advance`, and by `tick` seconds with every request the emulator receives, so that
    a client which merely polls sees its job come to an end.
    """

    def __init__(self, *, virtual: bool = False, start: float | None = None, tick: float = 0.0):
        self.virtual = virtual
        self.tick = tick
        self._lock = threading.Lock()
        self._origin = VIRTUAL_START if start is None else start
        self._ahead = 0.0
        self._sleepers: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []
        if not virtual and start is not None:
            self._ahead = start - time.time()

    def now(self) -> float:
        with self._lock:
            return (self._origin if self.virtual else time.time()) + self._ahead

    def advance(self, seconds: float) -> float:
        """Move ahead by `seconds` (not back) and return the new time."""
        if not seconds >= 0:
            raise ValueError(f"a clock cannot advance by {seconds} seconds")
        with self._lock:
            self._ahead += seconds
            sleepers = list(self._sleepers)
        for loop, woken in sleepers:
            loop.call_soon_threadsafe(woken.set)
        return self.now()

    def received(self) -> None:
        """Called with every request received: moves a ticking clock on."""
        if self.tick:
            self.advance(self.tick)

    async def sleep_until(self, due: float) -> None:
        """Return once this clock, not the machine's, shows `due`."""
        sleeper = (asyncio.get_running_loop(), asyncio.Event())
        with self._lock:
            self._sleepers.append(sleeper)
        try:
            while (left := due - self.now()) > 0:
                sleeper[1].clear()
                if due - self.now() <= 0:
                    return
                try:
                    await asyncio.wait_for(sleeper[1].wait(), None if self.virtual else left)
                except asyncio.TimeoutError:
                    continue
        finally:
            with self._lock:
                self._sleepers.remove(sleeper)
