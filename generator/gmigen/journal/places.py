"""Which journal a place means."""

from __future__ import annotations

import os
from typing import Any, cast

from ..runtime.config import JOURNAL_VARIABLE
from ..runtime.errors import ConfigurationError
from ..runtime.protocol.entries import JournalStore
from .file import Journal

_DATABASES = (".db", ".sqlite", ".sqlite3")


def journal_at(given: str | os.PathLike[str] | JournalStore | None) -> JournalStore | None:
    """The journal that `journal=` of a client means, or `GMI_JOURNAL` where it is None; None for
    none. Opens no file. Raises ConfigurationError.
    """
    if all(hasattr(given, word) for word in ("append", "find", "claim")):
        return cast("JournalStore", given)
    place: Any = given or os.environ.get(JOURNAL_VARIABLE)
    if not place or (isinstance(place, str) and place.casefold() == "off"):
        return None
    if not isinstance(place, (str, os.PathLike)):
        raise ConfigurationError(
            "journal= is the path of a file, or an object with the words append, find and claim."
        )
    if os.fspath(place).endswith(_DATABASES):
        from .sqlite import SQLiteJournal

        return SQLiteJournal(place)
    return Journal(place)
