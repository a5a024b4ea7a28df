"""Names of saved files. They are ours: nothing a server says ends up in a path unchecked."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path
from typing import Any

from ..errors import DownloadError

NAME_LIMIT = 255
"""Bytes a file name may have on the disks in use."""

_UNSAFE = re.compile(r"[^A-Za-z0-9_-]+")


def file_name(job_id: str, number: int, extension: str) -> str:
    """`<job id>-<number>.<extension>`, the id reduced to letters, digits, `_` and `-`.

    An id that cannot stand as it is keeps a digest of the whole, so that no two become one name.
    """
    safe = _UNSAFE.sub("-", job_id).strip("-")[:100] or "job"
    if safe != job_id:
        safe += f"-{digest(job_id)[:8]}"
    return f"{safe}-{number}.{extension}"


def is_folder(given: str | os.PathLike[str]) -> bool:
    """Whether the caller means a folder: it is one, ends in a separator, or has no extension.

    A file that is there already is meant as a file. Raises DownloadError for what is no path.
    """
    text = path_text(given)
    if text.endswith(("/", os.sep)) or os.path.isdir(text):  # noqa: PTH112  # never raises
        return True
    return not Path(text).suffix and not os.path.lexists(text)


def destinations(given: str | os.PathLike[str], job_id: str, extensions: list[str]) -> list[Path]:
    """Where each of the files of a job goes.

    In a folder the names are ours. A file name is taken as given, and further files stand beside
    it with `-2`, `-3` before the extension. Raises DownloadError for what is no path.
    """
    path = Path(path_text(given))
    if is_folder(given):
        return [path / file_name(job_id, number, each) for number, each in enumerate(extensions, 1)]
    marks = [f"-{number}" if number > 1 else "" for number in range(1, len(extensions) + 1)]
    return [path.with_name(fitting(path.stem, mark + path.suffix)) for mark in marks]


def path_text(given: Any) -> str:
    """The text of a path that a disk could be asked for. Raises DownloadError."""
    try:
        text = os.fsdecode(given)
        # "." has no parts, and is a folder all the same.
        longest = max((len(os.fsencode(part)) for part in Path(text).parts), default=bool(text))
    except (TypeError, ValueError):  # half of a surrogate pair, or letters no name here can have
        longest = 0
    if not 0 < longest <= NAME_LIMIT or "\0" in text:
        raise DownloadError(
            "The path to save to is none: give the name of a file or of a folder, no part of it "
            f"empty, longer than {NAME_LIMIT} bytes or with a character no file name can have."
        )
    return text


def fitting(stem: str, ending: str) -> str:
    """`stem` + `ending`, cut to what a disk takes; what was cut is told apart by a digest."""
    if len(os.fsencode(stem + ending)) <= NAME_LIMIT:
        return stem + ending
    room = NAME_LIMIT - len(os.fsencode(ending)) - 9
    kept = os.fsencode(stem)[:room].decode("utf-8", "ignore")
    return f"{kept}-{digest(stem)[:8]}{ending}"


def digest(text: str) -> str:
    """A hash of a text, whatever is in it."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
