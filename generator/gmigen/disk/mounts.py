"""Whether something is mounted on a folder or inside it: such a folder cannot be exchanged."""

from __future__ import annotations

import os
import re
from pathlib import Path

TABLE = Path("/proc/self/mountinfo")
"""Linux's list of mounts. It knows bind mounts of the same disk, which `ismount` does not."""


def holds_mount(folder: Path) -> bool:
    """Whether `folder`, or a folder below it, is where another disk begins."""
    if not folder.is_dir():
        return False
    place = folder.resolve()
    return os.path.ismount(place) or any(place in (at, *at.parents) for at in _mounts())


def _mounts() -> list[Path]:
    try:
        lines = TABLE.read_bytes().splitlines()
    except OSError:
        return []
    fields = (line.split(b" ") for line in lines)
    return [Path(os.fsdecode(_unescaped(told[4]))) for told in fields if len(told) > 4]


def _unescaped(path: bytes) -> bytes:
    """The kernel writes spaces and the like as three octal digits."""
    return re.sub(rb"\\([0-7]{3})", lambda found: bytes([int(found[1], 8) & 255]), path)
