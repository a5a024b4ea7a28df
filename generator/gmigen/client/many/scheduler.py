"""Many requests at once: one agenda of due times, not one loop for each job."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Generic, TypeVar

from ...runtime.errors import (
    AuthenticationError,
    GMIError,
    InsufficientCreditsError,
    InvalidRequestError,
    again,
)
from ...runtime.http.drivers import FlowRun
from ...runtime.logs import annotate
from ...runtime.protocol.attempts import Undertaking
from ...runtime.protocol.payload import Submittable, TypedRequest
from ...runtime.records import Handle, Record
from ...runtime.session import Session
from .. import operations
from ..operations import Manner
from ..results import AsyncResult, Result

R = TypeVar("R", Result, AsyncResult)

BatchOutcome = Result | GMIError
"""What `map` yields for a request: its result, or the error it ended in.

Each has `.request`, and `.index`, its number among the requests from 0.
"""

AsyncBatchOutcome = AsyncResult | GMIError
"""What `AsyncClient.map` yields for a request; see `BatchOutcome`."""

BatchItem = Submittable | tuple[str, Mapping[str, Any]]
"""A request, or a model id and its payload."""


class Batch(Generic[R]):
    """The flows of a batch, and when the sleeping ones of them are due."""

    def __init__(
        self,
        session: Session,
        requests: Iterable[BatchItem],
        make_job: Callable[[Record], Handle],
        make_result: Callable[..., R],
        timeout: float | None,
        concurrency: int,
        manner: Manner,
        keys: Iterable[str] | Callable[[Any], str] | None,
        ordered: bool,
    ) -> None:
        if not isinstance(concurrency, int) or concurrency < 1:
            raise InvalidRequestError.of("concurrency", "it is a whole number from 1", "int")
        if isinstance(requests, (str, Mapping, TypedRequest)):
            raise InvalidRequestError.of("requests", "give several of them, in a list")
        if isinstance(keys, (str, Mapping)):
            raise InvalidRequestError.of("key", "give one for each request, in a list")
        self._session = session
        self._requests = enumerate(requests)
        self._keys = iter(keys) if isinstance(keys, Iterable) else keys
        self._make_job = make_job
        self._make_result: Callable[..., R] = make_result
        self._timeout = timeout
        self._manner = manner
        self._room = concurrency
        self._agenda: list[tuple[float, int, FlowRun[R | GMIError]]] = []
        self._order = itertools.count()
        self._refusal: GMIError | None = None
        self._ordered = ordered
        self._held: dict[int, R | GMIError] = {}
        self._turn = 0
        self.active: dict[FlowRun[R | GMIError], Undertaking] = {}

    def ready(self, now: float) -> Iterator[FlowRun[R | GMIError]]:
        """New flows, while there is room and there are requests, and those that slept enough."""
        while len(self.active) < self._room and (item := next(self._requests, None)):
            undertaking = Undertaking(key=self._key(item[1]))
            run = FlowRun(self._one(*item, undertaking))
            self.active[run] = undertaking
            yield run
        while self._agenda and self._agenda[0][0] <= now:
            yield heapq.heappop(self._agenda)[2]

    def _key(self, request: Any) -> str | None:
        if not isinstance(self._keys, Iterator):
            return self._keys(request) if self._keys is not None else None
        for key in self._keys:
            return key
        raise InvalidRequestError.of("key", "there are fewer keys than requests")

    def ended(self, run: FlowRun[R | GMIError]) -> Iterator[R | GMIError]:
        """Make room; what can be handed out now: its value, or in their order what is complete."""
        self.active.pop(run, None)
        self._held[(run.value.index or 0) if self._ordered else self._turn] = run.value
        while self._turn in self._held:
            self._turn += 1
            yield self._held.pop(self._turn - 1)

    def sleeps(self, run: FlowRun[R | GMIError], due: float) -> None:
        """Step this flow again when the clock shows `due`."""
        heapq.heappush(self._agenda, (due, next(self._order), run))

    def next_due(self) -> float | None:
        """When the next flow is due; None when none sleeps."""
        return self._agenda[0][0] if self._agenda else None

    def explain(self, exception: BaseException) -> None:
        """Let what ends the batch early name every job, and every attempt, it leaves behind."""
        open_ones = [one for one in self.active.values() if one.matters]
        jobs = ", ".join(one.job.id for one in open_ones if one.job is not None)
        attempts = ", ".join(f"{one.attempt_id} ({one.model})" for one in open_ones if not one.job)
        if jobs:
            annotate(exception, f"Still running, and may be billed: {jobs}.")
        if attempts:
            annotate(
                exception,
                f"May have arrived, and be billed: attempts {attempts}. Look with "
                "client.jobs.list() before submitting them again.",
            )

    def close(self) -> None:
        """Leave all flows; the jobs go on without a watcher."""
        for run in self.active:
            run.close()
        self.active.clear()
        self._agenda.clear()

    async def _one(self, index: int, item: Any, undertaking: Undertaking) -> R | GMIError:
        """Submit and wait for one; errors are values here, and a refused key stops the rest."""
        ended: R | GMIError
        pair: Any = item if isinstance(item, tuple) and len(item) == 2 else (item, None)
        request, payload = pair
        if self._refusal is not None:
            told = f"Not submitted, because an earlier request was refused. {self._refusal}"
            ended = again(self._refusal, told, None)
        else:
            try:
                ended = await operations.run(
                    self._session,
                    request,
                    payload,
                    self._make_job,
                    self._make_result,
                    self._timeout,
                    replace(self._manner, key=undertaking.key),
                    undertaking,
                )
            except GMIError as error:
                if isinstance(error, (AuthenticationError, InsufficientCreditsError)):
                    self._refusal = error
                ended = error
        ended.request, ended.index = item, index
        return ended
