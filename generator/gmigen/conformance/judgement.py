"""What a check says of what came."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from .answer import Answer, Answers

Verdict = Literal["as believed", "differs", "not seen"]


@dataclass(frozen=True)
class Judgement:
    """The verdict, what came in words, and in plain values that an emulator can behave by.

    also: names of further beliefs that the same answer shows to hold.
    """

    verdict: Verdict
    came: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class Check:
    """One belief held against answers. `id` is stable across releases; `judge` is pure."""

    id: str
    belief: str
    judge: Callable[[Answers], Judgement]


def judged(
    holds: bool, came: str, facts: Mapping[str, Any] | None = None, also: Sequence[str] = ()
) -> Judgement:
    """As believed, or not."""
    return Judgement("as believed" if holds else "differs", came, facts or {}, tuple(also))


def unseen(why: str) -> Judgement:
    """Nothing came that could be judged."""
    return Judgement("not seen", why)


def silent(answer: Answer | None, why: str) -> Judgement | None:
    """`unseen` where nothing came for a question, with `why` it was not asked; else None."""
    if answer is None:
        return unseen(why)
    return unseen(answer.trouble) if answer.trouble else None
