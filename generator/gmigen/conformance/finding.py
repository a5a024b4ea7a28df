"""One line of the report: a belief, its source, what came of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..beliefs.table import beliefs
from .answer import Answers
from .judgement import Check, Verdict


@dataclass(frozen=True)
class Finding:
    """What one check found. `expected` and `source` are the table's."""

    id: str
    belief: str
    expected: str
    source: str
    came: str
    verdict: Verdict
    facts: Mapping[str, Any] = field(default_factory=dict)
    also: tuple[str, ...] = ()


def found(checks: Iterable[Check], answers: Answers) -> tuple[Finding, ...]:
    """Every check held against the answers."""
    return tuple(_one(check, answers) for check in checks)


def _one(check: Check, answers: Answers) -> Finding:
    belief, judgement = beliefs()[check.belief], check.judge(answers)
    return Finding(
        id=check.id,
        belief=check.belief,
        expected=belief.sentence,
        source=belief.source,
        came=judgement.came,
        verdict=judgement.verdict,
        facts=judgement.facts,
        also=judgement.also,
    )
