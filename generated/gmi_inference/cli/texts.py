# fmt: off
# isort: skip_file
# ruff: noqa
"""Texts that stand elsewhere than on the command line: in a file, or on standard input."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..runtime.errors import Fault, InvalidRequestError

LIMIT = 4 * 1024**2
"""Bytes of a text; no model takes as many."""

_DEPTH = 8
_CONTROLS = frozenset(map(chr, range(32))) - frozenset("\t\n\v\f\r\x1b")


@dataclass(frozen=True)
class TextFile:
    """A text to be read from a file, or from standard input where there is none."""

    path: Path | None = None


def as_utf8(argument: str) -> str:
    """An argument as the shell wrote it, where the locale knows ASCII only."""
    try:
        return argument.encode("utf-8", "surrogateescape").decode("utf-8")
    except UnicodeError:
        return argument


def path_of(text: str) -> Path:
    """The path that stands behind an @, `~` included."""
    # In a locale that knows ASCII only, names of files are spelled as the locale has them.
    with contextlib.suppress(UnicodeError):
        text = os.fsdecode(text.encode("utf-8", "surrogateescape"))
    try:
        return Path(text).expanduser()
    except RuntimeError:  # `~name` of nobody
        return Path(text)


def filled(values: Mapping[str, Any]) -> dict[str, Any]:
    """`values` with every text that stands elsewhere. Raises InvalidRequestError."""
    faults: list[Fault] = []
    read: list[str] = []

    def fill(name: str, value: Any, depth: int = 0) -> Any:
        if isinstance(value, list) and depth < _DEPTH:
            return [fill(name, member, depth + 1) for member in value]
        if not isinstance(value, TextFile):
            return value
        source = "standard input" if value.path is None else str(value.path)
        try:
            if value.path is None and read:
                raise ValueError("was read already for another value")
            read.extend([name] if value.path is None else [])
            return _text(value.path)
        except (OSError, ValueError) as refusal:
            why = refusal.strerror if isinstance(refusal, OSError) else str(refusal)
            advice = (
                f"""a text that begins so is written {name}:='"{"@..." if value.path else "-"}"'"""
            )
            faults.append(Fault(name, f"{source} cannot be read: {why}; {advice}"))
            return None

    made = {name: fill(name, value) for name, value in values.items()}
    if faults:
        raise InvalidRequestError(faults)
    return made


def _text(path: Path | None) -> str:
    """Raises OSError and ValueError."""
    if path is None:
        if sys.stdin is None:
            raise ValueError("it is closed")
        content = sys.stdin.buffer.read(LIMIT + 1)
    else:
        with path.open("rb") as stream:
            content = stream.read(LIMIT + 1)
    if len(content) > LIMIT:
        raise ValueError(f"it is longer than {LIMIT} bytes")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError("it is no text in UTF-8") from None
    if not text.strip():
        raise ValueError("it is empty")
    if not _CONTROLS.isdisjoint(text):
        raise ValueError("it is no text")
    return text
