"""A lock for each key: a small file that the system unlocks when its holder dies."""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
from pathlib import Path

if sys.platform == "win32":
    import msvcrt

    def _locked(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _locked(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


class FileClaim:
    """A locked file. It is let go of when nobody holds this object any more, too."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self._path = path
        self._descriptor = descriptor
        self._process = os.getpid()

    def close(self) -> None:
        """Remove the file and its lock."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor < 0:
            return
        if os.getpid() == self._process:  # and no child, whose copy holds nothing by itself
            with contextlib.suppress(OSError):  # Windows removes no open file, and need not
                self._path.unlink()
        os.close(descriptor)

    def __del__(self) -> None:
        self.close()


def claim(journal: Path, key: str) -> FileClaim | None:
    """The lock of this key beside a journal, None while another has it. Raises OSError."""
    folder = journal.with_name(f"{journal.name}.keys")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / hashlib.sha256(key.encode()).hexdigest()[:32]
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0)
    taken = FileClaim(path, descriptor := os.open(path, flags, 0o600))
    try:
        _locked(descriptor)
        # Who had it may have removed the file after it was opened here.
        if os.path.samestat(os.fstat(descriptor), path.stat()):
            return taken
    except (BlockingIOError, PermissionError, FileNotFoundError):
        pass
    taken._descriptor = -1
    os.close(descriptor)
    return None
