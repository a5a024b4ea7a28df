"""Single files: read without being led astray, written whole or not at all."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from ..errors import PublishError

ATTRIBUTES = "* text eol=lf linguist-generated\n"
"""`.gitattributes` of a folder of ours: no checkout changes its line endings."""

_MARK = ".gmigen-"


def is_half(path: Path) -> bool:
    """Whether this is a file that a run was killed over while it wrote it."""
    named = re.fullmatch(rf"\..+{re.escape(_MARK)}[0-9a-f]{{12}}", path.name)
    return named is not None and stat.S_ISREG(path.lstat().st_mode)


def read(path: Path, most: int) -> bytes | None:
    """The content of a regular file, at most `most` bytes and one more; None where there is none.

    Links, devices and pipes count as none and are never opened: a repository may come from anyone.

    Raises:
        OSError: when it is there and cannot be read.
    """
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            return None
        with path.open("rb") as file:
            return file.read(most + 1)
    except (FileNotFoundError, NotADirectoryError):
        return None


def write_file(path: Path, content: bytes) -> None:
    """Give one file a new content, all of it or none. Its mode stays, and a link stays a link.

    Raises:
        PublishError: when the disk refuses.
    """
    with told(path.name):
        target = path.resolve() if path.is_symlink() else path
        target.parent.mkdir(parents=True, exist_ok=True)
        beside = target.with_name(f".{target.name[:100]}{_MARK}{os.urandom(6).hex()}")
        try:
            beside.write_bytes(content)
            if target.exists():
                shutil.copymode(target, beside)
            beside.replace(target)
        finally:
            beside.unlink(missing_ok=True)


@contextlib.contextmanager
def told(what: str) -> Iterator[None]:
    """Turn what the disk says into a sentence about `what`."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise PublishError(
            f"The {what} could not be written: {reason}. What was there before is still there."
        ) from None
