"""What is made of an answer as it comes, within the bounds of its exchange."""

from __future__ import annotations

import threading
import zlib
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextvars import ContextVar
from dataclasses import replace
from functools import partial
from io import BytesIO
from itertools import islice
from typing import Any, TypeVar

from .. import logs
from ..clock import monotonic
from ..config import Settings
from ..logs import logger
from ..protocol.effects import KEPT, Body, Failure, FailureKind, Head, Reply, Send, Sink, Stored
from ..wire import size_header
from . import aside

T = TypeVar("T")
RawHeaders = Sequence[tuple[bytes, bytes]]
Opened = tuple[int, RawHeaders, Iterator[bytes]]
"""Status, headers and body of an answer whose head is there."""
AsyncOpened = tuple[int, RawHeaders, AsyncIterator[bytes]]

_AT_ONCE = 1024 * 1024
_AHEAD = 16
"""Pieces of a long body that are read for one change of threads, which costs more than a piece."""

_BITS = {"gzip": 31, "x-gzip": 31, "deflate": 15}
# Of others that come more than once the last counts: joined they would be no date, no address.
_LISTS = {"content-encoding", "x-goog-hash"}
_emulators_met: set[str] = set()


class GivenUp(Exception):
    """The exchange is over for who asked; nothing more of it may be sent."""


class Pump:
    """Moves one answer from the wire to where it is wanted, within its bounds.

    `begin` takes the head, `take` each piece of the body and `answer` makes the result; `failed`
    makes it of a failure. It also knows when the exchange must end, and whether anything was sent.
    """

    def __init__(self, effect: Send, settings: Settings, *, heard: bool = True) -> None:
        self.effect = effect
        self.settings = settings
        self.deadline = monotonic() + effect.timeouts.total
        self.connected = False
        """Whether there was a connection to send on, or the promise of one."""
        self.heard = heard
        """Whether whoever sends tells when it begins to: our own connections always do."""
        self.sending = False
        self.theirs: BaseException | None = None
        """What the caller's code raised: a sink, or a body that is streamed."""
        self._given_up = False
        self._lock = threading.Lock()
        self._head: Head | None = None
        self._sink: Sink | None = None
        self._limit = effect.max_bytes
        self._failure: Failure | None = None
        self._unpacker: Any = None
        # Some servers send deflate without the frame that its name promises.
        self._perhaps_bare = False
        self._packed = False
        self._written = 0
        self._body = BytesIO()

    def left(self) -> float:
        """Seconds until the exchange must be over; not below zero."""
        return max(self.deadline - monotonic(), 0.0)

    def room(self) -> None:
        """A connection may be had now. A submission may be held for minutes: what it waited for
        its turn is not taken from that."""
        self.connected = True
        if self.effect.lane == "submit":
            self.deadline = monotonic() + self.effect.timeouts.total

    def send_begins(self) -> None:
        """The first byte is about to leave. Raises GivenUp when nobody waits any more."""
        with self._lock:
            if self._given_up:
                raise GivenUp
            self.sending = True

    def give_up(self) -> None:
        """From here on nothing is sent that was not begun."""
        with self._lock:
            self._given_up = True

    @property
    def perhaps_sent(self) -> bool:
        """False only when nothing can have left this machine."""
        return self.sending or not self.heard

    def chunks(self, body: Body) -> Iterator[bytes]:
        """The pieces of a body that is streamed."""
        pieces = self._calling(body.chunks)
        while not self._given_up:
            piece: bytes = self._calling(next, pieces, b"")
            if not piece:
                return
            yield piece
        raise GivenUp

    async def async_chunks(self, body: Body) -> AsyncIterator[bytes]:
        """The same without holding up the loop."""
        pieces, ahead = self.chunks(body), 1
        some: list[bytes]
        while some := await aside.awaited(partial(list, islice(pieces, ahead))):
            while some:
                yield some.pop(0)
            ahead = min(2 * ahead, _AHEAD)

    def begin(self, status: int, headers: RawHeaders) -> None:
        """Take the head of the answer."""
        plain = _plain(headers)
        self._head = Head(status, plain)
        base_url = self.settings.base_url
        if "x-emulator" in plain and base_url not in _emulators_met:
            _emulators_met.add(base_url)
            logger.warning("Talking to an EMULATOR at %s, not to GMI Cloud.", base_url)
        logger.debug("%s %s: %d", self.effect.method, self.effect.url, status)
        packings = [word.strip() for word in plain.get("content-encoding", "").lower().split(",")]
        packings = [word for word in packings if word not in ("", "identity")]
        if len(packings) == 1 and packings[0] in _BITS:
            self._unpacker = zlib.decompressobj(_BITS[packings[0]])
            self._perhaps_bare = packings[0] == "deflate"
        elif packings:
            self._ends("unreadable", "the body is packed in a way that was not asked for")
        elif (size_header(plain.get("content-length")) or 0) > self._limit:
            self._ends("too large", f"the body is longer than {self._limit} bytes")

    def judge(self) -> None:
        """Ask where the body goes; what is raised by it is the caller's."""
        if self.effect.sink is not None and self._head is not None:
            self._sink = self._calling(self.effect.sink, self._head)
            if self._sink is None:  # only the start of the body is wanted
                self._limit = KEPT
            else:
                self._failure, self._limit = None, self.effect.max_bytes

    def take(self, piece: bytes) -> bool:
        """Take a piece of the body, as it came; True when no more is wanted."""
        if self._sink is not None:
            if self._written + len(piece) > self._limit:
                self._ends("too large", f"the body is longer than {self._limit} bytes")
                return True
            self._calling(self._sink.write, piece)
            self._written += len(piece)
        elif not self._unpack(piece):
            return True
        if monotonic() < self.deadline:
            return False
        self._failure = self._failure or self.late()
        return True

    def _unpack(self, piece: bytes) -> bool:
        """Keep what the piece holds; False when that was enough."""
        self._packed = self._packed or bool(piece)
        room = self._limit + 1 - self._body.tell()
        if self._unpacker is None:
            self._body.write(piece[:room])
            room -= len(piece)
        try:
            while self._unpacker is not None and piece and room > 0 and not self._unpacker.eof:
                data = self._unpacker.decompress(piece, min(room, _AT_ONCE))
                self._perhaps_bare = False
                room -= self._body.write(data)
                piece = self._unpacker.unconsumed_tail
        except zlib.error:
            if self._perhaps_bare:
                self._perhaps_bare, self._unpacker = False, zlib.decompressobj(-15)
                return self._unpack(piece)
            self._ends("unreadable", "the body cannot be unpacked")
            if not self._body.tell():
                self._body.write(piece[:KEPT])
            return False
        if room > 0:
            return True
        if self.effect.sink is None and self._failure is None:
            self._ends("too large", f"the body is longer than {self._limit} bytes")
        return False

    def answer(self) -> Reply | Failure | Stored:
        """What the exchange brought, when its body has ended or no more was wanted."""
        assert self._head is not None, "an answer has a head"
        if self._sink is not None:
            return Stored(self._head, self._written, self._failure)
        cut = self._packed and self._unpacker is not None and not self._unpacker.eof
        if cut and self._failure is None:
            self._ends("unreadable", "the packed body ends before its end")
        start_only = self.effect.sink is not None
        if self._failure is not None and not start_only:
            return self.failed(self._failure)
        body = self._body.getvalue()[: KEPT if start_only else None]
        return Reply(self._head.status, self._head.headers, body)

    def failed(self, failure: Failure) -> Failure | Stored:
        """The failure with everything that arrived before it."""
        if self._head is None:
            return failure
        if self._sink is not None:
            return Stored(self._head, self._written, failure)
        start = bytes(self._body.getbuffer()[:KEPT])
        return replace(failure, status=self._head.status, start=start)

    def late(self) -> Failure:
        """The whole exchange took longer than it may."""
        if self.perhaps_sent:
            return Failure("timeout", True, "the answer did not end in time")
        if self.connected:
            return Failure("connect timeout", False, "the connection was not made in time")
        return Failure("pool", False, "no connection came free in time")

    def _ends(self, kind: FailureKind, why: str) -> None:
        self._failure = Failure(kind, True, why)
        self._limit = min(self._limit, KEPT)

    def _calling(self, theirs: Callable[..., T], *values: Any) -> T:
        try:
            return theirs(*values)
        except BaseException as error:
            self.theirs = error
            raise


def _plain(headers: RawHeaders) -> dict[str, str]:
    plain: dict[str, str] = {}
    for raw_name, raw_value in headers:
        name, value = raw_name.lower().decode("latin-1"), raw_value.decode("latin-1")
        plain[name] = f"{plain[name]}, {value}" if name in _LISTS and name in plain else value
    return plain


current: ContextVar[Pump] = logs.current
"""The exchange under way in this thread or task; what the HTTP library logs of it is not shown."""
