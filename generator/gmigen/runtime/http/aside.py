"""Calls that may hang, each in a thread of its own that can be left behind.

No thread pool is used: one that is full of somebody's work, or that is waited for at the end of the
process, would hold up everything. What they return comes by a `Queue`: before Python 3.13 the `get`
of a `SimpleQueue` may wait for ever in spite of its time-out.
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
Outcome = tuple[Any, "BaseException | None"]
"""What a call returned, or raised."""


def start(work: Callable[[], object], name: str = "gmi-aside") -> threading.Thread:
    """Run `work` in a daemon thread, with the context variables of the caller."""
    run = contextvars.copy_context().run
    thread = threading.Thread(target=run, args=(work,), name=name, daemon=True)
    thread.start()
    return thread


def call_within(call: Callable[[], T], seconds: float, unwanted: Callable[[T], object]) -> T:
    """What `call` returns or raises. Raises TimeoutError when it takes longer; what it returns
    then is handed to `unwanted`.
    """
    outcomes: queue.Queue[Outcome] = queue.Queue()
    left = threading.Event()

    def work() -> None:
        outcomes.put(outcome_of(call))
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
    return cast("T", value_of(outcome))


async def awaited(call: Callable[[], T], unwanted: Callable[[T], object] | None = None) -> T:
    """What `call` returns or raises; cancelling does not wait for it.

    What it returns to nobody is handed to `unwanted`: garbage would be finalized in no order.
    """
    loop = running_loop()
    import asyncio

    outcomes: queue.Queue[Outcome] = queue.Queue()
    woken = asyncio.Event()
    left = threading.Event()

    def work() -> None:
        outcomes.put(outcome_of(call))
        with contextlib.suppress(RuntimeError):  # the loop is closed, and nobody waits
            loop.call_soon_threadsafe(woken.set)
        if left.is_set():
            _drop(outcomes, unwanted)

    try:
        start(work)
    except RuntimeError:  # the machine gives no more threads
        return call()
    try:
        await woken.wait()
        return cast("T", value_of(outcomes.get()))
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


def outcome_of(call: Callable[[], Any]) -> Outcome:
    """What `call` comes to; nothing is raised."""
    try:
        return call(), None
    except BaseException as error:
        return None, error


def value_of(outcome: Outcome) -> Any:
    """What the call returned. Raises what it raised."""
    value, error = outcome
    if error is not None:
        raise error
    return value


def _drop(outcomes: queue.Queue[Outcome], unwanted: Callable[[Any], object] | None) -> None:
    with contextlib.suppress(queue.Empty):
        value, error = outcomes.get_nowait()
        if error is None and unwanted is not None:
            unwanted(value)
