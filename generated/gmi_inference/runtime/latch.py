# fmt: off
# isort: skip_file
# ruff: noqa
"""A refused key stops every wait of a client at once, not one after the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .errors import AuthenticationError
    from .handles import Handle

HOLD = 30.0


@dataclass
class Latch:
    """The last refusal of the key, believed for 30 s by all who wait; moments are monotonic."""

    refusal: AuthenticationError | None = None
    until: float = 0.0

    def shut(self, refusal: AuthenticationError, now: float) -> None:
        """The API refused the key."""
        self.refusal, self.until = refusal, now + HOLD

    def check(self, now: float, job: Handle) -> None:
        """Raise the refusal again, about `job`, while it holds."""
        if self.refusal is None or now >= self.until:
            self.refusal = None
            return
        known = self.refusal
        error = type(known)(f"Job {job.id} was not asked about. {known}", job=job)
        error.__dict__.update({**known.__dict__, "job": job})
        raise error
