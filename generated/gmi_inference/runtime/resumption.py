# fmt: off
# isort: skip_file
# ruff: noqa
"""What a process that ended left behind, by its journal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Generic, TypeVar

from .api import Api
from .attempts import note_end
from .effects import Flow, blocking
from .errors import ConfigurationError, SubmissionUnknownError
from .handles import Handle
from .journal import Entry

if TYPE_CHECKING:
    from .core import Core

H = TypeVar("H", bound=Handle)


@dataclass(frozen=True)
class Resumption(Generic[H]):
    """`jobs` were accepted, and nobody saw their end: wait for them. `unknown` are attempts whose
    answer never came; each has `.reconcile()`, which looks for its job and submits nothing.
    """

    jobs: tuple[H, ...]
    unknown: tuple[SubmissionUnknownError, ...]


def resume(core: Core, make: Callable[[Entry], H]) -> Flow[Resumption[H]]:
    """Read the journal. Asks the API nothing and submits nothing. Raises ConfigurationError."""
    journal = core.api.journal
    if journal is None:
        raise ConfigurationError(
            "There is no journal to resume from. Pass journal= to the client that submits, and to "
            "this one, or set GMI_JOURNAL."
        )
    try:
        entries = yield from blocking(journal.entries)
    except OSError as refusal:
        raise ConfigurationError(
            f"The journal {journal.path} cannot be read ({refusal.strerror}). Correct its place."
        ) from None
    open_ones = [entry for entry in entries if entry.ended is None]
    return Resumption(
        tuple(make(entry) for entry in open_ones if entry.request_id is not None),
        tuple(_unknown(core, entry) for entry in open_ones if _is_unknown(entry)),
    )


def _is_unknown(entry: Entry) -> bool:
    return entry.ending == "unknown" and entry.request_id is None


def _unknown(core: Core, entry: Entry) -> SubmissionUnknownError:
    # Without an ending the process died at an unknown moment, while it could still be waiting.
    failed_at = entry.ended_at or entry.started_at + core.api.submit_timeouts.total
    when = datetime.fromtimestamp(entry.started_at, timezone.utc).isoformat(" ", "seconds")
    return SubmissionUnknownError(
        f"The submission to {entry.model} of {when} may be running, and billed: its answer never "
        "came. It was not sent again. Look with error.reconcile(), which only reads the job list; "
        "submit again only if you accept a possible second charge.",
        attempt_id=entry.attempt_id,
        model=entry.model,
        payload_sha256=entry.payload_sha256,
        started_at=entry.started_at,
        failed_at=failed_at,
        phase="awaiting response",
        core=core,
    )


def note_found(api: Api, attempt_id: str, request_id: str) -> Flow[None]:
    """Write down which job an unknown attempt turned out to be."""
    yield from note_end(api, attempt_id, "found", request_id)
