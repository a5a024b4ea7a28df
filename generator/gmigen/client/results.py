"""What a job that succeeded brought: its files, and words to save and to read them.

`Result` and `Artifact` come from `Client`; `AsyncResult` and `AsyncArtifact`, whose words are the
same and awaited, from `AsyncClient`.
"""

from __future__ import annotations

import html
import math
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import IO, Any, Generic, TypeVar

from ..runtime.attached import Attached
from ..runtime.errors import ProtocolError
from ..runtime.files import download, outcome
from ..runtime.files.download import How, Place
from ..runtime.files.outcome import Found
from ..runtime.media_types import Kind as Kind  # the hints of a dataclass are looked up here
from ..runtime.protocol.effects import Flow, Progress
from ..runtime.records import Handle
from ..runtime.redaction import without_query
from ..runtime.session import DEFAULT, Bound, DefaultType, seconds
from .guessed import Guessed

READ_LIMIT = 1024**3
CHUNK = 256 * 1024

A = TypeVar("A", bound="_Artifact")


@dataclass(eq=False, repr=False)
class _Artifact(Found, Attached):
    """One file a job made, on a public URL that may not live long: save it soon.

    `url` is a data URI for the files that came inline. `kind` is `video`, `image`, `audio` or
    `other`; `content_type`, `width`, `height` (pixels) and `duration_s` (seconds) are None when the
    API did not say. It can be given as an input of another request.
    """

    _session: Any = field(default=None)
    _kept: Any = field(default=None)

    @property
    def is_inline(self) -> bool:
        """Whether the bytes came with the outcome, so that nothing has to be fetched."""
        return self.data is not None

    def as_input(self) -> str:
        """What stands in a payload that takes it as an input: its URL."""
        return str(self.url)

    def _saving(self, path: Place, how: How) -> Flow[Path]:
        return download.save(self._home().context, self, path, *how)

    def _opening(self, on_progress: Progress | None, timeout: Bound) -> Flow[IO[bytes]]:
        return download.opened(self._home().context, self, on_progress, _bound(timeout))

    def _reading(self, max_bytes: int, timeout: Bound) -> Flow[bytes]:
        return download.read(self._home().context, self, max_bytes, _bound(timeout))

    def _repr_html_(self) -> str:
        address = without_query(self.url)
        shown = html.escape(address if len(address) <= 120 else f"{address[:117]}...")
        if self.is_inline or "?" in self.url:
            return f"<code>{html.escape(self.kind)}: {shown}</code>"
        source = html.escape(self.url, quote=True)
        if self.kind == "image":
            return f'<img src="{source}" style="max-width: 100%" alt="{shown}">'
        if self.kind in ("video", "audio"):
            return f'<{self.kind} src="{source}" controls style="max-width: 100%"></{self.kind}>'
        return f'<a href="{source}">{shown}</a>'

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        """A picture that was saved or read shows itself in a notebook, without the network."""
        bundle: dict[str, Any] = {"text/plain": repr(self), "text/html": self._repr_html_()}
        if self.kind == "image" and self.content_type in ("image/png", "image/jpeg"):
            content = self._kept
            if isinstance(content, Path):
                content = content.read_bytes() if content.is_file() else None
            if content is not None:
                bundle[self.content_type] = content
        return bundle

    def __repr__(self) -> str:
        url = without_query(self.url)
        shown = url if len(url) <= 120 else url[:117] + "..."
        return f"{type(self).__name__}(kind={self.kind!r}, url={shown!r})"

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_session": None, "_kept": None}


class Artifact(_Artifact):
    __doc__ = _Artifact.__doc__

    def save(
        self,
        path: Place,
        *,
        overwrite: bool = False,
        resume: bool = True,
        on_progress: Progress | None = None,
        timeout: Bound = DEFAULT,
    ) -> Path:
        """Save to a file, or into a folder under `filename`, and return where it is.

        The bytes stream into a part beside it, which a later call goes on with, and the file gets
        its name when it is complete. `on_progress` gets the bytes so far and the total or None.
        `timeout` is in seconds, an hour unless said otherwise, None for ever. Raises DownloadError,
        also when the file exists and `overwrite` is False.
        """
        saving = self._saving(path, (overwrite, resume, on_progress, _bound(timeout)))
        saved: Path = self._home().sync.run(saving)
        self._kept = saved
        return saved

    def read(self, *, max_bytes: int = READ_LIMIT, timeout: Bound = DEFAULT) -> bytes:
        """The content in memory. Raises DownloadError, also when it is longer than `max_bytes`."""
        content: bytes = self._home().sync.run(self._reading(max_bytes, timeout))
        self._kept = content
        return content

    def open(
        self,
        *,
        on_progress: Progress | None = None,
        timeout: Bound = DEFAULT,
    ) -> IO[bytes]:
        """The content as an open file, for who has no use for a name; close it.

        It is fetched whole to the disk and checked first, so memory stays flat and no byte of a
        broken download is ever read. Raises DownloadError.
        """
        opened: IO[bytes] = self._home().sync.run(self._opening(on_progress, timeout))
        return opened

    def iter_bytes(self, size: int = CHUNK) -> Iterator[bytes]:
        """The content in pieces of `size` bytes; see `open`. Raises DownloadError."""
        with self.open() as stream:
            while piece := stream.read(size):
                yield piece

    def to_pil(self) -> Any:
        """The picture as a `PIL.Image.Image`; Pillow has to be installed. Raises DownloadError."""
        return _picture(self.read())


class AsyncArtifact(_Artifact):
    """The same as `Artifact`, its words awaited."""

    async def save(
        self,
        path: Place,
        *,
        overwrite: bool = False,
        resume: bool = True,
        on_progress: Progress | None = None,
        timeout: Bound = DEFAULT,
    ) -> Path:
        """See `Artifact.save`."""
        saving = self._saving(path, (overwrite, resume, on_progress, _bound(timeout)))
        saved: Path = await self._home().aio.run(saving)
        self._kept = saved
        return saved

    async def read(self, *, max_bytes: int = READ_LIMIT, timeout: Bound = DEFAULT) -> bytes:
        """See `Artifact.read`."""
        content: bytes = await self._home().aio.run(self._reading(max_bytes, timeout))
        self._kept = content
        return content

    async def open(
        self,
        *,
        on_progress: Progress | None = None,
        timeout: Bound = DEFAULT,
    ) -> IO[bytes]:
        """See `Artifact.open`; reading the file is not awaited."""
        opened: IO[bytes] = await self._home().aio.run(self._opening(on_progress, timeout))
        return opened

    async def iter_bytes(self, size: int = CHUNK) -> AsyncIterator[bytes]:
        """See `Artifact.iter_bytes`; use it in `async for`."""
        with await self.open() as stream:
            while piece := stream.read(size):
                yield piece

    async def to_pil(self) -> Any:
        """See `Artifact.to_pil`."""
        return _picture(await self.read())


class _Result(Guessed, Attached, Generic[A]):
    """What a job that succeeded brought; iterating gives its artifacts.

    `outcome` is the API's own description of it, raw; `request` what was submitted, and `index` its
    number in a batch, from 0, each None when unknown.
    """

    __slots__ = ("_session", "artifacts", "index", "job", "outcome", "request")

    _kind = "result"
    _artifact: type[A]

    def __init__(self, job: Handle, outcome_: Mapping[str, Any], session: Any = None) -> None:
        self.job = job
        self.outcome = dict(outcome_)
        self.request: Any = None
        self.index: int | None = None
        self._session = session
        make = partial(self._artifact, _session=session)
        self.artifacts: list[A] = outcome.files(outcome_, job, make=make)

    @property
    def artifact(self) -> A:
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
        return str(self.artifact.url)

    @property
    def urls(self) -> list[str]:
        """The URLs of all artifacts."""
        return [str(artifact.url) for artifact in self.artifacts]

    @property
    def videos(self) -> list[A]:
        """The artifacts that are clips."""
        return [artifact for artifact in self.artifacts if artifact.kind == "video"]

    @property
    def images(self) -> list[A]:
        """The artifacts that are pictures."""
        return [artifact for artifact in self.artifacts if artifact.kind == "image"]

    @property
    def audios(self) -> list[A]:
        """The artifacts that are sounds."""
        return [artifact for artifact in self.artifacts if artifact.kind == "audio"]

    @property
    def thumbnail_url(self) -> str | None:
        """The URL of the preview picture, if any; for some models it is the video itself."""
        return outcome.thumbnail(self.outcome)

    def as_input(self) -> str:
        """What stands in a payload that takes it as an input: the URL of its one file.

        Raises ProtocolError when there are several, so that none is chosen by chance.
        """
        if len(self.artifacts) > 1:
            raise ProtocolError(
                f"Job {self.job.id} made {len(self.artifacts)} files; say which one: "
                "result.artifacts[0].",
                job=self.job,
            )
        return self.artifact.as_input()

    def __iter__(self) -> Iterator[A]:
        return iter(self.artifacts)

    def _saving(self, path: Place, how: How) -> Flow[list[Path]]:
        _ = self.artifact
        return download.save_all(self._home().context, self.artifacts, path, self.job.id, *how)

    def _remember(self, saved: list[Path]) -> list[Path]:
        for artifact, path in zip(self.artifacts, saved, strict=False):
            artifact._kept = path
        return saved

    def _repr_html_(self) -> str:
        title = html.escape(f"{self.job.model} {self.job.id}")
        return f"<p><code>{title}</code></p>" + "".join(
            artifact._repr_html_() for artifact in self.artifacts
        )

    def __repr__(self) -> str:
        return f"{type(self).__name__}(job={self.job.id!r}, artifacts={self.artifacts!r})"

    def __reduce__(self) -> Any:
        return type(self), (self.job, self.outcome)


class Result(_Result[Artifact]):
    __doc__ = _Result.__doc__

    __slots__ = ()

    _artifact = Artifact

    def save(
        self,
        path: Place,
        *,
        overwrite: bool = False,
        resume: bool = True,
        on_progress: Progress | None = None,
        timeout: Bound = DEFAULT,
    ) -> list[Path]:
        """Save every artifact and return where they are.

        `path` is a folder, or a file name; with several artifacts the further ones stand beside
        it as `name-2`, `name-3`. When one fails, the others are saved all the same, and are left
        alone by the next call. For the rest see `Artifact.save`. Raises DownloadError.
        """
        saving = self._saving(path, (overwrite, resume, on_progress, _bound(timeout)))
        return self._remember(self._home().sync.run(saving))

    def read(self, *, max_bytes: int = READ_LIMIT, timeout: Bound = DEFAULT) -> bytes:
        """The content of the first artifact; see `Artifact.read`."""
        return self.artifact.read(max_bytes=max_bytes, timeout=timeout)


class AsyncResult(_Result[AsyncArtifact]):
    """The same as `Result`, its words awaited."""

    __slots__ = ()

    _artifact = AsyncArtifact

    async def save(
        self,
        path: Place,
        *,
        overwrite: bool = False,
        resume: bool = True,
        on_progress: Progress | None = None,
        timeout: Bound = DEFAULT,
    ) -> list[Path]:
        """See `Result.save`."""
        saving = self._saving(path, (overwrite, resume, on_progress, _bound(timeout)))
        return self._remember(await self._home().aio.run(saving))

    async def read(self, *, max_bytes: int = READ_LIMIT, timeout: Bound = DEFAULT) -> bytes:
        """See `Result.read`."""
        return await self.artifact.read(max_bytes=max_bytes, timeout=timeout)


def _bound(timeout: Bound) -> float | None:
    """The bound of a transfer in seconds, None for the usual one."""
    if isinstance(timeout, DefaultType):
        return None
    bound = seconds(timeout)
    return math.inf if bound is None else bound


def _picture(content: bytes) -> Any:
    import io
    from importlib import import_module

    # By name: Pillow is not among what this package needs.
    return import_module("PIL.Image").open(io.BytesIO(content))
