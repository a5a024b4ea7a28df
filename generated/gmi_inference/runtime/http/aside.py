# fmt: off
# isort: skip_file
# ruff: noqa
"""Calls that may hang, each in a thread of its own that can be left behind.

No thread pool is used: one that is full of somebody's work, or that is waited for at the end of the
process, would hold up everything.
"""

from __future__ import annotations

import contextlib
import contextvars
import queue
import threading
from collections.abc import Callable
from typing import Any, TypeVar

from ..errors import ConfigurationError

T = TypeVar("T")


def start(work: Callable[[], object], name: str = "gmi-aside") -> None:
    """Run `work` in a daemon thread, with the context variables of the caller."""
    run = contextvars.copy_context().run
    threading.Thread(target=run, args=(work,), name=name, daemon=True).start()


def call_within(call: Callable[[], T], seconds: float) -> T:
    """What `call` returns or raises. Raises TimeoutError when it takes longer."""
    outcomes: queue.SimpleQueue[tuple[Any, BaseException | None]] = queue.SimpleQueue()
    start(lambda: outcomes.put(_outcome(call)))
    try:
        value, error = outcomes.get(timeout=max(seconds, 0.0))
    except queue.Empty:
        raise TimeoutError from None
    if error is not None:
        raise error
    result: T = value
    return result


async def awaited(call: Callable[[], T]) -> T:
    """What `call` returns or raises; cancelling does not wait for it."""
    loop = running_loop()
    future = loop.create_future()

    def told(outcome: tuple[Any, BaseException | None]) -> None:
        if not future.done():
            future.set_result(outcome)

    def work() -> None:
        outcome = _outcome(call)
        with contextlib.suppress(RuntimeError):  # the loop is closed, and nobody waits
            loop.call_soon_threadsafe(told, outcome)

    try:
        start(work)
    except RuntimeError:  # the machine gives no more threads
        return call()
    value, error = await future
    if error is not None:
        raise error
    result: T = value
    return result


def running_loop() -> Any:
    """The running event loop of asyncio. Raises ConfigurationError where there is none."""
    import asyncio

    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        raise ConfigurationError(
            "This needs a running event loop of asyncio. Call it from a coroutine that "
            "asyncio.run() runs; under trio or curio, call the synchronous Client in a thread."
        ) from None


def _outcome(call: Callable[[], Any]) -> tuple[Any, BaseException | None]:
    try:
        return call(), None
    except BaseException as error:
        return None, error
