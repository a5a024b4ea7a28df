"""Models that left the catalogue: their modules import, and say so when they are used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from .base import Request


class RemovedRequest(Request):
    """A request to a model that is gone. Building one raises ModelNotFoundError."""

    REMOVED: ClassVar[str] = ""
    """The date, `YYYY-MM-DD`, of the first snapshot without the model."""

    NEAREST: ClassVar[tuple[str, ...]] = ()
    """Ids of living models that read most like it."""

    if not TYPE_CHECKING:

        def __init__(self, /, **data: Any) -> None:
            from ..runtime.errors import ModelNotFoundError

            if self.NEAREST and self.NEAREST[0].casefold() == self.MODEL_ID.casefold():
                raise ModelNotFoundError(
                    f"The model {self.MODEL_ID} is called {self.NEAREST[0]}, and was so first in "
                    f"the snapshot of {self.REMOVED}; letter case counts. Use that model's class."
                )
            near = f" Living models like it: {', '.join(self.NEAREST)}." if self.NEAREST else ""
            raise ModelNotFoundError(
                f"The model {self.MODEL_ID} left the catalogue; the snapshot of {self.REMOVED} "
                f"was the first without it.{near}"
            )
