"""What a disk is asked for when a file is written by one alone, and named once."""

from __future__ import annotations

import errno
import os
from pathlib import Path

# No link is followed, and nothing is waited for, should somebody have put something else there.
OPEN = (
    os.O_RDWR
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)
_NO_SYNC = frozenset({errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP})
_NO_LINKS = frozenset(
    {errno.EPERM, errno.EACCES, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EMLINK}
)


def locked(descriptor: int) -> bool:
    """Whether nobody else, in this process or another, holds the file; now we do."""
    try:
        if os.name == "nt":  # pragma: no cover
            import msvcrt

            os.lseek(descriptor, 1 << 40, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
            os.lseek(descriptor, 0, os.SEEK_SET)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:  # another has it, or this file system has no locks
        return False
    return True


def name_once(path: Path, final: Path) -> None:
    """Move `path` to a name that nothing has yet. Raises FileExistsError."""
    if os.name == "nt":  # pragma: no cover
        path.rename(final)
        return
    try:
        os.link(path, final)
    except OSError as refusal:
        if refusal.errno not in _NO_LINKS:
            raise
        # A file system without links: the name is claimed first, and given at once.
        os.close(os.open(final, OPEN | os.O_CREAT | os.O_EXCL, 0o666))
        try:
            path.replace(final)
        except OSError:
            final.unlink()
            raise
    else:
        path.unlink()


def synced(descriptor: int) -> None:
    """Have the disk keep what was written, where the file system knows how."""
    try:
        os.fsync(descriptor)
    except OSError as refusal:
        if refusal.errno not in _NO_SYNC:
            raise
