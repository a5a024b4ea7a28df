# fmt: off
# isort: skip_file
# ruff: noqa
"""What a flow may ask of the outside world, and the answers it may get.

A flow is a plain generator. It holds a policy, such as "submit" or "wait", and performs no I/O:
it yields effects and is sent the answers by a driver. Trouble in the transport is an answer too,
so no policy needs to know which HTTP library is underneath.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

if TYPE_CHECKING:
    from .events import Event
    from .sources import Source

T = TypeVar("T")

Lane = Literal["submit", "api", "bare"]
"""`submit` never reuses a connection, `api` keeps them alive, `bare` never carries the key."""

TroubleKind = Literal[
    "connect", "connect timeout", "tls", "pool", "timeout", "write timeout",
    "broken", "unreadable", "too large", "unsupported",
]  # fmt: skip

API_BODY_LIMIT = 128 * 1024 * 1024


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


@dataclass(frozen=True)
class Send:
    """Send one HTTP request and read its whole answer; answered by `Reply` or `Trouble`.

    `connect_to` is the address to connect to instead of looking the host up again.
    """

    method: str
    url: str = field(repr=False)
    lane: Lane
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes | Source | None = field(default=None, repr=False)
    timeouts: Timeouts = Timeouts()
    max_bytes: int = API_BODY_LIMIT
    connect_to: str | None = None
    on_progress: Callable[[int, int | None], object] | None = None


@dataclass(frozen=True)
class Reply:
    """A complete answer. Header names are in lower case."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True)
class Trouble:
    """No usable answer. `sent` is False only when the request provably never left this machine."""

    kind: TroubleKind
    sent: bool
    detail: str


@dataclass(frozen=True)
class Head:
    """The start of a streamed answer, for the flow to judge before any byte is written."""

    status: int
    headers: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True)
class Sink:
    """Where a streamed body goes: appended to `path` from byte `offset`, cut there first."""

    path: Path
    offset: int = 0


@dataclass(frozen=True)
class Fetch:
    """GET a body into a file; answered by `Fetched`, or by `Reply` when `accept` returned None."""

    url: str = field(repr=False)
    accept: Callable[[Head], Sink | None]
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    timeouts: Timeouts = Timeouts()
    max_bytes: int = API_BODY_LIMIT
    connect_to: str | None = None
    on_progress: Callable[[int, int | None], object] | None = None


@dataclass(frozen=True)
class Fetched:
    """What reached the file: `written` bytes in this attempt, and what ended it early, if so."""

    head: Head
    written: int
    trouble: Trouble | None = None


@dataclass(frozen=True)
class Sleep:
    """Pause for so many seconds."""

    seconds: float


@dataclass(frozen=True)
class Clock:
    """Answered by seconds of a clock that never goes backwards."""


@dataclass(frozen=True)
class WallClock:
    """Answered by unix seconds."""


@dataclass(frozen=True)
class Draw:
    """Answered by a random number in [0, 1), for jitter."""


@dataclass(frozen=True)
class Emit:
    """Hand an event to the caller."""

    event: Event


@dataclass(frozen=True)
class Blocking:
    """Call this function, which touches the disk or the resolver; what it raises is thrown in."""

    call: Callable[[], Any]


Effect = Send | Fetch | Sleep | Clock | WallClock | Draw | Emit | Blocking
Flow = Generator[Effect, Any, T]
Progress = Callable[[int, "int | None"], object]
"""Called with the bytes moved so far and the total when it is known."""


def send(effect: Send) -> Flow[Reply | Trouble]:
    """Perform `effect` and return its answer with its type."""
    answer: Reply | Trouble = yield effect
    return answer


def fetch(effect: Fetch) -> Flow[Fetched | Reply | Trouble]:
    """Perform `effect` and return its answer with its type."""
    answer: Fetched | Reply | Trouble = yield effect
    return answer


def sleep(seconds: float) -> Flow[None]:
    """Pause; nothing happens for zero or less."""
    if seconds > 0:
        yield Sleep(seconds)


def clock() -> Flow[float]:
    """Seconds of a monotonic clock."""
    answer: float = yield Clock()
    return answer


def wall_clock() -> Flow[float]:
    """Unix seconds."""
    answer: float = yield WallClock()
    return answer


def draw() -> Flow[float]:
    """A random number in [0, 1)."""
    answer: float = yield Draw()
    return answer


def emit(event: Event) -> Flow[None]:
    """Hand `event` to whoever listens."""
    yield Emit(event)


def blocking(call: Callable[[], T]) -> Flow[T]:
    """Call a function that blocks, off the event loop when there is one."""
    answer: T = yield Blocking(call)
    return answer
