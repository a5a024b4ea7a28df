# fmt: off
# isort: skip_file
# ruff: noqa
"""The client behind `gmi`: from the environment, with a journal, its warnings on stderr."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .output import note
from .words import said

if TYPE_CHECKING:
    from ..client.client import Client

JOURNAL_VARIABLE = "GMI_JOURNAL"
KEY_VARIABLE = "GMI_API_KEY"
OFF = "off"


@contextmanager
def client(*, submits: bool = False, goes_on: bool = False) -> Iterator[Client]:
    """A client of the environment, closed at the end. Raises ConfigurationError.

    One that `submits` begins a journal where there is none; one that `goes_on` takes what is there.
    """
    from ..client.client import Client

    place = journal(begin=submits) if submits or goes_on else None
    with _warnings(), Client(journal=place) as made:
        yield made


def without_journal() -> Client | None:
    """A client that keeps no journal; None where the user asked for one."""
    from ..client.client import Client

    return Client() if os.environ.get(JOURNAL_VARIABLE, "").casefold() in ("", OFF) else None


def has_key() -> bool:
    """Whether there is a key to ask the API with."""
    return bool(os.environ.get(KEY_VARIABLE, "").strip())


def state_folder() -> Path:
    """Where this user's programs keep what they note down. Raises RuntimeError without a home."""
    if sys.platform in ("win32", "darwin"):
        return Path(click.get_app_dir("gmi-inference"))
    given = Path(os.environ.get("XDG_STATE_HOME", ""))
    return (given if given.is_absolute() else Path.home() / ".local/state") / "gmi-inference"


def journal(name: str = "journal.jsonl", *, begin: bool) -> Path | None:
    """The file of a user who asked for none and did not switch it off, unless it is impossible."""
    if os.environ.get(JOURNAL_VARIABLE):
        return None
    try:
        place = state_folder() / name
        if begin:
            place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return place if begin or place.is_file() else None
    except (OSError, RuntimeError) as refusal:
        why = getattr(refusal, "strerror", None) or "there is no home folder"
        if begin:
            note(f"gmi: no journal is kept ({why}); {JOURNAL_VARIABLE} may name another place.")
        return None


@contextmanager
def _warnings() -> Iterator[None]:
    """Show the warnings of the client for as long as a command runs."""
    handler = _Handler(logging.WARNING)
    logger = logging.getLogger("gmi_inference")
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)


class _Handler(logging.Handler):
    """Prints warnings, but not those about an interruption, which the command tells in its end."""

    def emit(self, record: logging.LogRecord) -> None:
        """Print one warning."""
        if not isinstance(sys.exc_info()[1], KeyboardInterrupt):
            note(f"gmi: {said(record.getMessage())}")
