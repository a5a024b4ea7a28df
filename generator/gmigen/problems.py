"""How every stage reports what it could not take at its word."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

Level = Literal["note", "warning", "refused"]
"""`note`: harmless. `warning`: the schema contradicts itself and was read generously.
`refused`: nothing is made of this model."""


@dataclass(frozen=True, order=True)
class Problem:
    """One finding about one model; `code` is stable across releases, `message` is for people.

    `model` is empty for what concerns no single model. `parameter` is the wire name, dotted for
    nested members, or empty for the model as a whole.
    """

    level: Level
    model: str
    parameter: str
    code: str
    message: str


def problem_out(problem: Problem) -> dict[str, str]:
    """The problem as JSON."""
    return asdict(problem)


def problem_in(value: Any) -> Problem:
    """Read what `problem_out` wrote.

    Raises:
        ValueError: when it is something else.
    """
    try:
        problem = Problem(**value)
    except TypeError:
        raise ValueError("not a problem") from None
    if problem.level not in get_args(Level) or not all(
        isinstance(told, str) for told in asdict(problem).values()
    ):
        raise ValueError("not a problem")
    return problem
