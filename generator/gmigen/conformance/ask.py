"""One question to the API, as data: what is sent, made of what came before."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from .answer import Answers

Key = Literal["own", "made up", "none"]
"""`own` goes to the API's origin only. `made up` goes there on a connection of its own."""


@dataclass(frozen=True)
class Ask:
    """One question.

    where: the address, absolute or, beginning with `/`, below the base URL; None where the
    answers so far leave nothing to ask. `..` at its beginning is the path without `/apikey`.
    """

    name: str
    where: Callable[[Answers], str | None]
    method: str = "GET"
    key: Key = "own"
    body: bytes | None = None
    headers: Mapping[str, str] | None = None
