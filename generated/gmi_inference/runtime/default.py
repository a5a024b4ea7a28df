# fmt: off
# isort: skip_file
# ruff: noqa
"""The client nobody made: from the environment, for one-liners and for handles that woke up."""

from __future__ import annotations

import atexit
import os
import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from . import operations
from .core import DEFAULT, JOURNAL_VARIABLE, Core, DefaultType, waiting_time
from .settings import BASE_URL_VARIABLE, KEY_VARIABLE, ORGANIZATION_VARIABLE

if TYPE_CHECKING:
    from .artifacts import Result
    from .events import Event
    from .submittable import Submittable

_VARIABLES = (KEY_VARIABLE, ORGANIZATION_VARIABLE, BASE_URL_VARIABLE, JOURNAL_VARIABLE)
_lock = threading.Lock()
# The environment is remembered as a number, so that the key stands in no global.
_made: tuple[int, Core] | None = None


def default_core() -> Core:
    """The client of the environment, made again when the environment has changed.

    Raises ConfigurationError when there is no key in it.
    """
    global _made
    environment = hash(tuple(os.environ.get(name) for name in _VARIABLES))
    with _lock:
        if _made is None or _made[0] != environment:
            if _made is None:
                atexit.register(_close)
            else:
                _made[1].close()
            _made = (environment, Core())
        return _made[1]


def _close() -> None:
    if _made is not None:
        _made[1].close()


def run(
    request: Submittable,
    payload: Mapping[str, Any] | None = None,
    *,
    timeout: float | DefaultType | None = DEFAULT,
    on_update: Callable[[Event], object] | None = None,
) -> Result:
    """Submit a request, wait and return the result, with the client of the environment.

    See `Client.run` for the arguments and what it raises.
    """
    core = default_core()
    bound = waiting_time(core, timeout)
    return core.sync.run(operations.run(core, request, payload, core.job, bound), on_update)


async def arun(
    request: Submittable,
    payload: Mapping[str, Any] | None = None,
    *,
    timeout: float | DefaultType | None = DEFAULT,
    on_update: Callable[[Event], object] | None = None,
) -> Result:
    """The same as `run`, awaited."""
    core = default_core()
    bound = waiting_time(core, timeout)
    flow = operations.run(core, request, payload, core.async_job, bound)
    return await core.aio.run(flow, on_update)
