"""Plain data about jobs: what the API says of one, and what this client knows of one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal

from . import wire

CREATED = "created"
QUEUED = "queued"
DISPATCHED = "dispatched"
PROCESSING = "processing"
SUCCESS = "success"
FAILED = "failed"
CANCELLED = "cancelled"

Status = (
    Literal["created", "queued", "dispatched", "processing", "success", "failed", "cancelled"] | str
)
"""A status of a job: one of the vendor's words, or another one that is kept as it came."""

WAITING = frozenset({CREATED, QUEUED})
TERMINAL = frozenset({SUCCESS, FAILED, CANCELLED})
KNOWN = WAITING | TERMINAL | {DISPATCHED, PROCESSING}
"""The words of the vendor's SDK. Any other word is kept as it is, and means "still running"."""

_ALIASES = {
    "canceled": CANCELLED,
    "completed": SUCCESS,
    "succeeded": SUCCESS,
    "finished": SUCCESS,
    "error": FAILED,
}
"""Other spellings, met by integrators; `finished` stands in the vendor's prose."""


def normalised(word: str) -> str:
    """The vendor's word for a status; a word nobody knows is returned as it came."""
    plain = word.strip().lower()
    known = _ALIASES.get(plain, plain)
    return known if known in KNOWN else word


@dataclass(frozen=True)
class Record:
    """One job as the API describes it. `status` is normalised, "" when there was none; `raw` is the
    answer as it came. Times are unix seconds of the API's clock.
    """

    id: str
    model: str
    status: str
    outcome: Mapping[str, Any]
    created_at: float | None = None
    updated_at: float | None = None
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def ended(self) -> bool:
        """Whether the status is a final one."""
        return self.status in TERMINAL

    @property
    def state(self) -> tuple[str, float | None]:
        """What tells one state of the record from the next."""
        return self.status, self.updated_at

    @property
    def never_started(self) -> bool:
        """Whether it was never touched after it was made: the mark of ids that never run."""
        made = self.created_at
        return self.status in WAITING and made is not None and made == self.updated_at


def read_record(body: Any, *, id: str = "", model: str = "") -> Record | None:
    """The record in an answer; None without an id.

    `id` and `model` stand for those an answer about one job leaves out, as some gateways do.
    """
    if not isinstance(body, Mapping):
        return None
    identity = wire.identity(body.get("request_id", id))
    if identity is None:
        return None
    outcome = body.get("outcome")
    return Record(
        id=identity,
        model=wire.word(body.get("model")) or model,
        status=normalised(wire.word(body.get("status")) or ""),
        outcome=outcome if isinstance(outcome, Mapping) else {},
        created_at=wire.moment(body.get("created_at")),
        updated_at=wire.moment(body.get("updated_at")),
        raw=body,
    )


def failure(record: Record) -> tuple[str | None, str | None]:
    """The reason and the code of a failed job, as far as the API gave them.

    Recorded in public: `outcome.error` as text or as an object, `outcome.message`, `reason`. Met by
    integrators: `error`, `message` and `error_message` of the record, `outcome.fail_reason`.
    """
    code = record.outcome.get("code", record.raw.get("code"))
    for source in (record.outcome, record.raw):
        for name in ("error", "fail_reason", "error_message", "message", "reason"):
            reason, nested = _told(source.get(name))
            if reason is not None:
                return reason, nested or wire.text(code)
    return None, wire.text(code)


def _told(value: Any, depth: int = 0) -> tuple[str | None, str | None]:
    if not isinstance(value, Mapping):
        return wire.text(value), None
    code = wire.text(value.get("code")) or wire.text(value.get("status"))
    for name in ("message", "error", "detail", "status"):
        reason, nested = _told(value.get(name), depth + 1) if depth < 3 else (None, None)
        if reason is not None:
            return reason, code or nested
    return code, code


class Handle:
    """The id, the model and the last record seen of a job. Two handles of one id are equal.

    `key` is the caller's own name for the submission, where it was given one.

    A handle pickles without its client and never holds the key; where it wakes up, it uses the
    default client of that process.
    """

    __slots__ = ("__weakref__", "id", "key", "model", "record", "submitted_at")

    def __init__(
        self,
        id: str,
        *,
        model: str = "",
        record: Record | None = None,
        submitted_at: float | None = None,
        key: str | None = None,
    ) -> None:
        self.id = id
        self.key = key
        self.model = model or (record.model if record else "")
        self.record = record
        self.submitted_at = submitted_at

    @property
    def status(self) -> Status | None:
        """The last status seen, None when the API was never asked.

        An unknown word of the API is kept as it came.
        """
        return self.record.status if self.record else None

    def __eq__(self, other: object) -> bool:
        return self.id == other.id if isinstance(other, Handle) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.id)

    def __repr__(self) -> str:
        name = type(self).__name__
        return f"{name}(id={self.id!r}, model={self.model!r}, status={self.status!r})"

    def __reduce__(self) -> Any:
        known: dict[str, Any] = {"model": self.model, "record": self.record, "key": self.key}
        return partial(type(self), self.id, submitted_at=self.submitted_at, **known), ()


Ending = Literal["accepted", "refused", "unknown"]


@dataclass(frozen=True)
class Attempt:
    """One submission, as the journal, the POST and the error about it know it.

    Times are unix seconds of this machine. `ending` is what is known of the POST, `ended_at` when
    that was known; `job_id` is the job it became, `job_status` the last word about that job.
    `given_sha256` is of what the caller gave, where that differs from what was sent: files by their
    content in place of where they were uploaded to.
    """

    id: str
    model: str
    payload_sha256: str
    started_at: float
    ending: Ending = "unknown"
    ended_at: float | None = None
    job_id: str | None = None
    job_status: str | None = None
    uploaded: tuple[str, ...] = ()
    key: str | None = None
    given_sha256: str | None = None


@dataclass(frozen=True)
class Reconciliation:
    """What the job list shows for one attempt.

    `verdict` is `one`, `several` or `none`, and `jobs` are the candidates: jobs of the model and
    the time that no other attempt of the journal owns. `none` means that nothing was found in two
    looks, not that nothing happened.
    """

    verdict: Literal["one", "several", "none"]
    jobs: tuple[Handle, ...]

    def __str__(self) -> str:
        if self.verdict == "one":
            return f"The submission most likely became job {self.jobs[0].id}."
        if self.verdict == "several":
            names = ", ".join(job.id for job in self.jobs)
            return f"The submission may be any of {len(self.jobs)} jobs: {names}."
        return "No job was found for the submission; it may still appear."
