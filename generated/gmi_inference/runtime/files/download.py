"""Fetch an artifact: streamed, checked, resumed, and under its name only when it is whole.

Every way to have one (saved, open, in memory) is the same fetch into another place.
"""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from os import PathLike
from pathlib import Path
from typing import IO, Any, TypeVar

from .. import urls, wire
from ..errors import DownloadError, GMIError
from ..protocol.context import Context
from ..protocol.effects import (
    Blocking,
    Failure,
    Head,
    Progress,
    Reply,
    Send,
    Sink,
    Stored,
    World,
    sleep,
)
from ..protocol.pacing import HINT_LIMIT
from ..protocol.poll import JobSeen, look, observe
from ..protocol.retry import Patience, asked_for, is_transient
from .media_types import BY_EXTENSION, by_content_type, sniff, unlike
from .outcome import Found, files
from .partial import Arrival, PartialFile, TooLong, unnamed
from .paths import destinations, is_folder
from .url_policy import Refused, targets

T = TypeVar("T")
BYTES_LIMIT = 4 * 1024**3
READ_LIMIT = 1024**3
HOPS = 5
TOLERANCE = 120.0
"""Seconds without progress; a byte now and then is none."""

ENOUGH = 64 * 1024
DAMAGE_RETRIES = 2
GONE = frozenset({403, 404, 410})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_AGAIN = "The job itself is well; save the artifact again."
_MD5 = re.compile(r"(?:^|,)\s*md5=([A-Za-z0-9+/]{22}==)")
_RANGE = re.compile(r"bytes (\d{1,15})-(\d{1,15})/(\d{1,15}|\*)")


async def save(
    ctx: Context,
    found: Found,
    path: str | PathLike[str],
    *,
    overwrite: bool = False,
    resume: bool = True,
    on_progress: Progress | None = None,
    timeout: float | None = None,
) -> Path:
    """Save one file under the name given, or into a folder under ours, and return where it is.

    `timeout` bounds the whole, in seconds; None means an hour. Raises DownloadError, also when the
    file exists and `overwrite` is False; the job is not affected.
    """
    job_id = found.job.id if found.job else "job"
    (final,) = destinations(path, job_id, [found.extension], found.index + 1)
    download = _Download(ctx, found, final.name, BYTES_LIMIT, on_progress, _until(ctx, timeout))
    return await _saved(download, final, is_folder(path), overwrite, resume)


async def _saved(
    download: _Download, final: Path, ours: bool, overwrite: bool, resume: bool
) -> Path:
    found = download.found
    there = await download.disk(partial(_existing, final, ours))
    if there is not None and not overwrite:
        raise _exists(found, there)
    arrival = await download.disk(partial(PartialFile, final, download.world.token()))
    download.arrival = arrival
    try:
        if not resume:
            await download.disk(arrival.drop)
        await download.fetch()
        if ours:
            final = final.with_suffix(f".{await download.extension()}")
        await download.disk(partial(_finished, found, arrival, final, overwrite))
        return final
    finally:
        arrival.close()


async def save_all(
    ctx: Context,
    founds: Sequence[Found],
    path: str | PathLike[str],
    job_id: str,
    *,
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
        there = None if overwrite else await Blocking(partial(_kept, found, final, ours))
        if there is not None:
            saved.append(there)
            continue
        download = _Download(ctx, found, final.name, BYTES_LIMIT, on_progress, until)
        try:
            saved.append(await _saved(download, final, ours, overwrite, resume))
        except DownloadError as failure:
            failures.append(failure)
    if not failures:
        return saved
    if len(founds) == 1:
        raise failures[0]
    raise DownloadError(
        f"{len(failures)} of {len(founds)} files were not saved. "
        + " ".join(failure.message.removesuffix(_AGAIN).strip() for failure in failures)
        + " The job itself is well; save the result again, and what is complete will be kept.",
        artifact=failures[0].artifact,
        partial_path=failures[0].partial_path,
        saved=tuple(saved),
        job=failures[0].job,
    )


async def opened(
    ctx: Context,
    found: Found,
    *,
    on_progress: Progress | None = None,
    timeout: float | None = None,
) -> IO[bytes]:
    """The content as an open file without a name; the caller closes it. Raises DownloadError."""
    until = _until(ctx, timeout)
    download = _Download(ctx, found, found.filename, BYTES_LIMIT, on_progress, until, "opened")
    download.arrival = arrival = await download.disk(partial(unnamed, in_memory=False))
    try:
        await download.fetch()
        await download.disk(partial(arrival.file.seek, 0))
        return arrival.file
    except BaseException:
        arrival.close()
        raise


async def read(
    ctx: Context, found: Found, max_bytes: int = READ_LIMIT, timeout: float | None = None
) -> bytes:
    """The content in memory. Raises DownloadError, also when it is longer than `max_bytes`."""
    download = _Download(ctx, found, found.filename, max_bytes, None, _until(ctx, timeout), "read")
    download.arrival = arrival = unnamed(in_memory=True)
    try:
        await download.fetch()
        arrival.file.seek(0)
        return arrival.file.read()
    finally:
        arrival.close()


def _until(ctx: Context, timeout: float | None) -> float:
    seconds = ctx.download_timeouts.total if timeout is None else min(timeout, 1e9)
    return ctx.world.now() + seconds


def _existing(final: Path, ours: bool) -> Path | None:
    """The file that has the name already, whatever its extension where the name is ours."""
    names = [final]
    if ours:
        names += [final.with_suffix(f".{extension}") for extension in BY_EXTENSION]
    return next((name for name in names if name.is_symlink() or name.exists()), None)


def _kept(found: Found, final: Path, ours: bool) -> Path | None:
    """Where the file is whole already: a name of ours is only ever given to what is."""
    try:
        there = _existing(final, ours)
        if there is not None and (ours or found.kept.get(there) == _state(there)):
            return there
    except OSError:
        pass
    return None


def _state(path: Path) -> tuple[int, ...]:
    there = path.stat()
    return there.st_ino, there.st_size, there.st_mtime_ns


def _finished(found: Found, arrival: PartialFile, final: Path, overwrite: bool) -> None:
    try:
        arrival.finish(final, overwrite)
        found.kept[final] = _state(final)
    except FileExistsError:
        raise _exists(found, final) from None


def _exists(found: Found, final: Path) -> DownloadError:
    return DownloadError(
        f"{final} exists already and was left alone. Give another name or overwrite=True.",
        artifact=found,
        job=found.job,
    )


@dataclass
class _Download:
    """One file on its way, and how often what has gone wrong."""

    ctx: Context
    found: Found
    label: str
    limit: int
    on_progress: Progress | None
    until: float
    verb: str = "saved"
    arrival: Arrival = field(init=False)
    url: urls.Address = field(init=False)
    patience: Patience = field(default_factory=lambda: Patience(seconds=TOLERANCE))
    damaged: int = 0
    renewed: bool = False
    head: Head | None = field(default=None, repr=False)
    refusal: DownloadError | None = None
    total: int | None = None
    furthest: int = 0

    def __post_init__(self) -> None:
        self.url = urls.Address(urls.as_browsers_read(self.found.url))

    @property
    def world(self) -> World:
        return self.ctx.world

    def failed(self, why: str) -> DownloadError:
        """The error that says why, and that the job itself is well."""
        arrival = getattr(self, "arrival", None)
        part = arrival.path if isinstance(arrival, PartialFile) and arrival.etag else None
        return DownloadError(
            f"{self.label} was not {self.verb}: {why} {_AGAIN}",
            artifact=self.found,
            partial_path=part,
            job=self.found.job,
        )

    async def disk(self, call: Callable[[], T]) -> T:
        """What `call` returns; what the disk says against it is a DownloadError."""
        try:
            return await Blocking(call)
        except (OSError, ValueError) as refusal:
            raise self.refused_by_disk(refusal) from None

    def refused_by_disk(self, refusal: Exception) -> DownloadError:
        why = getattr(refusal, "strerror", None) or str(refusal) or type(refusal).__name__
        return self.failed(f"the disk refused it ({why}).")

    async def fetch(self) -> None:
        """Fill the arrival until it is whole and its checks hold. Raises DownloadError."""
        if self.found.data is not None:
            await self.disk(partial(self.arrival.begin, "", "", None))
            await self.disk(partial(self.arrival.write, self.decoded(self.found.data)))
            if why := await self.disk(self.damage):
                raise self.failed(f"{why}.")
            return
        while True:
            answer = await self.attempt()
            if isinstance(answer, Stored) and answer.failure is None:
                why = await self.disk(self.damage)
                if why is None:
                    return
                await self.spoilt(why)
            elif isinstance(answer, Reply) and answer.status in (206, 416):
                await self.spoilt("the storage went on at another place than it was asked to")
            elif isinstance(answer, Reply) and answer.status in GONE and not self.renewed:
                self.renewed = True
                if not await self.renew():
                    await self.endure(answer)
            else:
                await self.endure(answer)

    def decoded(self, data: str) -> bytes:
        """The bytes of a file that came inline."""
        plain = "".join(data.split()).rstrip("=").replace("-", "+").replace("_", "/")
        if len(plain) * 3 // 4 > self.limit:
            raise self.failed(self.too_long())
        try:
            return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
        except (binascii.Error, ValueError):
            raise self.failed("the data that came inline is not base64.") from None

    async def attempt(self) -> Stored | Reply | Failure:
        """One GET through at most five redirects, going on where the arrival ends."""
        held = await self.disk(partial(self.arrival.resumable, self.url))
        headers = {"Accept-Encoding": "identity"}
        if held is not None:
            headers |= {"Range": f"bytes={held[0]}-", "If-Range": held[1]}
        url = self.url
        for _ in range(HOPS + 1):
            left = self.until - self.world.now()
            if left <= 0:
                raise self.failed("it took longer than it may.")
            try:
                places = await targets(self.ctx, url)
            except Refused as why:
                raise self.failed(f"its address was refused, because {why}.") from None
            except OSError:
                return Failure("connect", False, "the host of the artifact is unknown")
            answer = await Send(
                "GET",
                url,
                "bare",
                headers=headers,
                timeouts=self.ctx.download_timeouts.within(left),
                max_bytes=BYTES_LIMIT,
                connect_to=places[self.patience.failures % len(places)],
                sink=partial(self.accept, held),
            )
            if self.refusal is not None:
                raise self.refusal
            if not isinstance(answer, Reply) or answer.status not in _REDIRECTS:
                return answer
            url = urls.Address(urls.joined(url, answer.headers.get("location", "")))
        raise self.failed("its address redirects too often.")

    def accept(self, held: tuple[int, str] | None, head: Head) -> Sink | None:
        """Judge the head of an answer: where its body goes, or None when it is not the file."""
        headers = head.headers
        packed = _encodings(headers)
        etag = headers.get("etag", "")
        if head.status == 206:
            offset, self.total = held[0] if held else -1, wire.whole(self.arrival.total)
            at, total = _range(headers.get("content-range", ""))
            if held is None or at != offset or self.total not in (total, None):
                return None
            if etag != held[1] and (etag or self.checksum(head) is None):
                return None  # nothing would tell that both halves are of one file
            self.total = total
        elif head.status == 200:
            offset, self.total = 0, wire.size_header(headers.get("content-length"))
        else:
            return None
        if packed not in ([], ["gzip"]):
            self.refusal = self.failed(
                f"it comes packed as {', '.join(packed)[:60]}, which this client does not unpack. "
                "Fetch its URL with another program."
            )
        elif self.total is not None and self.total > self.limit:
            self.refusal = self.failed(self.too_long())
        elif offset == 0:
            # A weak validator does not promise equal bytes, so it cannot serve for resuming; nor
            # can one of bytes that are unpacked when they are complete.
            strong = "" if packed or etag.startswith("W/") else etag
            try:
                self.arrival.begin(self.url, strong, self.total)
            except (OSError, ValueError) as refusal:
                self.refusal = self.refused_by_disk(refusal)
        self.head = head
        return None if self.refusal else _Taking(self, offset)

    def too_long(self) -> str:
        return f"it is longer than {self.limit} bytes."

    def checksum(self, head: Head) -> str | None:
        """The MD5 the storage states for the bytes as it sends them; None when it states none."""
        stored = head.headers.get("x-goog-stored-content-encoding", "").strip().lower()
        if stored == "gzip" and not _encodings(head.headers):
            return None  # it was unpacked on the way, and the sum is of the packed form
        found = _MD5.search(head.headers.get("x-goog-hash", ""))
        return found[1] if found else None

    def damage(self) -> str | None:
        """What is wrong with an arrival that ended without trouble; None when it is whole."""
        size, headers = self.arrival.size(), self.head.headers if self.head else {}
        if self.total is not None and size != self.total:
            return f"{size} bytes came instead of {self.total}"
        if size > self.limit:
            return self.too_long().rstrip(".")
        stated = self.checksum(self.head) if self.head else None
        if stated is not None and self.arrival.md5() != stated:
            return "its checksum does not match what the storage states"
        if _encodings(headers):
            try:
                self.arrival.unpack(self.limit)
            except TooLong:
                return f"unpacked, {self.too_long().rstrip('.')}"
            except zlib.error:
                return "it should be packed by gzip, and is not"
        start = self.arrival.start()
        if not start and self.found.kind != "other":
            return "nothing came in place of the file"
        wrong = unlike(self.found.kind, start, headers.get("content-type"))
        return None if wrong is None else f"{wrong} came in place of the {self.found.kind}"

    async def spoilt(self, why: str) -> None:
        """Begin anew, but not for ever."""
        self.damaged += 1
        self.furthest = 0
        await self.disk(self.arrival.drop)
        if self.damaged > DAMAGE_RETRIES:
            raise self.failed(f"{why}, three times over.")

    async def renew(self) -> bool:
        """Ask the job once for a fresh URL of the same file; False when there is none."""
        job = self.found.job
        if job is None:
            return False
        try:
            answer = await look(self.ctx, job, self.until - self.world.now())
        except GMIError:
            return False
        if not isinstance(answer, JobSeen):
            return False
        fresh: list[Found] = files(observe(job, answer.record).outcome)
        if len(fresh) <= self.found.index or fresh[self.found.index].data is not None:
            return False
        url = urls.Address(urls.as_browsers_read(fresh[self.found.index].url))
        if url == self.url:
            return False
        self.url = url
        return True

    async def endure(self, answer: Stored | Reply | Failure) -> None:
        """Pause before the next attempt, or give up."""
        trouble = answer.failure if isinstance(answer, Stored) else answer
        assert trouble is not None
        asked = None
        if isinstance(trouble, Reply):
            why = f"the storage answered {trouble.status}"
            if trouble.status in GONE:
                why += ", so the file may have expired"
            asked = min(asked_for(self.ctx, trouble) or 0.0, HINT_LIMIT)
        else:
            why = self.too_long() if trouble.kind == "too large" else trouble.detail
        pause = self.patience.pause(self.world, asked) if is_transient(trouble) else None
        left = self.until - self.world.now()
        if pause is None or pause >= left:
            late = " It took longer than it may." if pause is not None else ""
            raise self.failed(f"{why.rstrip('.')}.{late}")
        await sleep(pause)

    async def extension(self) -> str:
        """What the saved copy is called by its bytes, else by what the storage or the API says."""
        found = sniff(await self.disk(self.arrival.start))
        if found is None or found.kind == "other":
            header = self.head.headers.get("content-type") if self.head else None
            found = by_content_type(header) if self.found.kind != "other" else None
        fits = found is not None and found.extensions and found.fits(self.found.kind)
        return found.extensions[0] if found is not None and fits else self.found.extension


class _Taking:
    """Takes the body of one answer, for as long as it moves."""

    def __init__(self, download: _Download, offset: int) -> None:
        self._download = download
        self._offset = self._mark = offset
        self._since = download.world.now()

    def write(self, data: bytes, /) -> None:
        """Keep the next bytes. Raises DownloadError when they are too many, or come too slowly."""
        download = self._download
        now = download.world.now()
        self._offset += len(data)
        if self._offset > download.limit:
            raise download.failed(download.too_long())
        try:
            download.arrival.write(data)
        except (OSError, ValueError) as refusal:
            raise download.refused_by_disk(refusal) from None
        if self._offset - self._mark >= ENOUGH:
            self._mark, self._since = self._offset, now
        if self._offset - download.furthest >= ENOUGH:
            download.furthest = self._offset
            download.patience.progress()
        if now >= download.until:
            raise download.failed("it took longer than it may.")
        if now - self._since >= TOLERANCE:
            raise download.failed(f"hardly a byte came for {TOLERANCE:.0f} s.")
        if download.on_progress is not None:
            download.on_progress(self._offset, download.total)


def _encodings(headers: Any) -> list[str]:
    named = [word.strip().lower() for word in headers.get("content-encoding", "").split(",")]
    plain = ("", "identity", "aws-chunked")
    return [word.removeprefix("x-") for word in named if word not in plain]


def _range(text: str) -> tuple[int | None, int | None]:
    found = _RANGE.fullmatch(text.strip())
    if found is None or found[3] == "*" or not int(found[1]) <= int(found[2]) < int(found[3]):
        return None, None
    return int(found[1]), int(found[3])
