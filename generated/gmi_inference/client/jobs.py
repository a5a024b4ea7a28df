# fmt: off
# isort: skip_file
# ruff: noqa
"""Handles on submitted jobs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, TypeVar

from ..runtime.attached import Attached
from ..runtime.events import Event
from ..runtime.protocol.poll import refresh
from ..runtime.protocol.wait import wait
from ..runtime.records import FAILED, SUCCESS, Handle, Record, failure
from ..runtime.session import DEFAULT, Bound, Session, waiting_time
from . import operations
from .guessed import Guessed
from .results import AsyncResult, Result

S = TypeVar("S", bound="_Job")


class _Job(Guessed, Attached, Handle):
    """A handle with a client, if it has one."""

    __slots__ = ("_session",)

    _kind = "job"

    def __init__(self, id: str, **known: Any) -> None:
        super().__init__(id, **known)
        self._session = None

    @classmethod
    def _attached(cls: type[S], session: Session, id: str, **known: Any) -> S:
        """A handle that uses the client `session` belongs to."""
        handle = cls(id, **known)
        handle._session = session
        return handle

    @classmethod
    def _maker(cls: type[S], session: Session) -> Callable[[Record], S]:
        """Makes handles on the jobs of records."""
        return lambda record: cls._attached(session, record.id, record=record)

    @property
    def done(self) -> bool:
        """Whether the last record seen shows that the job has ended; asks nothing."""
        return self.record is not None and self.record.ended

    @property
    def failed(self) -> bool:
        """Whether the last record seen shows that the job has failed; asks nothing."""
        return self.status == FAILED

    @property
    def error(self) -> str | None:
        """Why the job failed, in the API's words, when it did and they were given."""
        return failure(self.record)[0] if self.record is not None and self.failed else None

    def snapshot(self) -> dict[str, Any]:
        """What is known of the job, as plain JSON for a web answer or a queue message.

        Asks nothing. Times are unix seconds of the API's clock; `urls` are the files of a job that
        succeeded, but for those that came inline.
        """
        record = self.record
        made = Result(self, record.outcome).artifacts if record and self.status == SUCCESS else []
        return {
            "id": self.id,
            "model": self.model or None,
            "key": self.key,
            "status": self.status,
            "done": self.done,
            "failed": self.failed,
            "error": self.error,
            "created_at": record.created_at if record is not None else None,
            "updated_at": record.updated_at if record is not None else None,
            "urls": [str(one.url) for one in made if not one.is_inline],
        }


class Job(_Job):
    """A job: `id`, `model` and the last `status` seen.

    The id is all that is needed to come back to it, from any process: `client.job(id)`.
    """

    __slots__ = ()

    def refresh(self) -> Job:
        """Ask the API once, and return this handle. Raises JobUnreachableError and so on."""
        session: Session = self._home()
        return session.sync.run(refresh(session.context, self))

    def events(self, *, timeout: Bound = DEFAULT) -> Iterator[Event]:
        """What changes until the job has ended: queued, started, stalled, retrying, done.

        A failed job ends in a `done` event like any other. `timeout` is in seconds, 30 minutes
        unless the client says otherwise, None for ever. Raises what `result` raises about waiting.
        """
        session: Session = self._home()
        return session.sync.events(wait(session.context, self, waiting_time(session, timeout)))

    def wait(self, *, timeout: Bound = DEFAULT) -> Job:
        """Wait until the job has ended, well or not, and return this handle; see `events`."""
        session: Session = self._home()
        session.sync.run(wait(session.context, self, waiting_time(session, timeout)))
        return self

    def result(self, *, timeout: Bound = DEFAULT) -> Result:
        """Wait for the job and return its result.

        `timeout` is in seconds, 30 minutes unless the client says otherwise, None for ever. Raises
        JobFailedError, JobCancelledError, JobTimeoutError, JobUnreachableError, each with `.job`.
        """
        session: Session = self._home()
        bound = waiting_time(session, timeout)
        return session.sync.run(operations.finished(session, self, bound, Result))


class AsyncJob(_Job):
    """The same as `Job`, awaited."""

    __slots__ = ()

    async def refresh(self) -> AsyncJob:
        """Ask the API once, and return this handle. Raises JobUnreachableError and so on."""
        session: Session = self._home()
        return await session.aio.run(refresh(session.context, self))

    def events(self, *, timeout: Bound = DEFAULT) -> AsyncIterator[Event]:
        """See `Job.events`; use it in `async for`."""
        session: Session = self._home()
        return session.aio.events(wait(session.context, self, waiting_time(session, timeout)))

    async def wait(self, *, timeout: Bound = DEFAULT) -> AsyncJob:
        """See `Job.wait`."""
        session: Session = self._home()
        await session.aio.run(wait(session.context, self, waiting_time(session, timeout)))
        return self

    async def result(self, *, timeout: Bound = DEFAULT) -> AsyncResult:
        """See `Job.result`."""
        session: Session = self._home()
        bound = waiting_time(session, timeout)
        return await session.aio.run(operations.finished(session, self, bound, AsyncResult))
