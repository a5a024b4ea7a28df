"""What both clients are made of and say of themselves."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from ..journal.places import journal_at
from ..runtime.budget import Budget
from ..runtime.session import Bound, Session, check_colour, waiting_time
from .guessed import Guessed, refuse
from .operations import Manner

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


C = TypeVar("C", bound="BaseClient")


class BaseClient(Guessed):
    """Holds the session; whatever else it does is in the words of its two kinds."""

    _kind = "client"
    _session: Session

    def __init__(self, *who: Any, lent: Any, asynchronous: bool, guessed: Any, **how: Any) -> None:
        refuse(type(self).__name__, guessed)
        check_colour(lent, asynchronous=asynchronous)
        how["async_client" if asynchronous else "sync_client"] = lent
        how["journal"] = journal_at(how.get("journal"))
        self._session = Session(*who, **how)

    @classmethod
    def _around(cls: type[C], session: Session) -> C:
        """A client of a session that somebody made."""
        client = cls.__new__(cls)
        client._session = session
        return client

    def _batch(
        self,
        requests: Iterable[Any],
        kinds: tuple[Any, Any],
        concurrency: int,
        timeout: Bound,
        how: Any,
    ) -> Any:
        from .many.scheduler import Batch

        bound = waiting_time(self._session, timeout)
        keys = how.pop("key", None)
        how["budget"] = Budget.of(how.get("budget"))
        manner = Manner.of("map", how, paced=None, within=bound)
        return Batch[Any](self._session, requests, *kinds, bound, concurrency, manner, keys)

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


P = TypeVar("P", bound=Part)


class HasPart(Generic[P]):
    """Gives a client its part; the class itself shows the kind, for who makes a mock of it."""

    def __init__(self, kind: type[P]) -> None:
        self._kind = kind

    def __get__(self, client: BaseClient | None, owner: Any) -> P:
        return self._kind if client is None else self._kind(client._session)  # type: ignore[return-value]
