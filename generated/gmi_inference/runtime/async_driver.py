# fmt: off
# isort: skip_file
# ruff: noqa
"""Performs the effects of a flow for asynchronous callers."""

from __future__ import annotations

import asyncio
import inspect
import random
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeVar

from .async_transport import AsyncTransport
from .effects import Blocking, Clock, Draw, Effect, Emit, Fetch, Flow, Send, Sleep, WallClock
from .running import Running

if TYPE_CHECKING:
    from .events import Event

T = TypeVar("T")


class AsyncDriver:
    """Runs flows to their end, or step by step for who iterates over their events."""

    def __init__(self, transport: AsyncTransport) -> None:
        self.transport = transport
        self._at_once: dict[type, Callable[[Any], Any]] = {
            Clock: lambda _: time.monotonic(),
            WallClock: lambda _: time.time(),
            Draw: lambda _: random.random(),
        }
        self._awaited: dict[type, Callable[[Any], Awaitable[Any]]] = {
            Send: transport.send,
            Fetch: transport.fetch,
            Sleep: lambda effect: asyncio.sleep(effect.seconds),
            Blocking: lambda effect: asyncio.to_thread(effect.call),
        }

    async def perform(self, effect: Effect) -> Any:
        """Do what the effect asks and return the answer."""
        return await self._awaited[type(effect)](effect)

    def answered_at_once(self, running: Running[Any], effect: Effect) -> bool:
        """Answer an effect that takes no time; False when it does take some."""
        at_once = self._at_once.get(type(effect))
        if at_once is None:
            return False
        running.answer(at_once(effect))
        return True

    async def tell(self, event: Event, on_event: Callable[[Event], object] | None) -> None:
        """Hand an event to a listener, which may be a coroutine function."""
        told = on_event(event) if on_event is not None else None
        if inspect.isawaitable(told):
            await told

    async def advance(self, running: Running[Any], effect: Effect) -> None:
        """Perform `effect` and hand its answer, or what interrupted it, to the flow."""
        if self.answered_at_once(running, effect):
            return
        try:
            running.answer(await self.perform(effect))
        except BaseException as error:
            running.fail(error, private=isinstance(effect, (Send, Fetch)))

    async def events(self, flow: Flow[T]) -> AsyncGenerator[Event, None]:
        """The events of a flow as they come."""
        running = Running(flow)
        try:
            while (effect := running.next()) is not None:
                if isinstance(effect, Emit):
                    yield effect.event
                else:
                    await self.advance(running, effect)
        finally:
            running.close()

    async def run(self, flow: Flow[T], on_event: Callable[[Event], object] | None = None) -> T:
        """The value of a flow, run to its end; `on_event` may be a coroutine function."""
        running = Running(flow)
        try:
            while (effect := running.next()) is not None:
                if isinstance(effect, Emit):
                    await self.tell(effect.event, on_event)
                else:
                    await self.advance(running, effect)
        finally:
            running.close()
        return running.value
