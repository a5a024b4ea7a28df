"""What a flow may ask of the outside world, and the answers it may get.

A flow is an `async def` that performs no I/O: it awaits effects and is sent the answers by a
driver. There is no asyncio in it. Trouble of the network is an answer too, so no policy needs to
know which HTTP library is underneath.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Generator, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, Protocol, TypeVar, cast

from ..events import Event

T = TypeVar("T")

Lane = Literal["submit", "api", "bare"]
"""`submit` never reuses a connection, `api` keeps them alive, `bare` never carries the key."""

FailureKind = Literal[
    "connect", "connect timeout", "tls", "pool", "timeout", "write timeout",
    "broken", "unreadable", "too large", "unsupported",
]  # fmt: skip

BODY_LIMIT = 64 * 1024 * 1024
"""Bytes of an answer, counted as they are unpacked."""

KEPT = 64 * 1024
"""Bytes kept of an answer that could not be read to its end."""


@dataclass(frozen=True)
class World:
    """The clocks and the die. `now` is in seconds and never goes back, `unix` is the time of day;
    `draw` is in [0, 1), and `token` is a name nobody else has.
    """

    now: Callable[[], float]
    unix: Callable[[], float]
    draw: Callable[[], float]
    token: Callable[[], str]


@dataclass(frozen=True)
class Timeouts:
    """Seconds. `read` bounds one silent stretch, `total` the whole exchange."""

    connect: float = 10.0
    read: float = 30.0
    total: float = 60.0

    def within(self, remaining: float | None) -> Timeouts:
        """The same bounds, none of them longer than `remaining` seconds (but never below 0.1)."""
        if remaining is None:
            return self
        most = max(remaining, 0.1)
        return Timeouts(min(self.connect, most), min(self.read, most), min(self.total, most))


class Body(Protocol):
    """A body that is streamed, from its start each time it is asked for."""

    @property
    def size(self) -> int:
        """Bytes."""
        ...

    def chunks(self) -> Iterator[bytes]:
        """The content in pieces. What this raises is the caller's; the flow gets it as it is."""
        ...


class Asked(Generic[T]):
    """Awaited, it reaches the driver, whose answer is the value."""

    def __await__(self) -> Generator[Any, Any, T]:
        answer: T = yield self
        return answer


@dataclass(frozen=True)
class Head:
    """The start of an answer, to be judged before any byte of its body is taken.

    Header names are in lower case.
    """

    status: int
    headers: Mapping[str, str] = field(repr=False)


class Sink(Protocol):
    """Where a streamed body goes."""

    def write(self, data: bytes, /) -> object:
        """Take the next bytes, as they came over the wire, still packed if the head says so.

        What this raises is the disk's or the caller's, and reaches the flow as it is.
        """


@dataclass(frozen=True)
class Send(Asked["Reply | Failure | Stored"]):
    """One HTTP exchange. Answered by `Reply` or `Failure`; with `sink`, `Stored` is a third answer.

    `connect_to` is the address to connect to instead of looking the host up. `sink` judges the head
    of a streamed answer: what it returns takes the body; None means the body is wanted as a reply,
    of which at most 64 KiB are then read.
    """

    method: str
    url: str = field(repr=False)
    lane: Lane
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes | Body | None = field(default=None, repr=False)
    timeouts: Timeouts = Timeouts()
    max_bytes: int = BODY_LIMIT
    connect_to: str | None = None
    sink: Callable[[Head], Sink | None] | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Reply:
    """A complete answer, unpacked. Header names are in lower case."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True)
class Failure:
    """No usable answer. `sent` is False only when the request provably never left this machine.

    `status` and `start` (at most 64 KiB of the body, unpacked) are what arrived of it.
    """

    kind: FailureKind
    sent: bool
    detail: str
    status: int | None = None
    start: bytes = field(default=b"", repr=False)


@dataclass(frozen=True)
class Stored:
    """What reached the sink: `written` bytes in this exchange, and what ended it early, if so."""

    head: Head
    written: int
    failure: Failure | None = None


@dataclass(frozen=True)
class Sleep(Asked[None]):
    """Pause for so many seconds."""

    seconds: float


@dataclass(frozen=True)
class Emit(Asked[None]):
    """Hand an event to the caller. What its listener raises is raised here."""

    event: Event


@dataclass(frozen=True)
class Blocking(Asked[T]):
    """Call this function, which touches the disk or the resolver; what it raises is raised here."""

    call: Callable[[], T]


Effect = Send | Sleep | Emit | Blocking[Any]
Flow = Coroutine[Effect, Any, T]
Progress = Callable[[int, "int | None"], object]
"""Called with the bytes moved so far and the total when it is known."""


async def send(effect: Send) -> Reply | Failure:
    """Perform an exchange without a sink."""
    return cast("Reply | Failure", await effect)


async def sleep(seconds: float) -> None:
    """Pause; nothing happens for zero or less."""
    if seconds > 0:
        await Sleep(seconds)
