"""Troubles to order: what can go wrong at each call, and the script that says when.

    emulator.faults.add("submit", faults.Status(503, "out of capacity"), nth=1)
    emulator.faults.add("connect", faults.Reset(), nth=[1, 2])
    emulator.faults.add("job", faults.Stuck(), match="Veo3")

A fault of your own is any object with `async def answer(self, exchange) -> Response`.
"""

from .answers import (
    BackendError,
    BadChecksum,
    Capacity,
    ContentType,
    DeadlineExceeded,
    Headers,
    Html,
    RateLimited,
    Redirect,
    Refused,
    Slow,
    Status,
    Truncated,
)
from .jobs import (
    Amend,
    Cancelled,
    Failed,
    Lie,
    NotYet,
    NullOutcome,
    Outcome,
    Regress,
    Stuck,
    Vanish,
    Word,
)
from .script import ROUTES, ConnectionFault, Fault, Script
from .sockets import Drip, Fin, Hang, Raw, Reset

__all__ = [
    "ROUTES",
    "Amend",
    "BackendError",
    "BadChecksum",
    "Cancelled",
    "Capacity",
    "ConnectionFault",
    "ContentType",
    "DeadlineExceeded",
    "Drip",
    "Failed",
    "Fault",
    "Fin",
    "Hang",
    "Headers",
    "Html",
    "Lie",
    "NotYet",
    "NullOutcome",
    "Outcome",
    "RateLimited",
    "Raw",
    "Redirect",
    "Refused",
    "Regress",
    "Reset",
    "Script",
    "Slow",
    "Status",
    "Stuck",
    "Truncated",
    "Vanish",
    "Word",
]
