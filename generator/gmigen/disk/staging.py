"""The place beside a folder where its new state is built: named at random, marked as ours."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .files import read

Entry = tuple[int, int]
"""What tells whether a file is still the same: when it changed (nanoseconds) and its size."""

_MARK = "gmigen-staging.json"
_HALF = f"{_MARK}.new"
_MOST = 64 * 1024 * 1024


def entry(path: Path) -> Entry:
    """The entry of a file, or of a link itself."""
    about = path.lstat()
    return about.st_mtime_ns, about.st_size


@dataclass(frozen=True)
class Staging:
    """`tree` holds the new state and, once the two were exchanged in one step, the old one.

    Where the system cannot do that, the old state waits in `aside` for a moment.
    """

    place: Path

    @property
    def tree(self) -> Path:
        return self.place / "tree"

    @property
    def aside(self) -> Path:
        return self.place / "aside"

    @property
    def old(self) -> Path:
        """Where the old state is after the exchange."""
        return self.aside if self.aside.is_dir() else self.tree

    def ready(self, seen: Mapping[str, Entry]) -> None:
        """Write down what was seen in the old state, just before the exchange."""
        self._mark({"tree": self.tree.stat().st_ino, "seen": seen})

    def exchanged(self, folder: Path) -> bool:
        """Whether `folder` is the state that was built here."""
        built = self._read().get("tree")
        return folder.is_dir() and folder.stat().st_ino == built

    def seen(self) -> dict[str, Entry]:
        """What was seen in the old state."""
        seen = self._read().get("seen")
        return {
            name: (about[0], about[1])
            for name, about in (seen.items() if isinstance(seen, dict) else ())
            if isinstance(about, list) and len(about) == 2
        }

    def remove(self) -> None:
        """Forget it all, the mark last: whoever is killed over it leaves what is known as ours."""
        shutil.rmtree(self.tree, ignore_errors=True)
        shutil.rmtree(self.aside, ignore_errors=True)
        if not self.tree.exists() and not self.aside.exists():
            shutil.rmtree(self.place, ignore_errors=True)

    def _mark(self, value: Mapping[str, Any]) -> None:
        beside = self.place / _HALF
        beside.write_text(json.dumps({"format": 1, **value}), "utf-8")
        beside.replace(self.place / _MARK)

    def _read(self) -> dict[str, Any]:
        """What the mark says; nothing where there is none, or anything else in its place."""
        try:
            value = json.loads(read(self.place / _MARK, _MOST) or b"")
        except (OSError, ValueError, RecursionError):
            return {}
        return value if isinstance(value, dict) else {}

    def is_ours(self) -> bool:
        """Whether the mark says that a run of ours made this, and no link leads out of it."""
        leads_out = self.tree.is_symlink() or self.aside.is_symlink()
        return self._read().get("format") == 1 and not leads_out


@contextlib.contextmanager
def staging_beside(folder: Path) -> Iterator[Staging]:
    """A staging of one's own; it goes unless the old state in it was not taken care of yet."""
    staging = Staging(folder.with_name(f"{_stem(folder)}{os.urandom(6).hex()}"))
    staging.place.mkdir()
    try:
        staging._mark({})
        staging.tree.mkdir()
        yield staging
    finally:
        # The old state stands in place of `tree` after the exchange; drained, it is gone.
        if not staging.exchanged(folder) or not staging.old.exists():
            staging.remove()


def abandoned(folder: Path) -> Iterator[Staging]:
    """The stagings of runs that died. Only for whoever holds the folder: nobody else is at work."""
    stem = _stem(folder)
    if not folder.parent.is_dir():
        return
    for place in sorted(folder.parent.iterdir()):
        if not place.name.startswith(stem) or place.is_symlink() or not place.is_dir():
            continue
        if Staging(place).is_ours():
            yield Staging(place)
        elif {path.name for path in place.iterdir()} <= {_HALF}:
            # Killed before it was marked, or after the mark had gone.
            shutil.rmtree(place, ignore_errors=True)


def _stem(folder: Path) -> str:
    return f".{folder.name}.gmigen-"
