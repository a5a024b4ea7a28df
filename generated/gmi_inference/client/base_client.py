# fmt: off
# isort: skip_file
# ruff: noqa
"""What both clients are made of and say of themselves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from ..journal.places import journal_at
from ..runtime.budget import Budget
from ..runtime.files.upload import upload_anything
from ..runtime.protocol import job_list, recovery
from ..runtime.protocol.effects import Flow, Progress
from ..runtime.protocol.payload import Submittable, check_id
from ..runtime.protocol.poll import refresh
from ..runtime.session import Bound, Session, check_colour, waiting_time
from . import operations
from .guessed import Guessed, refuse
from .jobs import AsyncJob, Job
from .operations import Manner
from .results import AsyncResult, Result

if TYPE_CHECKING:
    import httpx
    from typing_extensions import Unpack as Unpack

    HTTPClient = httpx.Client
    AsyncHTTPClient = httpx.AsyncClient
else:
    # Whoever asks for the hints of a method at run time has no need to load those for them.
    HTTPClient = AsyncHTTPClient = Any

    class Unpack:
        def __class_getitem__(cls, item: Any) -> Any:
            return Any


C = TypeVar("C", bound="BaseClient[Any, Any]")
J = TypeVar("J", Job, AsyncJob)
R = TypeVar("R", Result, AsyncResult)


class BaseClient(Guessed, Generic[J, R]):
    """Holds the session and makes the flows, which its two kinds run."""

    _kind = "client"
    _session: Session
    _job: type[J]
    _result: type[R]
    _lane: str

    def __init__(
        self, key: Any, org_id: Any, base_url: Any, lent: Any, guessed: Any, **how: Any
    ) -> None:
        refuse(type(self).__name__, guessed)
        check_colour(lent, asynchronous=self._lane == "async_client")
        how |= {self._lane: lent, "handle": self._job, "journal": journal_at(how.get("journal"))}
        self._session = Session(key, org_id, base_url, **how)

    @classmethod
    def _around(cls: type[C], session: Session) -> C:
        """A client of a session that somebody made."""
        client = cls.__new__(cls)
        client._session = session
        return client

    def _submitting(
        self, request: Submittable, payload: Mapping[str, Any] | None, how: Any
    ) -> Flow[J]:
        make, manner = self._job._maker(self._session), Manner.of("submit", how)
        return operations.submitted(self._session, request, payload, make, manner)

    def _running(
        self, request: Submittable, payload: Mapping[str, Any] | None, timeout: Bound, how: Any
    ) -> Flow[R]:
        kinds = (self._job._maker(self._session), self._result)
        bound, manner = waiting_time(self._session, timeout), Manner.of("run", how)
        return operations.run(self._session, request, payload, *kinds, bound, manner)

    def _resuming(self) -> Flow[recovery.Resumption[J]]:
        session = self._session
        return recovery.resume(session.context, self._job._maker(session), session)

    def _uploading(self, file: Any, name: str | None, on_progress: Progress | None) -> Flow[str]:
        session = self._session
        return upload_anything(session.context, session.uploads, file, name, on_progress)

    def _batch(
        self, requests: Iterable[Any], concurrency: int, timeout: Bound, ordered: bool, how: Any
    ) -> Any:
        from .many.scheduler import Batch

        kinds = (self._job._maker(self._session), self._result)
        bound = waiting_time(self._session, timeout)
        keys = how.pop("key", None)
        how["budget"] = Budget.of(how.get("budget"))
        manner = Manner.of("map", how, paced=None, within=bound)
        return Batch[Any](
            self._session, requests, *kinds, bound, concurrency, manner, keys, ordered
        )

    @property
    def budget(self) -> Budget | None:
        """What this client may spend, and has spent, by estimates; None without a budget."""
        return self._session.budget

    def _open(self) -> list[Any]:
        return [job for job in tuple(self._session.context.owned.values()) if job is not None]

    def __repr__(self) -> str:
        session = getattr(self, "_session", None)  # a traceback may show one that was never made
        return f"{type(self).__name__}(base_url={session.context.base_url if session else None!r})"

    def __reduce__(self) -> Any:
        return self._session.__reduce__()


class Part(Guessed):
    """A part of a client, such as `client.jobs`."""

    _kind = "client"

    def __init__(self, session: Session) -> None:
        self._session = session

    def _listing(self, kind: type[J], model: str | None, limit: int, offset: int) -> Flow[list[J]]:
        make = kind._maker(self._session)
        return job_list.list_jobs(self._session.context, make, model, limit, offset)

    def _asking(self, kind: type[J], id: str) -> Flow[J]:
        check_id(id, "job")
        return refresh(self._session.context, kind._attached(self._session, id))


P = TypeVar("P", bound=Part)


class HasPart(Generic[P]):
    """Gives a client its part; the class itself shows the kind, for who makes a mock of it."""

    def __init__(self, kind: type[P]) -> None:
        self._kind = kind

    def __get__(self, client: BaseClient[Any, Any] | None, owner: Any) -> P:
        return self._kind if client is None else self._kind(client._session)  # type: ignore[return-value]
