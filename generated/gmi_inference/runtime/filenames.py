# fmt: off
# isort: skip_file
# ruff: noqa
"""Names of saved files. They are ours: nothing a server says ends up in a path unchecked."""

from __future__ import annotations

import os
import re
from pathlib import Path

_UNSAFE = re.compile(r"[^A-Za-z0-9_-]+")


def file_name(job_id: str, number: int, extension: str) -> str:
    """`<job id>-<number>.<extension>`, the id reduced to letters, digits, `_` and `-`."""
    safe = _UNSAFE.sub("-", job_id).strip("-")[:100] or "job"
    return f"{safe}-{number}.{extension}"


def is_folder(given: str | os.PathLike[str]) -> bool:
    """Whether the caller means a folder: it is one, ends in a separator, or has no extension."""
    text = os.fspath(given)
    return text.endswith(("/", os.sep)) or Path(text).is_dir() or not Path(text).suffix


def destinations(
    given: str | os.PathLike[str], job_id: str, extensions: list[str], first: int = 1
) -> list[Path]:
    """Where each of the files of a job goes; `first` is the number of the first of them.

    In a folder the names are ours. A file name is taken as given, and further files stand beside
    it with `-2`, `-3` before the extension.
    """
    if is_folder(given):
        return [
            Path(given) / file_name(job_id, number, extension)
            for number, extension in enumerate(extensions, first)
        ]
    path = Path(given)
    numbered = [
        path.with_name(f"{path.stem}-{n}{path.suffix}") for n in range(2, 1 + len(extensions))
    ]
    return [path, *numbered][: len(extensions)]
