# fmt: off
# isort: skip_file
# ruff: noqa
"""Many requests at once: one agenda of due times, not one loop for each job."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from . import operations
from .artifacts import Result
from .effects import Flow
from .errors import (
    AuthenticationError,
    Fault,
    GMIError,
    InsufficientCreditsError,
    InvalidRequestError,
)
from .handles import Handle
from .logs import annotate
from .record import Record
from .running import Running
from .submittable import Submittable

if TYPE_CHECKING:
    from .core import Core

Done = Result | GMIError
"""What a batch yields for a request: its result, or the error; each has `.request`."""


class Batch:
    """The flows of a batch, and when the sleeping ones of them are due."""

    def __init__(
        self,
        core: Core,
        requests: Iterable[Submittable],
        make: Callable[[Record], Handle],
        timeout: float | None,
        concurrency: int,
    ) -> None:
        if concurrency < 1:
            raise InvalidRequestError([Fault("concurrency", "it is at least 1", "int")])
        self._core = core
        self._requests = iter(requests)
        self._make = make
        self._timeout = timeout
        self._room = concurrency
        self._agenda: list[tuple[float, int, Running[Done]]] = []
        self._order = itertools.count()
        self._refusal: GMIError | None = None
        self.active: set[Running[Done]] = set()
        self.jobs: dict[str, Handle] = {}

    def starting(self) -> Iterator[Running[Done]]:
        """New flows, as long as there is room and there are requests."""
        while len(self.active) < self._room:
            try:
                request = next(self._requests)
            except StopIteration:
                return
            running = Running(self._one(request))
            self.active.add(running)
            yield running

    def ended(self, running: Running[Done]) -> Done:
        """Make room; the value of the flow."""
        self.active.discard(running)
        return running.value

    def sleeps(self, running: Running[Done], due: float) -> None:
        """Step this flow again when the clock shows `due`."""
        heapq.heappush(self._agenda, (due, next(self._order), running))

    def due(self, now: float) -> Iterator[Running[Done]]:
        """The flows that have slept enough."""
        while self._agenda and self._agenda[0][0] <= now:
            yield heapq.heappop(self._agenda)[2]

    def next_due(self) -> float | None:
        """When the next flow is due; None when none sleeps."""
        return self._agenda[0][0] if self._agenda else None

    def explain(self, interruption: BaseException) -> None:
        """Add the note that says which jobs go on without a watcher."""
        if self.jobs:
            ids = ", ".join(self.jobs)
            annotate(interruption, f"Still running, and may be billed: {ids}.")

    def close(self) -> None:
        """Leave all flows; the jobs go on without a watcher."""
        for running in self.active:
            running.close()
        self.active.clear()
        self._agenda.clear()

    def _one(self, request: Any) -> Flow[Done]:
        """Submit and wait for one; errors are values here, and a refused key stops the rest."""
        if self._refusal is not None:
            return _again(self._refusal, request)
        try:
            job = yield from operations.submitted(self._core, request, None, self._make)
            self.jobs[job.id] = job
            result = yield from operations.finished(self._core, job, self._timeout)
            del self.jobs[job.id]
            result.request = request
            return result
        except GMIError as error:
            self.jobs.pop(error.job_id or "", None)
            if isinstance(error, (AuthenticationError, InsufficientCreditsError)):
                self._refusal = error
            error.request = request
            return error


def _again(refusal: GMIError, request: Any) -> GMIError:
    error = type(refusal)(f"Not submitted, because an earlier request was refused. {refusal}")
    error.__dict__.update({**refusal.__dict__, "job": None, "request": request})
    return error
