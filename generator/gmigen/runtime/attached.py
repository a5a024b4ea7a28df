"""What can act by itself, such as a job that refreshes: it has a session, or finds one."""

from __future__ import annotations

from importlib import import_module
from typing import Any

_DEFAULT = "..client.default_client"


class Attached:
    """Holds the session it came from. Pickled, it leaves that behind, and where it wakes up it
    uses the one of that process's environment. No session, and so no key, is ever in its state.
    """

    __slots__ = ()

    _session: Any

    def _home(self) -> Any:
        """The session to act with."""
        if self._session is None:
            # By name, so that what can act may stand below what it acts with.
            self._session = import_module(_DEFAULT, __package__).environment_session()
        return self._session
