"""An older snapshot: a folder, or what git has of ours at some revision."""

from __future__ import annotations

import io
import shlex
import subprocess
import tarfile
import tempfile
from pathlib import Path

from ..errors import RevisionError
from ..settings import Settings
from . import snapshot
from .snapshot import Snapshot

_INSTEAD = "name a revision or a folder that has one, as in `gmigen diff v1.2.0`"


def old_snapshot(settings: Settings, old: str | None) -> Snapshot:
    """The snapshot that `old` names: a folder, or a git revision (None: the last commit).

    `v1.2.0..` and `v1.2.0..HEAD` mean `v1.2.0`: the other side is always what is on disk.

    Raises:
        RevisionError: when there is neither such a folder nor such a revision with a snapshot.
        SnapshotError: when the old snapshot cannot be read.
    """
    if old and Path(old).is_dir():
        return snapshot.load(Path(old))
    revision, dots, other = (old or "HEAD").partition("..")
    if revision.startswith("-") or "\0" in revision:
        raise RevisionError(f"{revision} is no git revision.")
    if dots and other.lstrip(".") not in ("", "HEAD", "@"):
        raise RevisionError(
            f"{old} names two revisions, and the newer one is always what is on disk: check "
            f"{other.lstrip('.')} out, then run `gmigen diff {shlex.quote(revision or 'HEAD')}`."
        )
    archive = _archive(settings.snapshot_folder, revision or "HEAD")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with tarfile.open(fileobj=io.BytesIO(archive)) as packed:
            for member in packed.getmembers():
                content = packed.extractfile(member) if member.isfile() else None
                if content is not None and "/" not in member.name:
                    (folder / member.name).write_bytes(content.read())
        return snapshot.load(folder)


def _archive(folder: Path, revision: str) -> bytes:
    if not folder.is_dir():
        raise RevisionError(f"There is no snapshot in {folder}: run `gmigen fetch` first.")
    done = _git(folder, "archive", "--format=tar", revision)
    if done.returncode == 0:
        return done.stdout
    said = done.stderr.decode("utf-8", "replace").strip()
    last = said.splitlines()[-1] if said else "git gave no reason"
    if "dubious ownership" in said:
        top = shlex.quote(_top(said, folder.resolve()))
        raise RevisionError(
            "git refuses this repository, because it belongs to somebody else (dubious ownership). "
            f"If you trust it: git config --global --add safe.directory {top}"
        )
    if "not a git repository" in said:
        raise RevisionError(
            f"{folder} is in no git repository: name an older snapshot folder instead, as in "
            "`gmigen diff path/to/old`."
        )
    if _git(folder, "rev-parse", "--is-shallow-repository").stdout.strip() == b"true":
        raise RevisionError(
            f"This clone is shallow and does not have {revision}: run `git fetch --unshallow`, or "
            "let the checkout fetch everything (`fetch-depth: 0`)."
        )
    known = _git(folder, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}").returncode
    if known == 0:
        raise RevisionError(
            f"git has no snapshot at {revision}: commit the snapshot, or {_INSTEAD}."
        )
    raise RevisionError(f"git does not know {revision} ({last}): commit first, or {_INSTEAD}.")


def _git(folder: Path, *words: str) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(["git", *words], cwd=folder, capture_output=True, check=False)
    except FileNotFoundError:
        raise RevisionError(
            "git is not installed: name an older snapshot folder instead, as in "
            "`gmigen diff path/to/old`."
        ) from None


def _top(said: str, otherwise: Path) -> str:
    """The folder git speaks of."""
    quoted = said.split("'")
    return quoted[1] if len(quoted) > 2 else str(otherwise)
