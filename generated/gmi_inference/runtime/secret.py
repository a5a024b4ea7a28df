# fmt: off
# isort: skip_file
# ruff: noqa
"""The key, in a wrapper that a traceback with locals may show."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import Any

KEY_VARIABLE = "GMI_API_KEY"
_PRINTABLE = re.compile(r"[\x21-\x7e]+")


class Secret:
    """Holds a key in a closure, so that no repr, vars() or pickle can show it."""

    __slots__ = ("reveal",)

    reveal: Callable[[], str]

    def __init__(self, value: str | None) -> None:
        given = value if value is not None else os.environ.get(KEY_VARIABLE)
        key = (given or "").strip()
        self.reveal = lambda: key

    def problem(self) -> str | None:
        """Why it cannot be a key, in a sentence; None when it can."""
        key = self.reveal()
        if not key:
            return (
                f"There is no API key. Set {KEY_VARIABLE} in the environment, or pass api_key=. "
                "Keys are made on the API keys page of https://console.gmicloud.ai."
            )
        if not _PRINTABLE.fullmatch(key):
            return (
                "The API key holds a space, a line break or a character outside ASCII, so it "
                f"cannot be one. Copy it again into {KEY_VARIABLE}."
            )
        return None

    def __repr__(self) -> str:
        return "Secret()"

    def __reduce__(self) -> Any:
        raise TypeError("A key is not pickled.")
