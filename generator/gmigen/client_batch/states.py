"""What a request of a batch is: one word each, and what resuming does with it."""

from __future__ import annotations

WAITING = "waiting"
SUBMITTING = "submitting"
RUNNING = "running"
DONE = "done"
FAILED = "failed"
REFUSED = "refused"
HELD = "held"
UNKNOWN = "unknown"
UNDELIVERED = "undelivered"
CANCELLED = "cancelled"

MEANING = {
    WAITING: "not submitted yet",
    SUBMITTING: "on its way",
    RUNNING: "accepted, and not ended",
    DONE: "its files are here",
    FAILED: "its job failed or was cancelled",
    REFUSED: "the API refuses it; nothing was paid",
    HELD: "stopped before it was submitted; nothing was paid",
    UNKNOWN: "may have been paid: for a person to decide",
    UNDELIVERED: "paid; its end or its files are still to be fetched",
    CANCELLED: "taken out before it was submitted; nothing was paid",
}

ACTIVE = (WAITING, SUBMITTING, RUNNING)
"""Somebody has it, or will."""

OPEN = (HELD, UNKNOWN, UNDELIVERED)
"""What `resume` takes up: none of it is submitted again where it may have been paid."""

ENDED = (DONE, FAILED, REFUSED, CANCELLED)
