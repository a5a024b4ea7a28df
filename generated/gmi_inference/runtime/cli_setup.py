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

from .cli_output import note

if TYPE_CHECKING:
    from .client import Client

JOURNAL_VARIABLE = "GMI_JOURNAL"
OFF = "off"


@contextmanager
def client(*, submits: bool = False) -> Iterator[Client]:
    """A client of the environment, closed at the end. Raises ConfigurationError."""
    from .client import Client

    with _warnings(), Client(journal=_journal() if submits else None) as made:
        yield made


def state_folder() -> Path:
    """Where this user's programs keep what they note down."""
    import click

    if sys.platform in ("win32", "darwin"):
        return Path(click.get_app_dir("gmi-inference"))
    given = Path(os.environ.get("XDG_STATE_HOME", ""))
    return (given if given.is_absolute() else Path.home() / ".local/state") / "gmi-inference"


def _journal() -> Path | None:
    """The file in which submissions are noted, unless that is switched off or impossible."""
    given = os.environ.get(JOURNAL_VARIABLE, "")
    if given.casefold() == OFF:
        # The client takes the variable for a path.
        del os.environ[JOURNAL_VARIABLE]
        return None
    if given:
        return Path(given)
    try:
        folder = state_folder()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except (OSError, RuntimeError) as refusal:
        why = getattr(refusal, "strerror", None) or "there is no home folder"
        note(f"gmi: no journal is kept ({why}); {JOURNAL_VARIABLE} may name another place.")
        return None
    return folder / "journal.jsonl"


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
