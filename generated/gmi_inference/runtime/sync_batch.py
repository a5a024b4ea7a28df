# fmt: off
# isort: skip_file
# ruff: noqa
"""Drives a batch from one thread; only what may be held for minutes gets a thread of its own."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from .batch import Batch, Done
from .effects import Effect, Emit, Send, Sleep
from .running import Running

if TYPE_CHECKING:
    from .events import Event
    from .sync_driver import SyncDriver

Ready = queue.SimpleQueue[Running[Done]]


def drive(
    driver: SyncDriver, batch: Batch, on_update: Callable[[Event], object] | None = None
) -> Iterator[Done]:
    """Results and errors in the order in which they come."""
    ready: Ready = queue.SimpleQueue()
    try:
        while True:
            for running in list(batch.starting()):
                ready.put(running)
            for running in batch.due(time.monotonic()):
                ready.put(running)
            if not batch.active:
                return
            stepped = _next(ready, batch)
            if stepped is not None and _step(driver, batch, stepped, ready, on_update):
                yield batch.ended(stepped)
    except (KeyboardInterrupt, GeneratorExit) as interruption:
        batch.explain(interruption)
        raise
    finally:
        batch.close()


def _next(ready: Ready, batch: Batch) -> Running[Done] | None:
    due = batch.next_due()
    try:
        return ready.get(timeout=None if due is None else max(due - time.monotonic(), 0.0))
    except queue.Empty:
        return None


def _step(
    driver: SyncDriver,
    batch: Batch,
    running: Running[Done],
    ready: Ready,
    on_update: Callable[[Event], object] | None,
) -> bool:
    """Run a flow until it sleeps or is held; True when it has ended."""
    while (effect := running.next()) is not None:
        if isinstance(effect, Sleep):
            batch.sleeps(running, time.monotonic() + effect.seconds)
            return False
        if isinstance(effect, Emit):
            if on_update is not None:
                on_update(effect.event)
        elif isinstance(effect, Send) and effect.lane != "api":
            _aside(driver, running, effect, ready)
            return False
        else:
            driver.advance(running, effect)
    return True


def _aside(driver: SyncDriver, running: Running[Done], effect: Effect, ready: Ready) -> None:
    """Perform in a thread: a POST may be held for minutes, and the others want to be watched."""

    def perform() -> None:
        driver.advance(running, effect)
        ready.put(running)

    # A daemon, so that no held POST keeps the process from ending.
    threading.Thread(target=perform, name="gmi-submit", daemon=True).start()
