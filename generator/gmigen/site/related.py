"""Models that could do the same job: those that take and give the same, nearest in price."""

from __future__ import annotations

from collections.abc import Sequence

from ..schema.inputs import kinds
from .facts import Known

MOST = 5


def related(known: Known, others: Sequence[Known]) -> list[Known]:
    """At most `MOST` models with the same kind and outputs, those most alike first."""
    mine = known.model
    tags = set(mine.tags)

    def apart(other: Known) -> tuple[int, int, bool, str]:
        model = other.model
        return (
            -len(tags & set(model.tags)),
            len(set(kinds(mine)) ^ set(kinds(model))),
            model.vendor == mine.vendor,  # another vendor's is news
            model.id,
        )

    alike = [
        other
        for other in others
        if other.model.id != mine.id
        and other.model.kind == mine.kind
        and set(other.model.outputs) == set(mine.outputs)
        and (tags & set(other.model.tags) or not tags)
    ]
    return sorted(alike, key=apart)[:MOST]
