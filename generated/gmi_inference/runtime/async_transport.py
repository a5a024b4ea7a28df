# fmt: off
# isort: skip_file
# ruff: noqa
"""HTTP for asynchronous callers; its connections belong to the running event loop."""

from __future__ import annotations

import asyncio
import contextlib
import time
import weakref
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine
from typing import TYPE_CHECKING, Any, TypeVar

from . import logs, transport
from .effects import Fetch, Fetched, Head, Lane, Progress, Reply, Send, Trouble
from .settings import Settings
from .sources import Source
from .sync_transport import _total

if TYPE_CHECKING:
    import httpx

    from .lanes import AsyncLane

Lanes = dict[Lane, "AsyncLane"]
T = TypeVar("T")


class AsyncTransport:
    """One connection pool for each lane and event loop, so that a second `asyncio.run` just works.

    They end with their loop even when nobody closes them: an asynchronous generator keeps them, and
    `asyncio.run` closes all of those before it closes the loop.
    """

    def __init__(self, settings: Settings, client: httpx.AsyncClient | None = None) -> None:
        self._settings = settings
        self._injected = client
        self._keepers: weakref.WeakKeyDictionary[
            asyncio.AbstractEventLoop, AsyncGenerator[Lanes, None]
        ] = weakref.WeakKeyDictionary()
        self._closed = False
        self._lanes: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Lanes] = (
            weakref.WeakKeyDictionary()
        )

    async def send(self, effect: Send) -> Reply | Trouble:
        """Perform one exchange."""
        trace = transport.Trace(time.monotonic() + effect.timeouts.total)
        try:
            return await self._bounded(self._send(effect, trace), effect)
        except asyncio.TimeoutError:
            return transport.too_slow(trace) if trace.perhaps_sent else transport.too_busy()
        except OSError as error:
            return Trouble("broken", trace.perhaps_sent, type(error).__name__)
        except Exception as error:
            found = transport.trouble(error, trace)
            if found is None:
                raise
            return found

    async def _bounded(self, work: Coroutine[Any, Any, T], effect: Send | Fetch) -> T:
        """Our own connections keep to the deadline by themselves; those of the caller may not."""
        if self._injected is None:
            return await work
        return await asyncio.wait_for(work, effect.timeouts.total)

    async def _send(self, effect: Send, trace: transport.Trace) -> Reply | Trouble:
        async with self._opened(effect.lane, effect, trace) as response:
            body = bytearray()
            async for piece in response.aiter_bytes():
                body += piece
                if len(body) > effect.max_bytes:
                    return transport.too_large(effect.max_bytes)
            headers = transport.plain(response.headers, self._settings)
            return Reply(response.status_code, headers, bytes(body))

    async def fetch(self, effect: Fetch) -> Fetched | Reply | Trouble:
        """Stream one body into a file. Raises OSError when the disk refuses."""
        trace = transport.Trace(time.monotonic() + effect.timeouts.total)
        filling = _Filling()
        try:
            return await self._bounded(self._fetch(effect, trace, filling), effect)
        except asyncio.TimeoutError:
            return filling.ended(transport.too_slow(trace))
        except Exception as error:
            found = transport.trouble(error, trace)
            if found is None:
                raise
            return filling.ended(found)

    async def _fetch(
        self, effect: Fetch, trace: transport.Trace, filling: _Filling
    ) -> Fetched | Reply | Trouble:
        async with self._opened("bare", effect, trace) as response:
            headers = transport.plain(response.headers, self._settings)
            head = filling.head = Head(response.status_code, headers)
            sink = await asyncio.to_thread(effect.accept, head)
            pieces = response.aiter_raw()
            if sink is None:
                async for start in pieces:
                    return Reply(head.status, headers, start)
                return Reply(head.status, headers)
            total = _total(headers, sink.offset)
            with sink.path.open("r+b" if sink.offset else "wb") as file:
                file.seek(sink.offset)
                file.truncate()
                async for piece in pieces:
                    # Pieces are at most 64 KiB, so handing each to a thread would cost more than
                    # writing it. Nothing is held back: what arrived is on disk if the rest is cut.
                    file.write(piece)
                    filling.written += len(piece)
                    if effect.on_progress:
                        effect.on_progress(sink.offset + filling.written, total)
                    if sink.offset + filling.written > effect.max_bytes:
                        return filling.ended(transport.too_large(effect.max_bytes))
            return Fetched(head, filling.written)

    @contextlib.asynccontextmanager
    async def _opened(
        self, lane: Lane, effect: Send | Fetch, trace: transport.Trace
    ) -> AsyncIterator[httpx.Response]:
        asked = transport.asked(effect, self._settings)
        body = effect.body if isinstance(effect, Send) else None
        content = _pieces(body, effect.on_progress) if isinstance(body, Source) else body
        if self._closed:
            raise transport.closed()
        quiet = logs.ours.set(True)
        bound = transport.exchange.set(trace)
        slots: asyncio.Semaphore | None = None
        try:
            if self._injected is None:
                trace.heard = True
                pool = await self._lane(lane)
                if pool.slots.locked():
                    await asyncio.wait_for(pool.slots.acquire(), effect.timeouts.total)
                else:
                    await pool.slots.acquire()
                slots = pool.slots
                trace.deadline = time.monotonic() + effect.timeouts.total
                response = await pool.open(asked, content)
            else:
                request = transport.through(self._injected, asked, content, trace.anote)
                response = await self._injected.send(
                    request, stream=True, auth=None, follow_redirects=False
                )
            transport.note(asked, response.status_code)
            try:
                yield response
            finally:
                await response.aclose()
        finally:
            if slots is not None:
                slots.release()
            transport.exchange.reset(bound)
            logs.ours.reset(quiet)

    async def _lane(self, lane: Lane) -> AsyncLane:
        lanes = await self._of_this_loop()
        if lane not in lanes:
            from .lanes import AsyncLane

            logs.quieten()
            lanes[lane] = AsyncLane(lane)
        return lanes[lane]

    async def _of_this_loop(self) -> Lanes:
        loop = asyncio.get_running_loop()
        if loop not in self._lanes:
            lanes = self._lanes[loop] = {}
            keeper = self._keepers[loop] = self._kept(lanes)
            await keeper.__anext__()
        return self._lanes[loop]

    async def _kept(self, lanes: Lanes) -> AsyncGenerator[Lanes, None]:
        loop = asyncio.get_running_loop()
        try:
            yield lanes
        finally:
            self._lanes.pop(loop, None)
            self._keepers.pop(loop, None)
            for lane in lanes.values():
                await lane.aclose()

    async def aclose(self) -> None:
        """Close the connections of the running loop; those of a closed loop are gone already."""
        self._closed = True
        keeper = self._keepers.get(asyncio.get_running_loop())
        if keeper is not None:
            await keeper.aclose()


class _Filling:
    """How far a streamed body got, kept outside the coroutine that may be cut."""

    def __init__(self) -> None:
        self.head: Head | None = None
        self.written = 0

    def ended(self, trouble: Trouble) -> Fetched | Trouble:
        return trouble if self.head is None else Fetched(self.head, self.written, trouble)


async def _pieces(source: Source, on_progress: Progress | None) -> AsyncIterator[bytes]:
    sent = 0
    pieces = source.chunks()
    while piece := await asyncio.to_thread(next, pieces, b""):
        yield piece
        sent += len(piece)
        if on_progress:
            on_progress(sent, source.size)
