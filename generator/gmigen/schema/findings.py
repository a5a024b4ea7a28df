"""Where the reader writes down what it found while it reads one model."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from ..problems import Level, Problem
from .types import Json


class RefusedError(Exception):
    """Nothing can be made of this model; `problem` says why. Never leaves the room."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


@dataclass
class Findings:
    """The problems of one model, in the order they were met. `at` is a dotted wire path."""

    model: str
    document: Json = None
    _found: dict[Problem, None] = field(default_factory=dict)

    @property
    def problems(self) -> tuple[Problem, ...]:
        return tuple(self._found)

    def resolves(self, reference: str) -> bool:
        """Whether a JSON pointer (`#/parameters/0`) names a place in the document itself."""
        if not reference.startswith("#/"):
            return False
        place = self.document
        for step in reference[2:].split("/"):
            key = step.replace("~1", "/").replace("~0", "~")
            if isinstance(place, dict) and key in place:
                place = place[key]
            elif (
                isinstance(place, list)
                and re.fullmatch(r"[0-9]{1,6}", key)
                and int(key) < len(place)
            ):
                place = place[int(key)]
            else:
                return False
        return True

    def note(self, at: str, code: str, message: str) -> None:
        self._add("note", at, code, message)

    def warn(self, at: str, code: str, message: str) -> None:
        self._add("warning", at, code, message)

    def refuse(self, at: str, code: str, message: str) -> RefusedError:
        """The exception to raise: the caller writes `raise findings.refuse(...)`."""
        return RefusedError(Problem("refused", self.model, at, code, message))

    def _add(self, level: Level, at: str, code: str, message: str) -> None:
        self._found[Problem(level, self.model, at, code, message)] = None
