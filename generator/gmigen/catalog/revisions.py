"""An older snapshot: a folder, or what git has of ours at some revision."""

from __future__ import annotations

import io
import subprocess
import tarfile
import tempfile
from pathlib import Path

from ..errors import RevisionError
from ..settings import Settings
from . import snapshot
from .snapshot import Snapshot


def old_snapshot(settings: Settings, old: str | None) -> Snapshot:
    """The snapshot that `old` names: a folder, or a git revision (None: the last commit).

    `v1.2.0..` means `v1.2.0`, as with git's own diff.

    Raises:
        RevisionError: when there is neither such a folder nor such a revision with a snapshot.
        SnapshotError: when the old snapshot cannot be read.
    """
    if old and Path(old).is_dir():
        return snapshot.load(Path(old))
    revision = (old or "HEAD").removesuffix("..")
    if revision.startswith("-"):
        raise RevisionError(f"{revision} is no git revision.")
    archive = _archive(settings.snapshot_folder, revision)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with tarfile.open(fileobj=io.BytesIO(archive)) as packed:
            for member in packed.getmembers():
                content = packed.extractfile(member) if member.isfile() else None
                if content is not None:
                    (folder / Path(member.name).name).write_bytes(content.read())
        return snapshot.load(folder)


def _archive(folder: Path, revision: str) -> bytes:
    command = ["git", "archive", "--format=tar", revision]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, check=False)
    except FileNotFoundError:
        raise RevisionError(
            "git is not installed, or the snapshot folder does not exist: name an older snapshot "
            "folder instead, as in `gmigen diff path/to/old`."
        ) from None
    if done.returncode:
        raise RevisionError(
            f"git has no snapshot at {revision}: commit the snapshot first, or name a revision "
            "or a folder that has one, as in `gmigen diff v1.2.0`."
        )
    return done.stdout
