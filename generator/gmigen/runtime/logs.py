"""The logger of the client, and silence for the one thing its HTTP library says too loudly."""

from __future__ import annotations

import logging
import os
from contextvars import ContextVar
from typing import Any

from .redaction import redacted

LEVEL_VARIABLE = "GMI_LOG"


def _redact(record: logging.LogRecord) -> bool:
    """Leaves keys and signatures out of every line, wherever its words came from."""
    record.msg, record.args = redacted(record.getMessage()), ()
    return True


logger = logging.getLogger("gmi_inference")
logger.addHandler(logging.NullHandler())
logger.addFilter(_redact)

current: ContextVar[Any] = ContextVar("gmi_inference_exchange", default=None)
"""The exchange of ours that is under way in this thread or task."""

_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING}
_PARTS = ("connection", "http11", "http2", "proxy", "socks")
_NOISY = ["httpx", "httpx2", *(f"httpcore.{part}" for part in _PARTS)]
_NOISY += [f"httpcore2.{part}" for part in _PARTS]


def _not_ours(record: logging.LogRecord) -> bool:
    """Drops what the HTTP library logs about our requests: it prints presigned URLs in full."""
    return current.get() is None


def quieten() -> None:
    """Install the filter; doing so again changes nothing."""
    for name in _NOISY:
        logging.getLogger(name).addFilter(_not_ours)


def from_environment(level: str | None) -> None:
    """Write to stderr from `GMI_LOG` (debug, info or warning) on; the root logger is left alone."""
    wanted = _LEVELS.get((level or "").strip().lower())
    if wanted is None:
        return
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(name)s %(levelname)s: %(message)s"))
    logger.addHandler(handler)
    logger.setLevel(wanted)


from_environment(os.environ.get(LEVEL_VARIABLE))


def annotate(error: BaseException, sentence: str, *, log: bool = True) -> None:
    """Add a note to an exception that is not ours; Python 3.10 has no notes, so it is logged, too.

    The same sentence is said once, however many hands the exception passes through.
    """
    if sentence in getattr(error, "__notes__", ()):
        return
    if log:
        logger.warning("%s", sentence)
    add_note = getattr(error, "add_note", None)
    if add_note is not None:
        add_note(redacted(sentence))
