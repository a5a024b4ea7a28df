"""A picture in the terminal itself, where it is one that says it can show some.

Two protocols are spoken: that of kitty, for PNG, and that of iTerm2, for whatever the terminal
can read. Only base64 and numbers of ours are written.
"""

from __future__ import annotations

import base64
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..runtime.errors import GMIError
from .output import is_quiet, is_terminal

if TYPE_CHECKING:
    from ..client.results import Artifact, Result

LARGEST = 4 * 1024 * 1024
"""Bytes of a picture; a larger one is not worth the time on a slow line."""

MOST = 4
ROWS = 16
_CHUNK = 4096
_PNG = b"\x89PNG\r\n\x1a\n"


def shown_inline(result: Result, saved: Sequence[Path]) -> None:
    """Show the pictures of a result, small, on standard error; nothing where that is not one."""
    protocol = spoken(os.environ)
    if protocol is None or is_quiet() or not is_terminal(sys.stderr):
        return
    places: dict[int, Path] = dict(enumerate(saved))
    found = [each for each in enumerate(result.artifacts) if each[1].kind == "image"]
    for number, artifact in found[:MOST]:
        if picture := drawn(protocol, _content(artifact, places.get(number))):
            sys.stderr.write(f"{picture}\n")
    sys.stderr.flush()


def spoken(environment: Mapping[str, str]) -> str | None:
    """The protocol of the terminal an environment tells of: kitty, iterm2 or None."""
    if environment.get("TMUX") or environment.get("STY"):
        return None  # they stand between, and pass on neither
    program, term = environment.get("TERM_PROGRAM", ""), environment.get("TERM", "")
    if environment.get("KITTY_WINDOW_ID") or "kitty" in term or "ghostty" in f"{term} {program}":
        return "kitty"
    if program in ("iTerm.app", "WezTerm") or environment.get("LC_TERMINAL") == "iTerm2":
        return "iterm2"
    return None


def drawn(protocol: str, content: bytes) -> str:
    """What makes a terminal show a picture; empty for what it could not show."""
    if not content or (protocol == "kitty" and not content.startswith(_PNG)):
        return ""
    data = base64.b64encode(content).decode("ascii")
    if protocol == "iterm2":
        how = f"inline=1;size={len(content)};height={ROWS};preserveAspectRatio=1"
        return f"\x1b]1337;File={how}:{data}\x07"
    pieces = [data[at : at + _CHUNK] for at in range(0, len(data), _CHUNK)]
    told = [f"q=2,a=T,f=100,r={ROWS},"] + [""] * (len(pieces) - 1)
    last = len(pieces) - 1
    return "".join(
        f"\x1b_G{how}m={int(number < last)};{piece}\x1b\\"
        for number, (how, piece) in enumerate(zip(told, pieces, strict=True))
    )


def _content(artifact: Artifact, saved: Path | None) -> bytes:
    """The bytes of a picture, from the disk where it is there already; none of a large one."""
    try:
        if saved is None:
            return artifact.read(max_bytes=LARGEST)
        return saved.read_bytes() if saved.stat().st_size <= LARGEST else b""
    except (GMIError, OSError):
        return b""
