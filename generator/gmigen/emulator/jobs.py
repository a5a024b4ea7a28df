"""Jobs: their state is a function of the clock, so nothing runs in the background."""

from __future__ import annotations

import hashlib
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .faults.jobs import Lie

STAGES = ((0.0, "queued"), (0.25, "dispatched"), (0.35, "processing"))
"""The share of a job's time after which each state begins, before its end."""

TERMINAL = frozenset({"success", "failed", "cancelled"})


@dataclass(frozen=True)
class File:
    """One artifact: its format, and its size in pixels and seconds where they were asked for."""

    extension: str
    size: tuple[int, int] | None = None
    seconds: int | None = None


@dataclass
class Job:
    """One accepted submission.

    created: unix seconds on the emulator's clock. seconds: from then to its end. outcome: what its
    end returns. ending: the state it ends in. files: its artifacts by name. console: made in the
    web console, so that only the list shows it. echo: what a record shows as the payload.
    lies: what is told instead of the truth. looks, looks_at_end: how often its record was asked
    for, and how often of these it had ended. shown, longest_gap: when it was last told about, in a
    record or a list, and the longest time between two such moments; seconds of the machine's clock.
    """

    id: str
    model: str
    created: float
    seconds: float
    outcome: Mapping[str, Any]
    files: Mapping[str, File] = field(default_factory=dict)
    ending: str = "success"
    console: bool = False
    lies: Sequence[Lie] = ()
    looks: int = 0
    looks_at_end: int = 0
    echo: Mapping[str, Any] = field(default_factory=dict)
    shown: float | None = None
    longest_gap: float = 0.0

    def stage(self, now: float) -> tuple[str, float]:
        """The state at `now`, and when it began."""
        elapsed = now - self.created
        if elapsed >= self.seconds:
            return self.ending, self.created + self.seconds
        share, status = next(s for s in reversed(STAGES) if elapsed >= s[0] * self.seconds)
        return status, self.created + share * self.seconds

    def ended(self, now: float) -> bool:
        return self.stage(now)[0] in TERMINAL

    def truth(self, now: float) -> dict[str, Any]:
        """The record as it stands at `now`, in the fields and whole seconds the service uses."""
        status, since = self.stage(now)
        return {
            "request_id": self.id,
            "org_id": "emu-org",
            "user_id": "emu-user",
            "model": self.model,
            "status": status,
            "is_public": False,
            "payload": dict(self.echo),
            "outcome": dict(self.outcome) if status in TERMINAL else None,
            "created_at": int(self.created),
            "updated_at": int(since),
            "queued_at": int(self.created),
            "qworker_id": "emu-worker" if status not in ("created", "queued") else "",
        }

    def receipt(self) -> dict[str, Any]:
        """The record as the submission itself is answered: before anything has happened."""
        return {**self.truth(self.created), "status": STAGES[0][1], "outcome": None}

    def look(self, now: float) -> dict[str, Any] | None:
        """What a caller who asks is told, lies and all; None where the record is denied."""
        truth = self.truth(now)
        self.looks += 1
        self.looks_at_end += truth["status"] in TERMINAL
        return self.told(truth)

    def show(self) -> None:
        """Somebody is told about this job now."""
        now = time.monotonic()
        if self.shown is not None and self.looks_at_end == 0:
            self.longest_gap = max(self.longest_gap, now - self.shown)
        self.shown = now

    def told(self, truth: dict[str, Any]) -> dict[str, Any] | None:
        """`truth` after every lie this job tells at the present number of looks."""
        record: dict[str, Any] | None = truth
        for lie in self.lies:
            if record is None:
                return None
            record = lie.tell(record, self)
        return record


def request_id(seed: int, number: int) -> str:
    """The id of the `number`-th job: unlike any id of the service, and the same for one seed."""
    digest = hashlib.sha256(f"gmigen emulator {seed} {number}".encode()).digest()
    return f"emu-{uuid.UUID(bytes=digest[:16], version=4)}"
