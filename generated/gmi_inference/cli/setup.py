"""The client behind `gmi`: from the environment, with a journal, its warnings on stderr."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..runtime.errors import ConfigurationError
from .output import note

if TYPE_CHECKING:
    from ..runtime.client import Client

JOURNAL_VARIABLE = "GMI_JOURNAL"
KEY_VARIABLE = "GMI_API_KEY"
OFF = "off"


class Journaling(Enum):
    """What a command does with the journal."""

    NONE = "does not need it"
    KEEP = "goes on with the one that is there"
    BEGIN = "begins one where there is none"
    READ = "cannot work without"


@contextmanager
def client(journal: Journaling = Journaling.NONE) -> Iterator[Client]:
    """A client of the environment, closed at the end. Raises ConfigurationError."""
    with _warnings(), _made(_place(journal)) as made:
        yield made


def without_journal() -> Client | None:
    """A client that keeps no journal; None where the user asked for one."""
    return None if _asked_for() else _made(None)


def has_key() -> bool:
    """Whether there is a key to ask the API with."""
    return bool(os.environ.get(KEY_VARIABLE, "").strip())


def state_folder() -> Path:
    """Where this user's programs keep what they note down. Raises RuntimeError without a home."""
    if sys.platform in ("win32", "darwin"):
        return Path(click.get_app_dir("gmi-inference"))
    given = Path(os.environ.get("XDG_STATE_HOME", ""))
    return (given if given.is_absolute() else Path.home() / ".local/state") / "gmi-inference"


def _made(journal: Path | None) -> Client:
    from ..runtime.client import Client

    # The client takes the variable for a path, whatever it says.
    said = os.environ.pop(JOURNAL_VARIABLE, None)
    try:
        return Client(journal=journal)
    finally:
        if said is not None:
            os.environ[JOURNAL_VARIABLE] = said


def _asked_for() -> str:
    said = os.environ.get(JOURNAL_VARIABLE, "")
    return "" if said.casefold() == OFF else said


def _place(journal: Journaling) -> Path | None:
    """The file in which submissions are noted, unless that is switched off or impossible."""
    if asked := _asked_for():
        return Path(asked)
    if os.environ.get(JOURNAL_VARIABLE) or journal is Journaling.NONE:
        if journal is Journaling.READ:
            raise ConfigurationError(f"There is no journal: {JOURNAL_VARIABLE} is {OFF}.")
        return None
    try:
        folder = state_folder()
        if journal is Journaling.BEGIN:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except (OSError, RuntimeError) as refusal:
        why = getattr(refusal, "strerror", None) or "there is no home folder"
        sentence = f"({why}); {JOURNAL_VARIABLE} may name another place."
        if journal is Journaling.READ:
            raise ConfigurationError(f"There is no journal {sentence}") from None
        if journal is Journaling.BEGIN:
            note(f"gmi: no journal is kept {sentence}")
        return None
    place = folder / "journal.jsonl"
    return place if journal is not Journaling.KEEP or os.access(place, os.W_OK) else None


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
            note(f"gmi: {record.getMessage()}")
