"""Drives a batch from one thread; whatever takes time has a thread of its own meanwhile."""

from __future__ import annotations

import queue
from collections import deque
from collections.abc import Iterator

from ...runtime.clock import monotonic
from ...runtime.errors import GMIError
from ...runtime.http import aside
from ...runtime.http.drivers import FlowRun, Listener, SyncDriver
from ...runtime.protocol.effects import Effect, Emit, Send, Sleep
from ..results import Result
from .scheduler import Batch

Run = FlowRun[Result | GMIError]

# A submission may be held for minutes and a look may hang; each kind waits for its own.
HANDS = {"submit": 64, "api": 32, "bare": 16, "disk": 8}


def drive(
    driver: SyncDriver,
    batch: Batch[Result],
    on_update: Listener | None,
) -> Iterator[Result | GMIError]:
    """Results and errors in the order in which they come, or in that of the requests."""
    crew = _Crew(driver, batch, on_update)
    try:
        while True:
            for run in batch.ready(monotonic()):
                crew.ready.put(run)
            if not batch.active:
                return
            stepped = crew.next()
            if stepped is not None and crew.step(stepped):
                yield from batch.ended(stepped)
    except BaseException as exception:
        batch.explain(exception)
        raise
    finally:
        batch.close()


class _Crew:
    """Threads that perform effects, so many of a kind at a time; the rest stands in line."""

    def __init__(
        self, driver: SyncDriver, batch: Batch[Result], on_update: Listener | None
    ) -> None:
        # Not a SimpleQueue: before Python 3.13 its `get` may wait for ever in spite of a time-out.
        self.ready: queue.Queue[Run] = queue.Queue()
        self._driver, self._batch, self._on_update = driver, batch, on_update
        self._kinds: dict[Run, str] = {}
        self._busy = dict.fromkeys(HANDS, 0)
        self._line: dict[str, deque[tuple[Run, Effect]]] = {kind: deque() for kind in HANDS}

    def next(self) -> Run | None:
        """A flow to step; None when it is time to look who has slept enough."""
        due = self._batch.next_due()
        try:
            run = self.ready.get(timeout=None if due is None else max(due - monotonic(), 0.0))
        except queue.Empty:
            return None
        if (kind := self._kinds.pop(run, None)) is not None:
            self._busy[kind] -= 1
            if self._line[kind]:
                self._take(*self._line[kind].popleft())
        return run

    def step(self, run: Run) -> bool:
        """Run a flow until it sleeps or is held; True when it has ended."""
        while (effect := run.next()) is not None:
            if isinstance(effect, Sleep):
                self._batch.sleeps(run, monotonic() + effect.seconds)
                return False
            if not isinstance(effect, Emit):
                self._take(run, effect)
                return False
            self._driver.tell(run, effect.event, self._on_update)
        return True

    def _take(self, run: Run, effect: Effect) -> None:
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
        aside.start(perform, f"gmi-{kind}")
