# fmt: off
# isort: skip_file
# ruff: noqa
"""Drives a batch on the event loop; a waiting job costs an entry in the agenda, not a task."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from ...runtime.clock import monotonic
from ...runtime.errors import GMIError
from ...runtime.http.drivers import AsyncDriver, FlowRun, Listener
from ...runtime.protocol.effects import Effect, Emit, Sleep
from ..results import AsyncResult
from .scheduler import Batch

Run = FlowRun[AsyncResult | GMIError]
Ready = asyncio.Queue[Run]


async def drive(
    driver: AsyncDriver,
    batch: Batch[AsyncResult],
    on_update: Listener | None,
) -> AsyncIterator[AsyncResult | GMIError]:
    """Results and errors in the order in which they come, or in that of the requests."""
    ready: Ready = asyncio.Queue()
    tasks: set[asyncio.Task[None]] = set()
    try:
        while True:
            for run in batch.ready(monotonic()):
                ready.put_nowait(run)
            if not batch.active:
                return
            stepped = await _next(ready, batch)
            if stepped is None:
                continue
            effect = await _step(driver, stepped, on_update)
            if effect is None:
                for one in batch.ended(stepped):
                    yield one
            elif isinstance(effect, Sleep):
                batch.sleeps(stepped, monotonic() + effect.seconds)
            else:
                task = asyncio.create_task(_perform(driver, stepped, effect, ready))
                tasks.add(task)
                task.add_done_callback(tasks.discard)
    except BaseException as exception:
        batch.explain(exception)
        raise
    finally:
        for task in tasks:
            task.cancel()
        batch.close()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _next(ready: Ready, batch: Batch[AsyncResult]) -> Run | None:
    due = batch.next_due()
    if due is None or not ready.empty():
        return await ready.get()
    try:
        return await asyncio.wait_for(ready.get(), max(due - monotonic(), 0.0))
    except asyncio.TimeoutError:
        return None


async def _step(driver: AsyncDriver, run: Run, on_update: Listener | None) -> Effect | None:
    """Run a flow to the next effect that takes time; None when it has ended."""
    while (effect := run.next()) is not None:
        if not isinstance(effect, Emit):
            return effect
        await driver.tell(run, effect.event, on_update)
    return None


async def _perform(driver: AsyncDriver, run: Run, effect: Effect, ready: Ready) -> None:
    await driver.advance(run, effect)
    await ready.put(run)
