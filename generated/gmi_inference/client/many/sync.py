# fmt: off
# isort: skip_file
# ruff: noqa
"""Drives a batch from one thread; whatever takes time has a thread of its own meanwhile."""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Callable, Iterator

from ...runtime.clock import monotonic
from ...runtime.errors import GMIError
from ...runtime.events import Event
from ...runtime.http.drivers import FlowRun, SyncDriver
from ...runtime.protocol.effects import Effect, Emit, Send, Sleep
from ..results import Result
from .scheduler import Batch, in_order

Run = FlowRun[Result | GMIError]

# A submission may be held for minutes and a look may hang; each kind waits for its own.
HANDS = {"submit": 64, "api": 32, "bare": 16, "disk": 8}


def drive(
    driver: SyncDriver,
    batch: Batch[Result],
    on_update: Callable[[Event], object] | None = None,
    *,
    ordered: bool = False,
) -> Iterator[Result | GMIError]:
    """Results and errors in the order in which they come, or in that of the requests."""
    crew = _Crew(driver)
    held: dict[int, Result | GMIError] = {}
    turn = 0
    try:
        while True:
            for run in batch.starting():
                crew.ready.put(run)
            for run in batch.due(monotonic()):
                crew.ready.put(run)
            if not batch.active:
                return
            stepped = _next(crew, batch)
            if stepped is None or not _step(driver, batch, stepped, crew, on_update):
                continue
            ended = batch.ended(stepped)
            for one in in_order(ended, held, turn) if ordered else [ended]:
                turn += 1
                yield one
    except BaseException as exception:
        batch.explain(exception)
        raise
    finally:
        batch.close()


def _next(crew: _Crew, batch: Batch[Result]) -> Run | None:
    due = batch.next_due()
    try:
        run = crew.ready.get(timeout=None if due is None else max(due - monotonic(), 0.0))
    except queue.Empty:
        return None
    crew.returned(run)
    return run


def _step(
    driver: SyncDriver,
    batch: Batch[Result],
    run: Run,
    crew: _Crew,
    on_update: Callable[[Event], object] | None,
) -> bool:
    """Run a flow until it sleeps or is held; True when it has ended."""
    while (effect := run.next()) is not None:
        if isinstance(effect, Sleep):
            batch.sleeps(run, monotonic() + effect.seconds)
            return False
        if isinstance(effect, Emit):
            driver.tell(run, effect.event, on_update)
        else:
            crew.take(run, effect)
            return False
    return True


class _Crew:
    """Threads that perform effects, so many of a kind at a time; the rest stands in line."""

    def __init__(self, driver: SyncDriver) -> None:
        self.ready: queue.SimpleQueue[Run] = queue.SimpleQueue()
        self._driver = driver
        self._kinds: dict[Run, str] = {}
        self._busy = dict.fromkeys(HANDS, 0)
        self._line: dict[str, deque[tuple[Run, Effect]]] = {kind: deque() for kind in HANDS}

    def take(self, run: Run, effect: Effect) -> None:
        """Perform `effect` aside; `run` is ready again when it has its answer."""
        kind = effect.lane if isinstance(effect, Send) else "disk"
        if self._busy[kind] >= HANDS[kind]:
            self._line[kind].append((run, effect))
            return
        self._busy[kind] += 1
        self._kinds[run] = kind

        def perform() -> None:
            self._driver.advance(run, effect)
            self.ready.put(run)

        # A daemon, so that no held POST keeps the process from ending.
        threading.Thread(target=perform, name=f"gmi-{kind}", daemon=True).start()

    def returned(self, run: Run) -> None:
        """A hand is free again, if `run` had one."""
        kind = self._kinds.pop(run, None)
        if kind is None:
            return
        self._busy[kind] -= 1
        if self._line[kind]:
            self.take(*self._line[kind].popleft())
