# fmt: off
# isort: skip_file
# ruff: noqa
"""Submit, wait, upload and download: the hand-written part of every generated package.

Importing it loads none of httpcore, pydantic, asyncio and ssl; they come with the first use of a
name, or at once with `preload()`.
"""

from __future__ import annotations

HOMES: dict[str, tuple[str, ...]] = {
    "async_client": ("AsyncClient",),
    "batch.scheduler": ("AsyncBatchOutcome", "BatchOutcome"),
    "budget": ("Budget",),
    "client": ("Client",),
    "default_client": ("arun", "job", "run", "submit", "upload"),
    "errors": (
        "APIConnectionError",
        "APIStatusError",
        "APITimeoutError",
        "AuthenticationError",
        "BadRequestError",
        "BudgetExceededError",
        "ConfigurationError",
        "ContentPolicyError",
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
    "protocol.entries": ("JournalStore",),
    "journal.file": ("Journal",),
    "journal.sqlite": ("SQLiteJournal",),
    "protocol.pacing": ("Poll",),
    "protocol.recovery": ("Resumption",),
    "records": ("Reconciliation",),
    "requests.estimate": ("Estimate",),
    "requests.media": ("inline",),
    "results": ("Artifact", "AsyncArtifact", "AsyncResult", "Result"),
    "session": ("DEFAULT", "preload"),
}
"""Where each public name lives. The emitted `__init__` imports from there, for type checkers."""

_HOME_OF = {name: home for home, names in HOMES.items() for name in names}

__all__ = sorted(_HOME_OF)  # pyright: ignore[reportUnsupportedDunderAll]


def __getattr__(name: str) -> object:
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(f".{home}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
