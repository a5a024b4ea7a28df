"""What came for one question, as the checks see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ..runtime import wire
from .plain import plain


@dataclass(frozen=True)
class Answer:
    """One answer, or the reason why there is none.

    trouble: why nothing came, "" where something did. headers: lower-case names, in their order.
    version: of HTTP, as the answer says. tls: the version of TLS, "" without. at: unix seconds of
    this machine when the headers came. seconds: from the question to the last byte. cut: whether
    the body was longer than what was read of it.
    """

    status: int = 0
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = field(default=b"", repr=False)
    version: str = ""
    tls: str = ""
    at: float = 0.0
    seconds: float = 0.0
    cut: bool = False
    trouble: str = ""

    def header(self, name: str) -> str | None:
        """The value of the header `name`, given in lower case, or None."""
        return next((value for key, value in self.headers if key == name), None)

    @cached_property
    def json(self) -> Any:
        """The JSON value of the body; None where there is none."""
        return wire.json_value(self.body)

    @property
    def mapping(self) -> Mapping[str, Any]:
        """The JSON object of the body; empty where there is none."""
        return self.json if isinstance(self.json, Mapping) else {}

    @property
    def error(self) -> str | None:
        """The text of `{"error": text}`; None where the body is nothing like it."""
        return wire.text(self.mapping.get("error"))

    @property
    def told(self) -> str:
        """The answer in a few words."""
        if self.trouble:
            return self.trouble
        if self.error is not None:
            return f"HTTP {self.status}, error: {plain(self.error)}"
        kind = "JSON" if self.json is not None else self.header("content-type") or "no content"
        return f"HTTP {self.status}, {plain(kind)}, {len(self.body)} bytes"


Answers = Mapping[str, Answer]
"""Answers by the name of what was asked."""
