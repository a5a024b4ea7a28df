"""What both clients are made of and say of themselves."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

from .config import Secret
from .guessed import Guessed, refuse
from .operations import Manner
from .protocol.pacing import Poll
from .records import Handle
from .session import DefaultType, Session, check_colour, waiting_time


class BaseClient(Guessed):
    """Holds the session; whatever else it does is in the words of its two kinds."""

    _kind = "client"
    _session: Session

    def __init__(
        self,
        key: Secret,
        org_id: str | None,
        base_url: str | None,
        *,
        handle: type[Handle],
        timeout: float | None,
        poll: Poll | float | None,
        journal: str | os.PathLike[str] | None,
        proxy: str | None,
        sync_client: Any = None,
        async_client: Any = None,
    ) -> None:
        check_colour(sync_client, asynchronous=False)
        check_colour(async_client, asynchronous=True)
        self._session = Session(
            key,
            org_id,
            base_url,
            handle=handle,
            timeout=timeout,
            poll=poll,
            journal=journal,
            proxy=proxy,
            sync_client=sync_client,
            async_client=async_client,
        )

    def _batch(
        self,
        requests: Iterable[Any],
        make_job: Any,
        make_result: Any,
        concurrency: int,
        timeout: float | DefaultType | None,
        allow_empty: bool,
        unchecked: bool,
    ) -> Any:
        from .batch.scheduler import Batch

        bound = waiting_time(self._session, timeout)
        manner = Manner(allow_empty, unchecked, paced=None, within=bound)
        return Batch(
            self._session,
            requests,
            make_job,
            make_result,
            timeout=bound,
            concurrency=concurrency,
            manner=manner,
        )

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


def manner(word: str, allow_empty: bool, unchecked: bool, guessed: dict[str, Any]) -> Manner:
    """How to submit, as the arguments of `word` say. Raises TypeError for what it does not take."""
    refuse(word, guessed)
    return Manner(allow_empty, unchecked)
