"""Fetch an artifact whole: in as many attempts as it takes, within bounds, checked at the end."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, TypeVar

from .. import urls, wire
from ..errors import DownloadError, GMIError
from ..local import said
from ..protocol.context import Context
from ..protocol.effects import Blocking, Failure, Head, Progress, Reply, Send, Stored, sleep
from ..protocol.poll import JobSeen, look, observe
from ..protocol.retry import Patience
from .outcome import Found, decoded, files
from .partial import Arrival
from .url_policy import exchange, pause_after, trouble
from .verify import content_range, damage, extension, packings, validator

T = TypeVar("T")
BYTES_LIMIT = 4 * 1024**3
HOPS = 5
TOLERANCE = 120.0
"""Seconds without progress, which is 64 KiB: a byte now and then is none."""

ENOUGH = 64 * 1024
DAMAGE_RETRIES = 2
GONE = frozenset({403, 404, 410})
AGAIN = "The job itself is well; save the artifact again."
LATE = "it took longer than it may"
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


@dataclass
class Fetch:
    """One file on its way into `arrival`, until `until` by the clock of the flow.

    `label` is for sentences. Every method that touches the network or the disk raises
    DownloadError.
    """

    ctx: Context
    found: Found
    label: str
    until: float
    limit: int = BYTES_LIMIT
    on_progress: Progress | None = None
    arrival: Arrival = field(default_factory=lambda: Arrival(io.BytesIO()))
    patience: Patience = field(default_factory=lambda: Patience(seconds=TOLERANCE))
    headers: dict[str, str] = field(default_factory=dict, repr=False)
    held: tuple[int, str] | None = None
    offset: int = 0
    mark: int = 0
    since: float = 0.0
    furthest: int = 0
    renewed: bool = False

    def __post_init__(self) -> None:
        self.url = self.found.address

    @property
    def left(self) -> float:
        """Seconds that are left of all that it may take."""
        return self.until - self.ctx.world.now()

    def error(self, message: str) -> DownloadError:
        """The error that says this of the file."""
        part, job = self.arrival.partial_path, self.found.job
        return DownloadError(message, artifact=self.found, partial_path=part, job=job)

    def failed(self, why: str) -> DownloadError:
        """The error that says why, and that the job itself is well."""
        return self.error(f"{self.label} was not fetched: {why.rstrip('.')}. {AGAIN}")

    def _refused(self, why: str) -> DownloadError:
        return self.failed(f"its address was refused, because {why}")

    async def disk(self, call: Callable[..., T], *given: Any) -> T:
        """What `call` returns; what the disk says against it is a DownloadError."""
        return await Blocking(partial(self._at_once, call, *given))

    def _at_once(self, call: Callable[..., T], *given: Any) -> T:
        try:
            return call(*given)
        except (OSError, ValueError) as refusal:
            raise self.failed(f"the disk refused it ({said(refusal)})") from None

    async def into(self, arrival: Arrival) -> None:
        """Fill `arrival` until it is whole and its checks hold."""
        self.arrival = arrival
        if self.found.data is not None:
            try:
                content = decoded(self.found.data)
            except ValueError:
                raise self.failed("the data that came inline is not base64") from None
            await self.disk(arrival.drop)
            await self.disk(arrival.file.write, content)
            if why := await self._damage():
                raise self.failed(why)
            return
        for _ in range(1 + DAMAGE_RETRIES):
            why = await self._arrived()
            if why is None:
                return
            self.furthest = 0
            await self.disk(arrival.drop)
        raise self.failed(f"{why}, three times over")

    async def extension(self) -> str:
        """What a copy is called: by its bytes, else by what the storage says, else the API."""
        return extension(self.found, await self.disk(self.arrival.start), self.headers)

    async def _arrived(self) -> str | None:
        """What is wrong with what came in as many attempts as it took; None when it is whole."""
        while True:
            answer = await self._attempt()
            if isinstance(answer, Stored):
                if answer.failure is None:
                    return await self._damage()
                answer = answer.failure
            elif isinstance(answer, Reply) and answer.status in (206, 416):
                return "the storage went on at another place than it was asked to"
            await self._endure(answer)

    async def _damage(self) -> str | None:
        return await self.disk(damage, self.arrival, self.found, self.headers, self.limit)

    async def _attempt(self) -> Stored | Reply | Failure:
        """One GET through at most five redirects, going on where the arrival ends."""
        self.held = await self.disk(self.arrival.resumable, self.url)
        headers = {"Accept-Encoding": "identity"}
        if self.held is not None:
            headers |= {"Range": f"bytes={self.held[0]}-", "If-Range": self.held[1]}
        get = Send("GET", self.url, "bare", headers, max_bytes=BYTES_LIMIT, sink=self._accept)
        for _ in range(HOPS + 1):
            if self.left <= 0:
                raise self.failed(LATE)
            get = replace(get, timeouts=self.ctx.download_timeouts.within(self.left))
            answer = await exchange(self.ctx, get, self.patience.failures, self._refused)
            if not isinstance(answer, Reply) or answer.status not in _REDIRECTS:
                return answer
            url = urls.Address(urls.joined(get.url, answer.headers.get("location", "")))
            get = replace(get, url=url)
        raise self.failed("its address redirects too often")

    def _accept(self, head: Head) -> Fetch | None:
        """Judge the head of an answer; None when its body is not the file, or not its rest."""
        headers, offset = dict(head.headers), 0
        total = wire.size_header(headers.get("content-length"))
        if head.status == 206 and (place := content_range(headers)):
            offset, total = place
            same = (offset, headers.get("etag")) == self.held
            if not same or self.arrival.total not in (total, None):
                return None  # nothing would tell that both halves are of one file
            self.arrival.total = total
        elif head.status != 200:
            return None
        packed = packings(headers)
        if packed not in ([], ["gzip"]):
            raise self.failed(
                f"it comes packed as {', '.join(packed)[:60]}, which this client does not unpack; "
                "fetch its URL with another program"
            )
        if total is not None and total > self.limit:
            raise self.failed(f"it is longer than {self.limit} bytes")
        self.headers, self.offset, self.mark = headers, offset, offset
        self.since = self.ctx.world.now()
        if head.status == 200:
            self._at_once(self.arrival.begin, self.url, validator(headers), total)
        return self

    def write(self, data: bytes, /) -> None:
        """Keep the next bytes. Raises DownloadError when they are too many, or come too slowly."""
        now = self.ctx.world.now()
        self.offset += len(data)
        if self.offset > self.limit:
            raise self.failed(f"it is longer than {self.limit} bytes")
        self._at_once(self.arrival.file.write, data)
        if self.offset - self.mark >= ENOUGH:
            self.mark, self.since = self.offset, now
        if self.offset - self.furthest >= ENOUGH:
            self.furthest = self.offset
            self.patience.progress()
        if now >= self.until:
            raise self.failed(LATE)
        if now - self.since >= TOLERANCE:
            raise self.failed(f"hardly a byte came for {TOLERANCE:.0f} s")
        if self.on_progress is not None:
            self.on_progress(self.offset, self.arrival.total)

    async def _endure(self, answer: Reply | Failure) -> None:
        """Ask for a fresh address, or pause before the next attempt, or give up."""
        why = trouble(answer)
        if isinstance(answer, Reply) and answer.status in GONE:
            if await self._renewed():
                return
            why += ", so the file may have expired"
        pause = pause_after(self.ctx, answer, self.patience)
        if pause is None:
            raise self.failed(why)
        if pause >= self.left:
            raise self.failed(f"{why.rstrip('.')}, and {LATE}")
        await sleep(pause)

    async def _renewed(self) -> bool:
        """Ask the job once for a fresh URL of the same file; False when there is none."""
        job, index, known = self.found.job, self.found.index, self.url
        if job is None or self.renewed:
            return False
        self.renewed = True
        try:
            answer = await look(self.ctx, job, self.left)
        except GMIError:
            return False
        record = observe(job, answer.record) if isinstance(answer, JobSeen) else None
        fresh: list[Found] = files(record.outcome) if record else []
        if index < len(fresh):
            self.url = fresh[index].address
        return self.url != known
