"""What changed since the snapshot before, by what git remembers."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

from ..catalog.lock import LOCK
from ..compat import Change
from ..compat.since import changes_since
from ..errors import UserError
from ..settings import Settings

NO_GIT = "git is not installed, so there is no older snapshot to compare with."
NO_OTHER = "git remembers no snapshot before this one."


def since_the_snapshot_before(settings: Settings) -> tuple[Sequence[Change] | None, str]:
    """The changes, or None and a sentence that says why there is nothing to compare with."""
    folder = settings.snapshot_folder
    try:
        revision = _before(folder)
        if revision is None:
            return None, NO_OTHER
        return changes_since(settings, revision)[0], ""
    except FileNotFoundError:
        return None, NO_GIT
    except UserError as error:
        return None, str(error)


def _before(folder: Path) -> str | None:
    """The last revision whose lock is not the one on disk."""
    told = _git(folder, "log", "-20", "--format=%H", "--", LOCK).stdout.split()
    now = (folder / LOCK).read_bytes().replace(b"\r\n", b"\n") if told else b""
    for revision in told:
        name = revision.decode("ascii")
        held = _git(folder, "show", f"{name}:./{LOCK}")
        if held.returncode == 0 and held.stdout.replace(b"\r\n", b"\n") != now:
            return name
    return None


def _git(folder: Path, *words: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["git", *words], cwd=folder, capture_output=True, check=False)
