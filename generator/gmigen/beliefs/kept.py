"""Which recordings count: the user's own, and those that came with the generator."""

from __future__ import annotations

from .. import resources
from ..problems import Problem
from ..settings import Settings
from .recording import Recording, read_all


def absent(settings: Settings) -> Problem | None:
    """The note that a folder of the settings is not there; None where all is well."""
    folder = settings.root / settings.recordings
    if not settings.recordings or folder.is_dir():
        return None
    message = f"there is no folder {folder}, which `recordings` names; it counts as empty"
    return Problem("note", "", "", "folder-absent", message)


def every(settings: Settings) -> tuple[Recording, ...]:
    """All of them.

    Raises:
        RecordingError: when one of them cannot be used.
    """
    own = settings.root / settings.recordings if settings.recordings else None
    return (*read_all(resources.recordings()), *read_all(own))
