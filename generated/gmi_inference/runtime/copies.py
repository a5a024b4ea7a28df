# fmt: off
# isort: skip_file
# ruff: noqa
"""An artifact as an open file: fetched and checked as a whole, without a place of its own."""

from __future__ import annotations

import shutil
import tempfile
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING

from . import downloading
from .api import Api
from .effects import Flow, Progress, blocking

if TYPE_CHECKING:
    from .artifacts import Artifact

CHUNK = 256 * 1024


def opened(api: Api, artifact: Artifact, on_progress: Progress | None) -> Flow[IO[bytes]]:
    """A file open for reading, gone from the disk when it is closed. Raises DownloadError."""
    folder = Path((yield from blocking(partial(tempfile.mkdtemp, prefix="gmi-"))))
    try:
        path = yield from downloading.save(
            api,
            artifact,
            folder / artifact.filename,
            overwrite=True,
            resume=True,
            on_progress=on_progress,
        )
        return (yield from blocking(partial(_nameless, path)))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _nameless(path: Path) -> IO[bytes]:
    """The same bytes in a file that needs no clearing up, on any system."""
    kept = tempfile.TemporaryFile()  # noqa: SIM115  # the caller closes it
    try:
        with path.open("rb") as stream:
            shutil.copyfileobj(stream, kept, CHUNK)
        kept.seek(0)
    except BaseException:
        kept.close()
        raise
    return kept
