"""Submit, wait, upload and download: the hand-written part of every generated package.

Importing it loads none of httpx, pydantic, asyncio and ssl; they come with the first use of a
name, or at once with `preload()`.
"""

from __future__ import annotations

# Type checkers know this name; importing it from typing would double the cost of this import.
# A plain False some editors would believe, and complete nothing.
TYPE_CHECKING = bool(0)
if TYPE_CHECKING:
    from typing import Any

    from .artifacts import Artifact as Artifact
    from .artifacts import Result as Result
    from .async_client import AsyncClient as AsyncClient
    from .client import Client as Client
    from .core import DEFAULT as DEFAULT
    from .default import arun as arun
    from .default import run as run
    from .errors import APIConnectionError as APIConnectionError
    from .errors import APIStatusError as APIStatusError
    from .errors import APITimeoutError as APITimeoutError
    from .errors import AuthenticationError as AuthenticationError
    from .errors import BadRequestError as BadRequestError
    from .errors import ConfigurationError as ConfigurationError
    from .errors import DownloadError as DownloadError
    from .errors import Fault as Fault
    from .errors import GMIError as GMIError
    from .errors import InsufficientCreditsError as InsufficientCreditsError
    from .errors import InternalServerError as InternalServerError
    from .errors import InvalidRequestError as InvalidRequestError
    from .errors import JobCancelledError as JobCancelledError
    from .errors import JobError as JobError
    from .errors import JobFailedError as JobFailedError
    from .errors import JobNotFoundError as JobNotFoundError
    from .errors import JobTimeoutError as JobTimeoutError
    from .errors import JobUnreachableError as JobUnreachableError
    from .errors import ModelNotFoundError as ModelNotFoundError
    from .errors import NotFoundError as NotFoundError
    from .errors import PermissionDeniedError as PermissionDeniedError
    from .errors import ProtocolError as ProtocolError
    from .errors import RateLimitError as RateLimitError
    from .errors import SubmissionUnknownError as SubmissionUnknownError
    from .errors import UploadError as UploadError
    from .events import Done as Done
    from .events import Event as Event
    from .events import Queued as Queued
    from .events import Retrying as Retrying
    from .events import Stalled as Stalled
    from .events import Started as Started
    from .jobs import AsyncJob as AsyncJob
    from .jobs import Job as Job
    from .journal import Journal as Journal
    from .polling import Poll as Poll
    from .reconciliation import Reconciliation as Reconciliation
    from .resumption import Resumption as Resumption

_HOMES = {
    "artifacts": ("Artifact", "Result"),
    "async_client": ("AsyncClient",),
    "client": ("Client",),
    "core": ("DEFAULT",),
    "default": ("arun", "run"),
    "errors": (
        "APIConnectionError",
        "APIStatusError",
        "APITimeoutError",
        "AuthenticationError",
        "BadRequestError",
        "ConfigurationError",
        "DownloadError",
        "Fault",
        "GMIError",
        "InsufficientCreditsError",
        "InternalServerError",
        "InvalidRequestError",
        "JobCancelledError",
        "JobError",
        "JobFailedError",
        "JobNotFoundError",
        "JobTimeoutError",
        "JobUnreachableError",
        "ModelNotFoundError",
        "NotFoundError",
        "PermissionDeniedError",
        "ProtocolError",
        "RateLimitError",
        "SubmissionUnknownError",
        "UploadError",
    ),
    "events": ("Done", "Event", "Queued", "Retrying", "Stalled", "Started"),
    "jobs": ("AsyncJob", "Job"),
    "journal": ("Journal",),
    "polling": ("Poll",),
    "reconciliation": ("Reconciliation",),
    "resumption": ("Resumption",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [*_HOME_OF, "preload"]  # pyright: ignore[reportUnsupportedDunderAll]


def preload() -> None:
    """Load now what the first request would load, for servers that cannot pause for it."""
    import asyncio
    import ssl

    import httpx
    import pydantic

    from . import async_batch, async_client, client, default, lanes, sync_batch, transport

    _ = asyncio, ssl, httpx, pydantic, lanes
    _ = async_batch, async_client, client, default, sync_batch
    transport.tls_context()


def __getattr__(name: str) -> Any:
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(f".{home}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
