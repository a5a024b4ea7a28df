# fmt: off
# isort: skip_file
# ruff: noqa
"""What a job handle knows by itself, without asking anybody."""

from __future__ import annotations

from typing import Any

from .record import Record


class Handle:
    """The id, the model and the last record seen. Two handles of one id are equal.

    A handle pickles without its client and never holds the key; where it wakes up, it uses the
    default client of that process.
    """

    __slots__ = ("__weakref__", "id", "model", "record", "submitted_at")

    def __init__(
        self,
        id: str,
        *,
        model: str = "",
        record: Record | None = None,
        submitted_at: float | None = None,
    ) -> None:
        self.id = id
        self.model = model or (record.model if record else "")
        self.record = record
        self.submitted_at = submitted_at

    @property
    def status(self) -> str | None:
        """The last status seen, None when the API was never asked.

        An unknown word of the API is kept as it came.
        """
        return self.record.status if self.record else None

    def observe(self, record: Record) -> bool:
        """Take over a newer record; False when it is ignored, because the job had ended before."""
        if self.record is not None and self.record.ended and not record.ended:
            return False
        self.record = record
        self.model = record.model or self.model
        return True

    def __eq__(self, other: object) -> bool:
        return self.id == other.id if isinstance(other, Handle) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.id)

    def __repr__(self) -> str:
        name = type(self).__name__
        return f"{name}(id={self.id!r}, model={self.model!r}, status={self.status!r})"

    def __reduce__(self) -> Any:
        return _rebuilt, (type(self), self.id, self.model, self.record, self.submitted_at)


def _rebuilt(
    kind: type[Handle], id: str, model: str, record: Record | None, submitted_at: float | None
) -> Handle:
    return kind(id, model=model, record=record, submitted_at=submitted_at)
