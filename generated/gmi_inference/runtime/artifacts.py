# fmt: off
# isort: skip_file
# ruff: noqa
"""The files a job made."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from . import copies, downloading, outcome, reading
from .effects import Flow, Progress
from .errors import ProtocolError
from .filenames import destinations, file_name
from .outcome import Kind

if TYPE_CHECKING:
    from .core import Core
    from .handles import Handle

READ_LIMIT = 1024**3


class Artifact:
    """One file a job made, on a public URL that may not live long: save it soon.

    `url` is a data URI for the files that came inline. `content_type`, `width`, `height` (pixels)
    and `duration_s` (seconds) are None when the API did not say.
    """

    __slots__ = ("_core", "_found", "index", "job")

    def __init__(
        self, found: outcome.Found, *, index: int = 0, job: Handle | None = None, core: Core | None
    ) -> None:
        self._found = found
        self._core = core
        self.index = index
        self.job = job

    @property
    def url(self) -> str:
        """Where the file is; it can also be used as an input of another request."""
        return self._found.url

    @property
    def kind(self) -> Kind:
        """`video`, `image`, `audio` or `other`."""
        return self._found.kind

    @property
    def content_type(self) -> str | None:
        """The media type, as far as the API or the URL tells."""
        return self._found.content_type

    @property
    def width(self) -> int | None:
        """In pixels."""
        return self._found.width

    @property
    def height(self) -> int | None:
        """In pixels."""
        return self._found.height

    @property
    def duration_s(self) -> float | None:
        """In seconds."""
        return self._found.duration_s

    @property
    def filename(self) -> str:
        """The name it gets when it is saved into a folder: `<job id>-<number>.<extension>`."""
        job_id = self.job.id if self.job else "job"
        return file_name(job_id, self.index + 1, self._found.extension)

    @property
    def is_inline(self) -> bool:
        """Whether the bytes came with the outcome, so that nothing has to be fetched."""
        return self._found.data is not None

    @property
    def inline_data(self) -> str | None:
        """The base64 text of a file that came inline."""
        return self._found.data

    def save(
        self,
        path: str | os.PathLike[str],
        *,
        overwrite: bool = False,
        resume: bool = True,
        on_progress: Progress | None = None,
    ) -> Path:
        """Save to a file, or into a folder under `filename`, and return where it is.

        The bytes stream into `<name>.part`, which a later call goes on with, and the file gets
        its name when it is complete. `on_progress` gets the bytes so far and the total or None.
        Raises DownloadError, also when the file exists and `overwrite` is False.
        """
        return self._home().sync.run(self._saving(path, overwrite, resume, on_progress))

    async def asave(
        self,
        path: str | os.PathLike[str],
        *,
        overwrite: bool = False,
        resume: bool = True,
        on_progress: Progress | None = None,
    ) -> Path:
        """The same as `save`, awaited."""
        return await self._home().aio.run(self._saving(path, overwrite, resume, on_progress))

    def read(self, *, max_bytes: int = READ_LIMIT) -> bytes:
        """The content in memory. Raises DownloadError, also when it is longer than `max_bytes`."""
        core = self._home()
        return core.sync.run(reading.read(core.api, self, max_bytes))

    async def aread(self, *, max_bytes: int = READ_LIMIT) -> bytes:
        """The same as `read`, awaited."""
        core = self._home()
        return await core.aio.run(reading.read(core.api, self, max_bytes))

    def open(self, *, on_progress: Progress | None = None) -> IO[bytes]:
        """The content as an open file, for who has no use for a name; close it.

        It is fetched whole to the disk and checked first, so memory stays flat and no byte of a
        broken download is ever read. Raises DownloadError.
        """
        core = self._home()
        return core.sync.run(copies.opened(core.api, self, on_progress))

    async def aopen(self, *, on_progress: Progress | None = None) -> IO[bytes]:
        """The same as `open`, awaited; reading the file is not."""
        core = self._home()
        return await core.aio.run(copies.opened(core.api, self, on_progress))

    def iter_bytes(self, size: int = copies.CHUNK) -> Iterator[bytes]:
        """The content in pieces of `size` bytes; see `open`. Raises DownloadError."""
        with self.open() as stream:
            while piece := stream.read(size):
                yield piece

    async def aiter_bytes(self, size: int = copies.CHUNK) -> AsyncIterator[bytes]:
        """The same as `iter_bytes`, in `async for`."""
        with await self.aopen() as stream:
            while piece := stream.read(size):
                yield piece

    def _saving(
        self,
        path: str | os.PathLike[str],
        overwrite: bool,
        resume: bool,
        on_progress: Progress | None,
    ) -> Flow[Path]:
        job_id = self.job.id if self.job else "job"
        (final,) = destinations(path, job_id, [self._found.extension], self.index + 1)
        return downloading.save(
            self._home().api,
            self,
            final,
            overwrite=overwrite,
            resume=resume,
            on_progress=on_progress,
        )

    def _home(self) -> Core:
        if self._core is None:
            from .default import default_core

            self._core = default_core()
        return self._core

    def __repr__(self) -> str:
        url = self.url if len(self.url) <= 120 else self.url[:117] + "..."
        return f"Artifact(kind={self.kind!r}, url={url!r})"

    def __reduce__(self) -> Any:
        return _rebuilt, (self._found, self.index, self.job)


def _rebuilt(found: outcome.Found, index: int, job: Handle | None) -> Artifact:
    return Artifact(found, index=index, job=job, core=None)


class Result:
    """What a job that succeeded brought. `outcome` is the API's own description of it, raw."""

    __slots__ = ("_core", "artifacts", "job", "outcome", "request")

    def __init__(self, job: Handle, outcome_: Mapping[str, Any], core: Core | None) -> None:
        self.job = job
        self.outcome = dict(outcome_)
        self.request: Any = None
        self._core = core
        self.artifacts = [
            Artifact(found, index=index, job=job, core=core)
            for index, found in enumerate(outcome.files(outcome_))
        ]

    @property
    def artifact(self) -> Artifact:
        """The first artifact. Raises ProtocolError when the outcome names no file."""
        if not self.artifacts:
            raise ProtocolError(
                f"Job {self.job.id} succeeded, but its outcome names no file this client knows. "
                "Look at result.outcome.",
                job=self.job,
            )
        return self.artifacts[0]

    @property
    def url(self) -> str:
        """The URL of the first artifact."""
        return self.artifact.url

    @property
    def thumbnail_url(self) -> str | None:
        """The URL of the preview picture, if any; for some models it is the video itself."""
        return outcome.thumbnail(self.outcome)

    def save(
        self,
        path: str | os.PathLike[str],
        *,
        overwrite: bool = False,
        resume: bool = True,
        on_progress: Progress | None = None,
    ) -> list[Path]:
        """Save every artifact and return where they are.

        `path` is a folder, or a file name; with several artifacts the further ones stand beside
        it as `name-2`, `name-3`. For the rest see `Artifact.save`. Raises DownloadError.
        """
        return self._home().sync.run(self._saving(path, overwrite, resume, on_progress))

    async def asave(
        self,
        path: str | os.PathLike[str],
        *,
        overwrite: bool = False,
        resume: bool = True,
        on_progress: Progress | None = None,
    ) -> list[Path]:
        """The same as `save`, awaited."""
        return await self._home().aio.run(self._saving(path, overwrite, resume, on_progress))

    def _saving(
        self,
        path: str | os.PathLike[str],
        overwrite: bool,
        resume: bool,
        on_progress: Progress | None,
    ) -> Flow[list[Path]]:
        _ = self.artifact
        extensions = [artifact._found.extension for artifact in self.artifacts]
        saved = []
        for artifact, final in zip(
            self.artifacts, destinations(path, self.job.id, extensions), strict=True
        ):
            saving = downloading.save(
                self._home().api,
                artifact,
                final,
                overwrite=overwrite,
                resume=resume,
                on_progress=on_progress,
            )
            saved.append((yield from saving))
        return saved

    def _home(self) -> Core:
        if self._core is None:
            from .default import default_core

            self._core = default_core()
        return self._core

    def __repr__(self) -> str:
        return f"Result(job={self.job.id!r}, artifacts={self.artifacts!r})"

    def __reduce__(self) -> Any:
        return Result, (self.job, self.outcome, None)
