# fmt: off
# isort: skip_file
# ruff: noqa
"""Fetch an artifact whole: in as many attempts as it takes, within bounds, checked at the end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from .. import urls, wire
from ..errors import DownloadError, GMIError
from ..protocol.context import Context
from ..protocol.effects import Blocking, Failure, Head, Progress, Reply, Send, Sink, Stored, sleep
from ..protocol.pacing import HINT_LIMIT
from ..protocol.poll import JobSeen, look, observe
from ..protocol.retry import Patience, asked_for, is_transient
from .heads import checksum, content_range, packings, validator
from .outcome import Found, decoded, files
from .partial import Arrival, PartialFile
from .url_policy import Refused, targets
from .verify import damage, extension

T = TypeVar("T")
BYTES_LIMIT = 4 * 1024**3
HOPS = 5
TOLERANCE = 120.0
"""Seconds without progress, which is 64 KiB: a byte now and then is none."""

ENOUGH = 64 * 1024
DAMAGE_RETRIES = 2
GONE = frozenset({403, 404, 410})
AGAIN = "The job itself is well; save the artifact again."
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


@dataclass
class Fetch:
    """One file on its way into `arrival`, until `until` by the clock of the flow.

    `label` and `verb` are for sentences. Every method that touches the network or the disk raises
    DownloadError.
    """

    ctx: Context
    found: Found
    label: str
    until: float
    limit: int = BYTES_LIMIT
    on_progress: Progress | None = None
    verb: str = "saved"
    arrival: Arrival | None = None
    patience: Patience = field(default_factory=lambda: Patience(seconds=TOLERANCE))
    headers: dict[str, str] = field(default_factory=dict, repr=False)
    total: int | None = None
    furthest: int = 0
    damaged: int = 0
    renewed: bool = False

    def __post_init__(self) -> None:
        self.url = self.found.address

    def failed(self, why: str) -> DownloadError:
        """The error that says why, and that the job itself is well."""
        part = self.arrival
        return DownloadError(
            f"{self.label} was not {self.verb}: {why.rstrip('.')}. {AGAIN}",
            artifact=self.found,
            partial_path=part.path if isinstance(part, PartialFile) and part.etag else None,
            job=self.found.job,
        )

    async def disk(self, call: Callable[[], T]) -> T:
        """What `call` returns; what the disk says against it is a DownloadError."""
        try:
            return await Blocking(call)
        except (OSError, ValueError) as refusal:
            raise self.refused(refusal) from None

    def refused(self, refusal: Exception) -> DownloadError:
        """The error for what the disk says."""
        why = getattr(refusal, "strerror", None) or str(refusal) or type(refusal).__name__
        return self.failed(f"the disk refused it ({why})")

    async def into(self, arrival: Arrival) -> None:
        """Fill `arrival` until it is whole and its checks hold."""
        self.arrival = arrival
        if self.found.data is not None:
            await self.disk(arrival.drop)
            await self.disk(partial(arrival.write, self._decoded(self.found.data)))
            if why := await self.disk(self._damage):
                raise self.failed(why)
            return
        while True:
            answer = await self._attempt(arrival)
            if isinstance(answer, Stored) and answer.failure is None:
                why = await self.disk(self._damage)
                if why is None:
                    return
            elif isinstance(answer, Reply) and answer.status in (206, 416):
                why = "the storage went on at another place than it was asked to"
            else:
                await self._endure(answer)
                continue
            self.damaged, self.furthest = self.damaged + 1, 0
            await self.disk(arrival.drop)
            if self.damaged > DAMAGE_RETRIES:
                raise self.failed(f"{why}, three times over")

    def _decoded(self, data: str) -> bytes:
        try:
            content = decoded(data)
        except ValueError:
            raise self.failed("the data that came inline is not base64") from None
        if len(content) > self.limit:
            raise self.failed(self._too_long)
        return content

    async def _attempt(self, arrival: Arrival) -> Stored | Reply | Failure:
        """One GET through at most five redirects, going on where the arrival ends."""
        held = await self.disk(partial(arrival.resumable, self.url))
        headers = {"Accept-Encoding": "identity"}
        if held is not None:
            headers |= {"Range": f"bytes={held[0]}-", "If-Range": held[1]}
        url = self.url
        for _ in range(HOPS + 1):
            left = self.until - self.ctx.world.now()
            if left <= 0:
                raise self.failed("it took longer than it may")
            try:
                places = await targets(self.ctx, url)
            except Refused as why:
                raise self.failed(f"its address was refused, because {why}") from None
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
                sink=partial(self._accept, arrival, held),
            )
            if not isinstance(answer, Reply) or answer.status not in _REDIRECTS:
                return answer
            url = urls.Address(urls.joined(url, answer.headers.get("location", "")))
        raise self.failed("its address redirects too often")

    def _accept(self, arrival: Arrival, held: tuple[int, str] | None, head: Head) -> Sink | None:
        """Judge the head of an answer: where its body goes, or None when it is not the file."""
        headers, offset = dict(head.headers), 0
        if head.status == 206:
            place = content_range(headers)
            if held is None or place is None or place[0] != held[0]:
                return None
            same = headers.get("etag") == held[1] or ("etag" not in headers and checksum(headers))
            if not same or arrival.total not in (place[1], None):
                return None  # nothing would tell that both halves are of one file
            offset, self.total = place
        elif head.status == 200:
            self.total = wire.size_header(headers.get("content-length"))
        else:
            return None
        packed = packings(headers)
        if packed not in ([], ["gzip"]):
            raise self.failed(
                f"it comes packed as {', '.join(packed)[:60]}, which this client does not unpack; "
                "fetch its URL with another program"
            )
        if self.total is not None and self.total > self.limit:
            raise self.failed(self._too_long)
        self.headers = headers
        taking = _Taking(self, arrival, offset)
        if offset == 0:
            taking.disk(partial(arrival.begin, self.url, validator(headers), self.total))
        return taking

    def _damage(self) -> str | None:
        assert self.arrival is not None, "it is set by `into`"
        return damage(self.arrival, self.found.kind, self.headers, self.total, self.limit)

    @property
    def _too_long(self) -> str:
        return f"it is longer than {self.limit} bytes"

    async def _endure(self, answer: Stored | Reply | Failure) -> None:
        """Ask for a fresh address, or pause before the next attempt, or give up."""
        trouble = answer.failure if isinstance(answer, Stored) else answer
        assert trouble is not None, "whole answers are not endured"
        asked, why = None, self._too_long
        if isinstance(trouble, Reply):
            why = f"the storage answered {trouble.status}"
            if trouble.status in GONE:
                if not self.renewed and await self._renew():
                    return
                why += ", so the file may have expired"
            asked = min(asked_for(self.ctx, trouble) or 0.0, HINT_LIMIT)
        elif trouble.kind != "too large":
            why = trouble.detail
        pause = self.patience.pause(self.ctx.world, asked) if is_transient(trouble) else None
        if pause is None:
            raise self.failed(why)
        if pause >= self.until - self.ctx.world.now():
            raise self.failed(f"{why.rstrip('.')}, and it took longer than it may")
        await sleep(pause)

    async def _renew(self) -> bool:
        """Ask the job once for a fresh URL of the same file; False when there is none."""
        self.renewed = True
        job, index = self.found.job, self.found.index
        if job is None:
            return False
        try:
            answer = await look(self.ctx, job, self.until - self.ctx.world.now())
        except GMIError:
            return False
        record = observe(job, answer.record) if isinstance(answer, JobSeen) else None
        fresh: list[Found] = files(record.outcome) if record else []
        known, self.url = self.url, self.url if len(fresh) <= index else fresh[index].address
        return self.url != known

    async def extension(self, arrival: Arrival) -> str:
        """What a copy is called: by its bytes, else by what the storage says, else the API."""
        return extension(self.found, await self.disk(arrival.start), self.headers)


class _Taking:
    """Takes the body of one answer, for as long as it moves."""

    def __init__(self, fetch: Fetch, arrival: Arrival, offset: int) -> None:
        self._fetch, self._arrival = fetch, arrival
        self._offset = self._mark = offset
        self._since = fetch.ctx.world.now()

    def disk(self, call: Callable[[], object]) -> None:
        """Touch the disk, as no flow can await from here."""
        try:
            call()
        except (OSError, ValueError) as refusal:
            raise self._fetch.refused(refusal) from None

    def write(self, data: bytes, /) -> None:
        """Keep the next bytes. Raises DownloadError when they are too many, or come too slowly."""
        fetch, now = self._fetch, self._fetch.ctx.world.now()
        self._offset += len(data)
        if self._offset > fetch.limit:
            raise fetch.failed(f"it is longer than {fetch.limit} bytes")
        self.disk(partial(self._arrival.write, data))
        if self._offset - self._mark >= ENOUGH:
            self._mark, self._since = self._offset, now
        if self._offset - fetch.furthest >= ENOUGH:
            fetch.furthest = self._offset
            fetch.patience.progress()
        if now >= fetch.until:
            raise fetch.failed("it took longer than it may")
        if now - self._since >= TOLERANCE:
            raise fetch.failed(f"hardly a byte came for {TOLERANCE:.0f} s")
        if fetch.on_progress is not None:
            fetch.on_progress(self._offset, fetch.total)
