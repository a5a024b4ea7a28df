# fmt: off
# isort: skip_file
# ruff: noqa
"""What went wrong with an exchange, and whose doing it was."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import TracebackType

from ..errors import GMIError
from ..protocol.effects import Failure, FailureKind, Stored
from ..redaction import redacted
from .pump import Pump

_LIBRARIES = {"httpx", "httpx2", "httpcore", "httpcore2", "h11", "h2", "anyio", "socksio"}
_ROOMS = ("runtime", "client", "journal", "requests")
_OURS = tuple(f"{__name__.rpartition('.runtime.')[0]}.{room}." for room in _ROOMS)
_KINDS: dict[str, FailureKind] = {
    "ConnectTimeout": "connect timeout",
    "PoolTimeout": "pool",
    "ConnectError": "connect",
    "ProxyError": "connect",
    "UnsupportedProtocol": "unsupported",
    "InvalidURL": "unsupported",
    "LocalProtocolError": "unsupported",
    "UnicodeError": "unsupported",
    "WriteTimeout": "write timeout",
    "TimeoutException": "timeout",
    "TimeoutError": "timeout",
    "DecodingError": "unreadable",
}
_FAULTS = (NameError, AttributeError, TypeError, AssertionError, NotImplementedError)
# These say by themselves that nothing was sent, whoever raised them.
_UNSENT = frozenset({"connect timeout", "pool", "connect", "tls", "unsupported"})


def settled(error: Exception, pump: Pump) -> Failure | Stored:
    """The failure that `error` tells of. Raises what the caller's code raised, our own errors, and
    what is a fault of this program and no trouble of the network.

    It is called outside of the `except`, so that nothing of the HTTP library clings to those.
    """
    if pump.theirs is not None:
        raise pump.theirs
    if isinstance(error, GMIError) or _is_fault(error):
        raise error
    if (own := callers_own(error)) is not None:
        raise own
    return pump.failed(named(error, pump))


def named(error: BaseException, pump: Pump) -> Failure:
    """The failure for an exception; classes are told by name, httpx and httpx2 alike."""
    kind: FailureKind = "broken"
    for base in reversed(type(error).__mro__):
        kind = _KINDS.get(base.__name__, kind)
    if kind == "connect" and _is_tls(error):
        kind = "tls"
    if kind == "unsupported" and pump.sending:
        kind = "broken"
    if kind in ("timeout", "write timeout") and pump.left() <= 0:
        return pump.late()
    sent = pump.sending if kind in _UNSENT else pump.perhaps_sent
    if not sent and kind in ("timeout", "write timeout"):
        kind = "connect timeout"
    elif not sent and kind == "broken":
        kind = "connect"
    said = redacted(" ".join(str(error).split()))[:200]
    name = type(error).__name__
    return Failure(kind, sent, f"{name}: {said}" if said else name)


def _is_tls(error: BaseException) -> bool:
    return any(
        type(cause).__name__.startswith("SSL") or "CERTIFICATE_VERIFY" in str(cause)
        for cause in _chain(error)
    )


def _chain(error: BaseException, *, hidden: bool = False) -> Iterator[BaseException]:
    """The error and what it was raised for, as a traceback shows them, or with what it hides."""
    cause: BaseException | None = error
    seen: set[int] = set()
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        yield cause
        shown = hidden or not cause.__suppress_context__
        cause = cause.__cause__ or (cause.__context__ if shown else None)


def callers_own(error: BaseException) -> BaseException | None:
    """The exception of the caller's code that `error` is or hides; None when there is none.

    A signal handler may raise what looks just like trouble of the network, and the HTTP library
    then wraps it: the frame it was raised in tells.
    """
    for cause in _chain(error):
        theirs = _own_frames(cause.__traceback__) is not None
        if type(cause).__module__.partition(".")[0] not in _LIBRARIES:
            return cause if theirs else None
        if theirs:
            return None  # a transport of the caller's speaks the library's words
    return None


def _is_fault(error: Exception) -> bool:
    """Whether a module is missing, or a line of ours cannot work: no answer can be guilty of it."""
    names = [name for _, name in _frames(error.__traceback__)]
    ours = bool(names) and f"{names[-1]}.".startswith(_OURS)
    return isinstance(error, ImportError) or (isinstance(error, _FAULTS) and ours)


def without_ours(error: BaseException) -> BaseException:
    """`error` without frames of ours and of the HTTP library: those hold the key in a header."""
    for inner in _chain(error, hidden=True):
        for attribute in ("__cause__", "__context__"):
            other = getattr(inner, attribute)
            if other is not None and other.__traceback__ and not _own_frames(other.__traceback__):
                setattr(inner, attribute, None)
        inner.__traceback__ = _own_frames(inner.__traceback__)
    return error


def _own_frames(traceback: TracebackType | None) -> TracebackType | None:
    """The part of a traceback below the last frame of ours or of the HTTP library."""
    found = None
    for part, name in _frames(traceback):
        if name.partition(".")[0] in _LIBRARIES or f"{name}.".startswith(_OURS):
            found = None
        elif found is None:
            found = part
    return found


def _frames(traceback: TracebackType | None) -> Iterator[tuple[TracebackType, str]]:
    """The parts of a traceback from the outermost in, each with the module its frame is of.

    What Python's own library calls is nobody's.
    """
    while traceback is not None:
        name = str(traceback.tb_frame.f_globals.get("__name__", ""))
        if name.partition(".")[0] not in sys.stdlib_module_names:
            yield traceback, name
        traceback = traceback.tb_next
