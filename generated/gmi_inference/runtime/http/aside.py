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
from typing import Any, TypeVar, cast

from ..errors import ConfigurationError

T = TypeVar("T")
_Outcome = tuple[Any, "BaseException | None"]


def start(work: Callable[[], object], name: str = "gmi-aside") -> None:
    """Run `work` in a daemon thread, with the context variables of the caller."""
    run = contextvars.copy_context().run
    threading.Thread(target=run, args=(work,), name=name, daemon=True).start()


def call_within(call: Callable[[], T], seconds: float, unwanted: Callable[[T], object]) -> T:
    """What `call` returns or raises. Raises TimeoutError when it takes longer; what it returns
    then is handed to `unwanted`.
    """
    outcomes: queue.SimpleQueue[_Outcome] = queue.SimpleQueue()
    left = threading.Event()

    def work() -> None:
        outcomes.put(_outcome(call))
        if left.is_set():
            _drop(outcomes, unwanted)

    start(work)
    try:
        outcome = outcomes.get(timeout=max(seconds, 0.0))
    except queue.Empty:
        raise TimeoutError from None
    finally:
        left.set()
        _drop(outcomes, unwanted)
    return cast("T", _value(outcome))


async def awaited(call: Callable[[], T], unwanted: Callable[[T], object] | None = None) -> T:
    """What `call` returns or raises; cancelling does not wait for it.

    What it returns to nobody is handed to `unwanted`: garbage would be finalized in no order.
    """
    loop = running_loop()
    outcomes: queue.SimpleQueue[_Outcome] = queue.SimpleQueue()
    woken = loop.create_future()
    left = threading.Event()

    def tell() -> None:
        if not woken.done():
            woken.set_result(None)

    def work() -> None:
        outcomes.put(_outcome(call))
        with contextlib.suppress(RuntimeError):  # the loop is closed, and nobody waits
            loop.call_soon_threadsafe(tell)
        if left.is_set():
            _drop(outcomes, unwanted)

    try:
        start(work)
    except RuntimeError:  # the machine gives no more threads
        return call()
    try:
        await woken
        return cast("T", _value(outcomes.get()))
    finally:
        left.set()
        _drop(outcomes, unwanted)


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


def _outcome(call: Callable[[], Any]) -> _Outcome:
    try:
        return call(), None
    except BaseException as error:
        return None, error


def _value(outcome: _Outcome) -> Any:
    value, error = outcome
    if error is not None:
        raise error
    return value


def _drop(outcomes: queue.SimpleQueue[_Outcome], unwanted: Callable[[Any], object] | None) -> None:
    with contextlib.suppress(queue.Empty):
        value, error = outcomes.get_nowait()
        if error is None and unwanted is not None:
            unwanted(value)
