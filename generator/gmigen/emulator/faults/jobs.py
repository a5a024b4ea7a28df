"""Faults of jobs: what the service says about one, set against what is true.

Each lie is a pure function of the true record and of how often it was looked at.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

Record = dict[str, Any]


class JobView(Protocol):
    """What a lie may know of the job: how often it was asked for, and how often since its end."""

    looks: int
    looks_at_end: int


@runtime_checkable
class Lie(Protocol):
    """A fault that lasts as long as the job does."""

    def tell(self, record: Record, job: JobView) -> Record | None:
        """The record to show instead; None denies that there is one (404)."""
        ...


@dataclass(frozen=True)
class Stuck:
    """Accepted, and never seen to move: `updated_at` stays `created_at`, as recorded in public."""

    status: str = "queued"

    def tell(self, record: Record, job: JobView) -> Record | None:
        since = {"updated_at": record["created_at"], "qworker_id": ""}
        return {**record, "status": self.status, "outcome": None, **since}


@dataclass(frozen=True)
class Word:
    """Another status word: in place of `instead_of`, or of every state before the end."""

    status: str
    instead_of: str = ""

    def tell(self, record: Record, job: JobView) -> Record | None:
        meant = record["status"] == self.instead_of or (not self.instead_of and not _ended(record))
        return {**record, "status": self.status} if meant else record


@dataclass(frozen=True)
class Regress:
    """On look number `look` (of those after the end, with `after_end`) the job seems to be back
    at an earlier state, for `looks` looks."""

    look: int = 2
    looks: int = 1
    status: str = "queued"
    after_end: bool = False

    def tell(self, record: Record, job: JobView) -> Record | None:
        count = job.looks_at_end if self.after_end else job.looks
        if self.look <= count < self.look + self.looks:
            return {**record, "status": self.status, "outcome": None}
        return record


@dataclass(frozen=True)
class NotYet:
    """404 for the first `looks` looks: the record is not visible at once."""

    looks: int = 1

    def tell(self, record: Record, job: JobView) -> Record | None:
        return None if 0 < job.looks <= self.looks else record


@dataclass(frozen=True)
class Vanish:
    """404 from the look after the first `looks`, for good."""

    looks: int = 1

    def tell(self, record: Record, job: JobView) -> Record | None:
        return None if job.looks > self.looks else record


@dataclass(frozen=True)
class NullOutcome:
    """Success without an outcome: for the first `looks` looks after the end, or for good (None)."""

    looks: int | None = None
    empty: Mapping[str, Any] | None = None

    def tell(self, record: Record, job: JobView) -> Record | None:
        if record["status"] == "success" and (self.looks is None or job.looks_at_end <= self.looks):
            return {**record, "outcome": self.empty}
        return record


@dataclass(frozen=True)
class Outcome:
    """Success with this outcome."""

    outcome: Mapping[str, Any]

    def tell(self, record: Record, job: JobView) -> Record | None:
        done = record["status"] == "success"
        return {**record, "outcome": dict(self.outcome)} if done else record


@dataclass(frozen=True)
class Failed:
    """The job ends as failed. `error` is a text, `{code, message, status}`, or absent (None);
    `message` and `reason` are the other places where integrators found the reason."""

    error: str | Mapping[str, Any] | None = "The request was blocked by content moderation."
    message: str | None = None
    reason: str | None = None

    def tell(self, record: Record, job: JobView) -> Record | None:
        if not _ended(record):
            return record
        given = {"error": self.error, "message": self.message}
        outcome = {key: value for key, value in given.items() if value is not None}
        reason = {} if self.reason is None else {"reason": self.reason}
        return {**record, "status": "failed", "outcome": outcome or None, **reason}


@dataclass(frozen=True)
class Cancelled:
    """The job ends as cancelled."""

    def tell(self, record: Record, job: JobView) -> Record | None:
        return {**record, "status": "cancelled", "outcome": None} if _ended(record) else record


@dataclass(frozen=True)
class Amend:
    """These fields of the record are something else; those in `without` are absent."""

    changes: Mapping[str, Any] = field(default_factory=dict)
    without: tuple[str, ...] = ()

    def tell(self, record: Record, job: JobView) -> Record | None:
        changed = {**record, **self.changes}
        return {key: value for key, value in changed.items() if key not in self.without}


def _ended(record: Record) -> bool:
    return record["status"] in ("success", "failed", "cancelled")
