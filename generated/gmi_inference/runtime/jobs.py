# fmt: off
# isort: skip_file
# ruff: noqa
"""Handles on submitted jobs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

from . import operations
from .core import DEFAULT, Core, DefaultType, waiting_time
from .handles import Handle
from .looking import refresh
from .waiting import wait

if TYPE_CHECKING:
    from .artifacts import Result
    from .events import Event

S = TypeVar("S", bound="_Attached")


class _Attached(Handle):
    """A handle with a client, if it has one."""

    __slots__ = ("_core",)

    _core: Core | None

    def __init__(self, id: str, **known: Any) -> None:
        super().__init__(id, **known)
        self._core = None

    @classmethod
    def attached(cls: type[S], core: Core, id: str, **known: Any) -> S:
        """A handle that uses the client `core` belongs to."""
        handle = cls(id, **known)
        handle._core = core
        return handle

    def _home(self) -> Core:
        if self._core is None:
            from .default import default_core

            self._core = default_core()
        return self._core


class Job(_Attached):
    """A job: `id`, `model` and the last `status` seen.

    The id is all that is needed to come back to it, from any process: `client.job(id)`.
    """

    __slots__ = ()

    def refresh(self) -> Job:
        """Ask the API once, and return this handle. Raises JobUnreachableError and so on."""
        core = self._home()
        return core.sync.run(refresh(core.api, self))

    def events(self, *, timeout: float | DefaultType | None = DEFAULT) -> Iterator[Event]:
        """What changes until the job has ended: queued, started, stalled, retrying, done.

        A failed job ends in a `done` event like any other. `timeout` is in seconds, 30 minutes
        unless the client says otherwise, None for ever. Raises what `result` raises about waiting.
        """
        core = self._home()
        return core.sync.events(wait(core.api, self, waiting_time(core, timeout)))

    def result(self, *, timeout: float | DefaultType | None = DEFAULT) -> Result:
        """Wait for the job and return its result.

        `timeout` is in seconds, 30 minutes unless the client says otherwise, None for ever. Raises
        JobFailedError, JobCancelledError, JobTimeoutError, JobUnreachableError, each with `.job`.
        """
        core = self._home()
        return core.sync.run(operations.finished(core, self, waiting_time(core, timeout)))


class AsyncJob(_Attached):
    """The same as `Job`, awaited."""

    __slots__ = ()

    async def refresh(self) -> AsyncJob:
        """Ask the API once, and return this handle. Raises JobUnreachableError and so on."""
        core = self._home()
        return await core.aio.run(refresh(core.api, self))

    def events(self, *, timeout: float | DefaultType | None = DEFAULT) -> AsyncIterator[Event]:
        """See `Job.events`; use it in `async for`."""
        core = self._home()
        return core.aio.events(wait(core.api, self, waiting_time(core, timeout)))

    async def result(self, *, timeout: float | DefaultType | None = DEFAULT) -> Result:
        """See `Job.result`."""
        core = self._home()
        return await core.aio.run(operations.finished(core, self, waiting_time(core, timeout)))
