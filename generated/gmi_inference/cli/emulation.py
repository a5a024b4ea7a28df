# fmt: off
# isort: skip_file
# ruff: noqa
"""The emulator for the length of a command: nothing is paid, and nothing of it stays."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from ..runtime.errors import ConfigurationError
from .models import catalogued
from .setup import JOURNAL_VARIABLE

SECONDS = 2.0
"""How long a job takes there: long enough to see it happen."""

_KINDS = {"video": "video", "image": "image", "audio": "speech"}


@contextmanager
def emulated(**options: Any) -> Iterator[None]:
    """Set the environment to an emulator on loopback. Raises ConfigurationError without it."""
    # The fixture of the package lies beside this; a package that shares this one has it there.
    with ExitStack() as running:
        try:
            testing = import_module("..testing", __package__)
            running.enter_context(testing.emulated(**options))
        except ImportError as missing:
            raise ConfigurationError(str(missing)) from None
        yield


@contextmanager
def rehearsed(model: str) -> Iterator[None]:
    """The same for a request to a model of this package, the emulator's own or not.

    The journal is one of its own, so that no job of it is looked for later.
    """
    before = os.environ.get(JOURNAL_VARIABLE)
    with (
        emulated(job_seconds=SECONDS, **_likewise(model)),
        tempfile.TemporaryDirectory(prefix="gmi-") as folder,
    ):
        os.environ[JOURNAL_VARIABLE] = str(Path(folder) / "journal.jsonl")
        try:
            yield
        finally:
            os.environ.pop(JOURNAL_VARIABLE)
            if before is not None:
                os.environ[JOURNAL_VARIABLE] = before


def _likewise(model: str) -> dict[str, Any]:
    """What the emulator has to know of a model that may not be in its own catalogue."""
    facts = next(
        (one for id, one in catalogued().items() if id.casefold() == model.casefold()), None
    )
    kind = _KINDS.get(facts.gives[0]) if facts and facts.gives else None
    return {"unknown_models": "accept", "kinds": {facts.id: kind}} if facts and kind else {}
