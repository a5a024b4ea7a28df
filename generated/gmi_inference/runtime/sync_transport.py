# fmt: off
# isort: skip_file
# ruff: noqa
"""HTTP for synchronous callers; the HTTP library is imported at the first request."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from . import logs, transport
from .effects import Fetch, Fetched, Head, Lane, Progress, Reply, Send, Trouble
from .settings import Settings
from .sources import Source

if TYPE_CHECKING:
    import httpx

    from .lanes import SyncLane


class SyncTransport:
    """One connection pool for each lane, made when first needed; safe to share between threads."""

    def __init__(self, settings: Settings, client: httpx.Client | None = None) -> None:
        self._settings = settings
        self._injected = client
        self._lanes: dict[Lane, SyncLane] = {}
        self._lock = threading.Lock()
        self._process = os.getpid()
        self._closed = False

    def send(self, effect: Send) -> Reply | Trouble:
        """Perform one exchange."""
        trace = transport.Trace(time.monotonic() + effect.timeouts.total)
        try:
            with self._opened(effect.lane, effect, trace) as response:
                body = bytearray()
                for piece in response.iter_bytes():
                    body += piece
                    if len(body) > effect.max_bytes:
                        return transport.too_large(effect.max_bytes)
                    if time.monotonic() > trace.deadline:
                        return transport.too_slow(trace)
                headers = transport.plain(response.headers, self._settings)
                return Reply(response.status_code, headers, bytes(body))
        except OSError as error:
            return Trouble("broken", trace.perhaps_sent, type(error).__name__)
        except Exception as error:
            found = transport.trouble(error, trace)
            if found is None:
                raise
            return found

    def fetch(self, effect: Fetch) -> Fetched | Reply | Trouble:
        """Stream one body into a file. Raises OSError when the disk refuses."""
        trace = transport.Trace(time.monotonic() + effect.timeouts.total)
        head: Head | None = None
        written = 0
        try:
            with self._opened("bare", effect, trace) as response:
                headers = transport.plain(response.headers, self._settings)
                head = Head(response.status_code, headers)
                sink = effect.accept(head)
                if sink is None:
                    start = next(response.iter_raw(), b"")
                    return Reply(head.status, headers, start)
                total = _total(headers, sink.offset)
                with sink.path.open("r+b" if sink.offset else "wb") as file:
                    file.seek(sink.offset)
                    file.truncate()
                    for piece in response.iter_raw():
                        file.write(piece)
                        written += len(piece)
                        if effect.on_progress:
                            effect.on_progress(sink.offset + written, total)
                        if sink.offset + written > effect.max_bytes:
                            return Fetched(head, written, transport.too_large(effect.max_bytes))
                return Fetched(head, written)
        except Exception as error:
            found = transport.trouble(error, trace)
            if found is None:
                raise
            return found if head is None else Fetched(head, written, found)

    @contextlib.contextmanager
    def _opened(
        self, lane: Lane, effect: Send | Fetch, trace: transport.Trace
    ) -> Iterator[httpx.Response]:
        asked = transport.asked(effect, self._settings)
        body = effect.body if isinstance(effect, Send) else None
        content = _pieces(body, effect.on_progress) if isinstance(body, Source) else body
        if self._closed:
            raise transport.closed()
        quiet = logs.ours.set(True)
        bound = transport.exchange.set(trace)
        try:
            if self._injected is None:
                trace.heard = True
                response = self._lane(lane).open(asked, content)
            else:
                request = transport.through(self._injected, asked, content, trace.note)
                response = self._injected.send(
                    request, stream=True, auth=None, follow_redirects=False
                )
            transport.note(asked, response.status_code)
            try:
                yield response
            finally:
                response.close()
        finally:
            transport.exchange.reset(bound)
            logs.ours.reset(quiet)

    def _lane(self, lane: Lane) -> SyncLane:
        if self._process != os.getpid():
            # A forked child: the connections, and maybe a held lock, are the parent's.
            self._lock = threading.Lock()
            self._lanes = {}
            self._process = os.getpid()
        with self._lock:
            if lane not in self._lanes:
                from .lanes import SyncLane

                logs.quieten()
                self._lanes[lane] = SyncLane(lane)
            return self._lanes[lane]

    def close(self) -> None:
        """Close the connections; a client given by the caller is left to the caller."""
        self._closed = True
        if self._process == os.getpid():
            with self._lock:
                for lane in self._lanes.values():
                    lane.close()
                self._lanes.clear()


def _pieces(source: Source, on_progress: Progress | None) -> Iterator[bytes]:
    sent = 0
    for piece in source.chunks():
        yield piece
        sent += len(piece)
        if on_progress:
            on_progress(sent, source.size)


def _total(headers: dict[str, str], offset: int) -> int | None:
    length = headers.get("content-length", "")
    return int(length) + offset if length.isdecimal() else None
