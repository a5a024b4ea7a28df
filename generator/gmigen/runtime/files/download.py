"""Have an artifact: under a name, as an open file, or in memory. Each is the same fetch."""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from ..errors import DownloadError
from ..media_types import BY_EXTENSION
from ..protocol.context import Context
from ..protocol.effects import Progress
from .fetch import AGAIN, BYTES_LIMIT, Fetch
from .outcome import Found
from .partial import Arrival, PartialFile
from .paths import destinations, is_folder, path_text

Place = str | os.PathLike[str]
How = tuple[bool, bool, Progress | None, float | None]
"""`overwrite`, `resume`, `on_progress` and `timeout` of `save` and `save_all`."""


async def save(
    ctx: Context,
    found: Found,
    path: Place,
    overwrite: bool = False,
    resume: bool = True,
    on_progress: Progress | None = None,
    timeout: float | None = None,
) -> Path:
    """Save one file under the name given, or into a folder under ours, and return where it is.

    `timeout` bounds the whole, in seconds; None means an hour. Raises DownloadError, also when the
    file exists and `overwrite` is False; the job is not affected.
    """
    ours = is_folder(path)
    final = Path(path_text(path), found.filename if ours else "")
    fetch = Fetch(ctx, found, final.name, _until(ctx, timeout), on_progress=on_progress)
    return await _saved(fetch, final, ours, overwrite, resume, keep=False)


async def save_all(
    ctx: Context,
    founds: Sequence[Found],
    path: Place,
    job_id: str,
    overwrite: bool = False,
    resume: bool = True,
    on_progress: Progress | None = None,
    timeout: float | None = None,
) -> list[Path]:
    """Save every file of a job, and return where they are.

    One that fails does not keep the others from being fetched, and those that an earlier call has
    saved are kept. `timeout` is for all of them. Raises one DownloadError that says which failed;
    its `saved` are those that are complete.
    """
    finals = destinations(path, job_id, [found.extension for found in founds])
    ours, until = is_folder(path), _until(ctx, timeout)
    saved: list[Path] = []
    failures: list[DownloadError] = []
    for found, final in zip(founds, finals, strict=True):
        fetch = Fetch(ctx, found, final.name, until, on_progress=on_progress)
        try:
            saved.append(await _saved(fetch, final, ours, overwrite, resume, keep=True))
        except DownloadError as failure:
            failures.append(failure)
    if not failures:
        return saved
    first = failures[0]
    if len(founds) == 1:
        raise first
    each = " ".join(failure.message.removesuffix(AGAIN).strip() for failure in failures)
    raise DownloadError(
        f"{len(failures)} of {len(founds)} files were not saved. {each} The job itself is well; "
        "save the result again, and what is complete will be kept.",
        artifact=first.artifact,
        partial_path=first.partial_path,
        saved=tuple(saved),
        job=first.job,
    )


async def opened(
    ctx: Context, found: Found, on_progress: Progress | None = None, timeout: float | None = None
) -> IO[bytes]:
    """The content as an open file without a name; the caller closes it. Raises DownloadError."""
    fetch = Fetch(ctx, found, found.filename, _until(ctx, timeout), on_progress=on_progress)
    file: IO[bytes] = await fetch.disk(tempfile.TemporaryFile)
    try:
        await fetch.into(Arrival(file))
        await fetch.disk(file.seek, 0)
        return file
    except BaseException:
        file.close()
        raise


async def read(
    ctx: Context, found: Found, max_bytes: int = BYTES_LIMIT, timeout: float | None = None
) -> bytes:
    """The content in memory. Raises DownloadError, also when it is longer than `max_bytes`."""
    fetch = Fetch(ctx, found, found.filename, _until(ctx, timeout), min(max_bytes, BYTES_LIMIT))
    content = io.BytesIO()
    await fetch.into(Arrival(content))
    return content.getvalue()


async def _saved(
    fetch: Fetch, final: Path, ours: bool, overwrite: bool, resume: bool, *, keep: bool
) -> Path:
    """`ours` is whether the name is; one of ours is only ever given to a file that is whole."""
    there = await fetch.disk(_existing, final, ours)
    if there is not None and not overwrite:
        if keep and (ours or await fetch.disk(_state, there) in fetch.found.kept):
            return there
        raise _exists(fetch, there)
    if there is not None and there.exists() and not there.is_file():
        raise fetch.failed(f"{there} is no file that could be replaced")
    arrival = await fetch.disk(PartialFile, final, fetch.ctx.world.token())
    try:
        if not resume:
            await fetch.disk(arrival.drop)
        await fetch.into(arrival)
        if ours:
            final = final.with_suffix(f".{await fetch.extension()}")
        await fetch.disk(_finished, fetch, arrival, final, overwrite)
        return final
    finally:
        arrival.close()


def _until(ctx: Context, timeout: float | None) -> float:
    seconds = ctx.download_timeouts.total if timeout is None else min(timeout, 1e9)
    return ctx.world.now() + seconds


def _existing(final: Path, ours: bool) -> Path | None:
    """The file that has the name already, whatever its extension where the name is ours."""
    others = [final.with_suffix(f".{extension}") for extension in BY_EXTENSION] if ours else []
    return next(filter(os.path.lexists, (final, *others)), None)


def _state(path: Path) -> tuple[Path, int, int, int]:
    there = path.lstat()
    return path, there.st_ino, there.st_size, there.st_mtime_ns


def _finished(fetch: Fetch, arrival: PartialFile, final: Path, overwrite: bool) -> None:
    try:
        arrival.finish(final, overwrite)
        fetch.found.kept.add(_state(final))
    except FileExistsError:
        raise _exists(fetch, final) from None


def _exists(fetch: Fetch, final: Path) -> DownloadError:
    left = f"{final} exists already and was left alone."
    return fetch.error(f"{left} Give another name or overwrite=True.")
