"""Which recordings count: the user's own, and those that came with the generator."""

from __future__ import annotations

from .. import resources
from ..settings import Settings
from .recording import Recording, read_all


def every(settings: Settings) -> tuple[Recording, ...]:
    """All of them.

    Raises:
        RecordingError: when one of them cannot be used.
    """
    own = settings.root / settings.recordings if settings.recordings else None
    return (*read_all(resources.recordings()), *read_all(own))
