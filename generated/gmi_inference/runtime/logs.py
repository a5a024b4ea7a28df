# fmt: off
# isort: skip_file
# ruff: noqa
"""The logger of the client, and silence for the one thing its HTTP library says too loudly."""

from __future__ import annotations

import logging
import os
from contextvars import ContextVar

from .redaction import redacted

LEVEL_VARIABLE = "GMI_LOG"
DEBUG = logging.DEBUG


class _Redacted(logging.Filter):
    """Leaves keys and signatures out of every line, wherever its words came from."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = redacted(record.getMessage()), ()
        return True


logger = logging.getLogger("gmi_inference")
logger.addHandler(logging.NullHandler())
logger.addFilter(_Redacted())

ours: ContextVar[bool] = ContextVar("gmi_inference_request", default=False)
_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING}
_NOISY = (
    "httpx",
    "httpx2",
    *(
        f"{library}.{part}"
        for library in ("httpcore", "httpcore2")
        for part in ("connection", "http11", "http2", "proxy", "socks")
    ),
)


class _NotOurs(logging.Filter):
    """Drops what the HTTP library logs about our requests: it prints presigned URLs in full."""

    def filter(self, record: logging.LogRecord) -> bool:
        return not ours.get()


_filter = _NotOurs()


def quieten() -> None:
    """Install the filter; doing so again changes nothing."""
    for name in _NOISY:
        logging.getLogger(name).addFilter(_filter)


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
