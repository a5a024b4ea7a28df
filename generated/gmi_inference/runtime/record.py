# fmt: off
# isort: skip_file
# ruff: noqa
"""One job as the API describes it, read tolerantly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from . import statuses


@dataclass(frozen=True)
class Record:
    """`status` is normalised; `raw` is the answer as it came. Times are unix seconds."""

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
        return self.status in statuses.TERMINAL

    @property
    def never_started(self) -> bool:
        """Whether it was never touched after it was made: the mark of ids that never run."""
        return (
            self.status in statuses.WAITING
            and self.created_at is not None
            and self.updated_at == self.created_at
        )


def read_record(body: Any, *, model: str = "") -> Record | None:
    """The record in an answer; None without an id. A record without a status has status ""."""
    if not isinstance(body, Mapping):
        return None
    identity = body.get("request_id")
    if not isinstance(identity, str) or not identity.strip():
        return None
    word = body.get("status")
    named = body.get("model")
    outcome = body.get("outcome")
    return Record(
        id=identity.strip(),
        model=named if isinstance(named, str) and named else model,
        status=statuses.normalised(word) if isinstance(word, str) else "",
        outcome=outcome if isinstance(outcome, Mapping) else {},
        created_at=_seconds(body.get("created_at")),
        updated_at=_seconds(body.get("updated_at")),
        raw=body,
    )


def _seconds(value: Any) -> float | None:
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def failure(record: Record) -> tuple[str | None, str | None]:
    """The reason and the code of a failed job, as far as the API gave them.

    Recorded in public: `outcome.error` as text or as an object, `outcome.message`, `reason`.
    """
    error = record.outcome.get("error")
    if isinstance(error, Mapping):
        code = error.get("code", error.get("status"))
        reason = error.get("message") or error.get("status")
        return _text(reason), _text(code)
    reason = error or record.outcome.get("message") or record.raw.get("reason")
    if reason is None:
        reason = record.raw.get("error")
    return _text(reason), _text(record.outcome.get("code"))


def _text(value: Any) -> str | None:
    return str(value)[:2000] if isinstance(value, (str, int, float)) and value != "" else None
