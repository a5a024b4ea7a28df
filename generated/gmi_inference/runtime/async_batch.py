# fmt: off
# isort: skip_file
# ruff: noqa
"""Drives a batch on the event loop; a waiting job costs an entry in the agenda, not a task."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING

from .batch import Batch, Done
from .effects import Effect, Emit, Sleep
from .running import Running

if TYPE_CHECKING:
    from .async_driver import AsyncDriver
    from .events import Event

Ready = asyncio.Queue[Running[Done]]


async def drive(
    driver: AsyncDriver, batch: Batch, on_update: Callable[[Event], object] | None = None
) -> AsyncIterator[Done]:
    """Results and errors in the order in which they come."""
    ready: Ready = asyncio.Queue()
    tasks: set[asyncio.Task[None]] = set()
    try:
        while True:
            for running in list(batch.starting()):
                ready.put_nowait(running)
            for running in batch.due(time.monotonic()):
                ready.put_nowait(running)
            if not batch.active:
                return
            stepped = await _next(ready, batch)
            if stepped is None:
                continue
            effect = await _step(driver, stepped, on_update)
            if effect is None:
                yield batch.ended(stepped)
            elif isinstance(effect, Sleep):
                batch.sleeps(stepped, time.monotonic() + effect.seconds)
            else:
                task = asyncio.create_task(_perform(driver, stepped, effect, ready))
                tasks.add(task)
                task.add_done_callback(tasks.discard)
    except (asyncio.CancelledError, KeyboardInterrupt, GeneratorExit) as interruption:
        batch.explain(interruption)
        raise
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        batch.close()


async def _next(ready: Ready, batch: Batch) -> Running[Done] | None:
    due = batch.next_due()
    if due is None or not ready.empty():
        return await ready.get()
    try:
        return await asyncio.wait_for(ready.get(), max(due - time.monotonic(), 0.0))
    except asyncio.TimeoutError:
        return None


async def _step(
    driver: AsyncDriver, running: Running[Done], on_update: Callable[[Event], object] | None
) -> Effect | None:
    """Run a flow to the next effect that takes time; None when it has ended."""
    while (effect := running.next()) is not None:
        if isinstance(effect, Emit):
            await driver.tell(effect.event, on_update)
        elif not driver.answered_at_once(running, effect):
            return effect
    return None


async def _perform(
    driver: AsyncDriver, running: Running[Done], effect: Effect, ready: Ready
) -> None:
    await driver.advance(running, effect)
    await ready.put(running)
