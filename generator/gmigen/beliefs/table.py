"""The one table of beliefs: the emulator behaves by it, the checks ask by it, pages print it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from .. import resources

Source = Literal[
    "recorded in public", "vendor documentation", "vendor SDK", "an integrator", "unconfirmed"
]

Mark = Literal["recorded", "documented", "integrator", "guess"]

MARKS: Mapping[Source, Mark] = {
    "recorded in public": "recorded",
    "vendor documentation": "documented",
    "vendor SDK": "documented",
    "an integrator": "integrator",
    "unconfirmed": "guess",
}
"""The mark that each source gives."""

ABOUT: Mapping[str, str] = {
    "route": "Endpoints",
    "field": "Fields of a record",
    "status": "Status words",
    "outcome": "Outcomes",
    "error": "Refusals",
    "upload": "Types of uploads",
    "rule": "Rules",
}
"""What a name begins with -> what the belief is about."""


@dataclass(frozen=True)
class Belief:
    """One thing the API is believed to do, and the emulator does.

    name: begins with what it is about, a key of `ABOUT`. says: the belief in a sentence that an
    answer can be held against, "" where the name says it all. relied_on: whether the client's
    default behaviour depends on it.
    """

    name: str
    source: Source
    note: str = ""
    says: str = ""
    relied_on: bool = False

    @property
    def mark(self) -> Mark:
        return MARKS[self.source]

    @property
    def about(self) -> str:
        return self.name.partition(":")[0]

    @property
    def sentence(self) -> str:
        """The belief in words, whatever the table gives of them."""
        return self.says or self.name.partition(":")[2]


@lru_cache(maxsize=1)
def beliefs() -> Mapping[str, Belief]:
    """Every belief by its name, in the table's order."""
    table = json.loads(resources.coverage().read_text("utf-8"))
    return {row["name"]: Belief(**row) for row in table["behaviours"]}
