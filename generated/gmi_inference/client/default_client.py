# fmt: off
# isort: skip_file
# ruff: noqa
"""The client nobody made: from the environment, for one-liners and for handles that woke up."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from ..journal.places import journal_at
from ..runtime.config import (
    BASE_URL_VARIABLE,
    JOURNAL_VARIABLE,
    KEY_VARIABLE,
    ORGANIZATION_VARIABLE,
    Secret,
)
from ..runtime.events import Event
from ..runtime.protocol.effects import Progress
from ..runtime.protocol.payload import Submittable
from ..runtime.session import DEFAULT, Bound, Session
from .async_client import AsyncClient
from .base_client import BaseClient, Unpack
from .client import Client
from .jobs import AsyncJob, Job
from .operations import Manners
from .results import AsyncResult, Result

C = TypeVar("C", bound=BaseClient[Any, Any])

_VARIABLES = (KEY_VARIABLE, ORGANIZATION_VARIABLE, BASE_URL_VARIABLE, JOURNAL_VARIABLE)
_lock = threading.Lock()
# The environment is remembered as a number, so that the key stands in no global.
_made: tuple[int, Session] | None = None


def _new_lock() -> None:
    global _lock
    _lock = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_new_lock)


def environment_session() -> Session:
    """The session of the environment, made again when the environment has changed.

    The one before stays open for as long as a job, a result or a call holds it. Without a key only
    what needs none works, such as saving a file; the rest raises ConfigurationError when it asks.
    """
    global _made
    environment = hash(tuple(os.environ.get(name) for name in _VARIABLES))
    with _lock:
        if _made is None or _made[0] != environment:
            how: dict[str, Any] = {"journal": journal_at(None), "keyless": True}
            _made = (environment, Session(Secret(), handle=Job, awaited=AsyncJob, **how))
        return _made[1]


def _around(kind: type[C]) -> C:
    """A client of the environment's session; complains at once when there is no key."""
    session = environment_session()
    session.require_key()
    return kind._around(session)


def submit(
    request: Submittable, payload: Mapping[str, Any] | None = None, **how: Unpack[Manners]
) -> Job:
    """Submit a request and return the job without waiting, with the client of the environment.

    See `Client.submit` for the arguments and what it raises.
    """
    return _around(Client).submit(request, payload, **how)


def run(
    request: Submittable,
    payload: Mapping[str, Any] | None = None,
    *,
    timeout: Bound = DEFAULT,
    on_update: Callable[[Event], object] | None = None,
    **how: Unpack[Manners],
) -> Result:
    """Submit a request, wait and return the result, with the client of the environment.

    See `Client.run` for the arguments and what it raises.
    """
    return _around(Client).run(request, payload, timeout=timeout, on_update=on_update, **how)


async def arun(
    request: Submittable,
    payload: Mapping[str, Any] | None = None,
    *,
    timeout: Bound = DEFAULT,
    on_update: Callable[[Event], object] | None = None,
    **how: Unpack[Manners],
) -> AsyncResult:
    """The same as `run`, awaited."""
    client = _around(AsyncClient)
    return await client.run(request, payload, timeout=timeout, on_update=on_update, **how)


def upload(file: Any, *, name: str | None = None, on_progress: Progress | None = None) -> str:
    """Upload a local file and return its public URL, with the client of the environment.

    See `Client.upload` for the arguments and what it raises.
    """
    return _around(Client).upload(file, name=name, on_progress=on_progress)


def job(id: str) -> Job:
    """A handle on a job submitted before, with the client of the environment. Makes no request."""
    return Client._around(environment_session()).job(id)
