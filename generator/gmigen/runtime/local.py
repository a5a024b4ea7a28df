"""Local files: what is one, in whatever shape the caller has it, and when it is on the disk."""

from __future__ import annotations

import errno
import os
from typing import Any

_NO_SYNC = frozenset({errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP})


def is_local(value: Any) -> bool:
    """Whether a payload value is content of this machine, to be uploaded before submitting.

    Path objects, bytes, open files, and pictures of PIL or numpy, which are told by what they can
    do: nothing has to be installed for it.
    """
    return (
        isinstance(value, (os.PathLike, bytes, bytearray, memoryview))
        or (hasattr(value, "read") and not isinstance(value, type))
        or is_picture(value)
    )


def is_picture(value: Any) -> bool:
    """Whether `value` is a picture in memory: of PIL (`save`, `mode`) or numpy (an array)."""
    if isinstance(value, type):
        return False
    return (hasattr(value, "save") and hasattr(value, "mode") and hasattr(value, "size")) or (
        hasattr(value, "__array_interface__") and hasattr(value, "shape")
    )


def sync(descriptor: int) -> None:
    """See the file on disk, where its file system knows how to. Raises OSError."""
    try:
        os.fsync(descriptor)
    except OSError as refusal:
        if refusal.errno not in _NO_SYNC:  # some file systems cannot, and need not be told twice
            raise


def said(refusal: Exception) -> str:
    """What the system says against a call, in words."""
    return getattr(refusal, "strerror", None) or str(refusal)[:200] or type(refusal).__name__
