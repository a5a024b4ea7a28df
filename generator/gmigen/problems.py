"""How every stage reports what it could not take at its word."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Level = Literal["note", "warning", "refused"]
"""`note`: harmless. `warning`: the schema contradicts itself and was read generously.
`refused`: nothing is made of this model."""


@dataclass(frozen=True, order=True)
class Problem:
    """One finding about one model; `code` is stable across releases, `message` is for people.

    `parameter` is the wire name, dotted for nested members, or empty for the model as a whole.
    """

    level: Level
    model: str
    parameter: str
    code: str
    message: str
