# fmt: off
# isort: skip_file
# ruff: noqa
"""Performs the effects of a flow for synchronous callers."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any, TypeVar

from .effects import (
    Blocking,
    Clock,
    Draw,
    Effect,
    Emit,
    Fetch,
    Flow,
    Send,
    Sleep,
    WallClock,
)
from .running import Running
from .sync_transport import SyncTransport

if TYPE_CHECKING:
    from .events import Event

T = TypeVar("T")


class SyncDriver:
    """Runs flows to their end, or step by step for who iterates over their events."""

    def __init__(self, transport: SyncTransport) -> None:
        self.transport = transport
        self._performers: dict[type, Callable[[Any], Any]] = {
            Send: transport.send,
            Fetch: transport.fetch,
            Sleep: lambda effect: time.sleep(effect.seconds),
            Clock: lambda _: time.monotonic(),
            WallClock: lambda _: time.time(),
            Draw: lambda _: random.random(),
            Blocking: lambda effect: effect.call(),
        }

    def perform(self, effect: Effect) -> Any:
        """Do what the effect asks and return the answer."""
        return self._performers[type(effect)](effect)

    def advance(self, running: Running[Any], effect: Effect) -> None:
        """Perform `effect` and hand its answer, or what interrupted it, to the flow."""
        try:
            running.answer(self.perform(effect))
        except BaseException as error:
            running.fail(error, private=isinstance(effect, (Send, Fetch)))

    def events(self, flow: Flow[T]) -> Generator[Event, None, T]:
        """The events of a flow as they come; its value is that of the generator."""
        running = Running(flow)
        try:
            while (effect := running.next()) is not None:
                if isinstance(effect, Emit):
                    yield effect.event
                else:
                    self.advance(running, effect)
        finally:
            running.close()
        return running.value

    def run(self, flow: Flow[T], on_event: Callable[[Event], object] | None = None) -> T:
        """The value of a flow, run to its end."""
        events = self.events(flow)
        try:
            while True:
                event = next(events)
                if on_event is not None:
                    on_event(event)
        except StopIteration as end:
            value: T = end.value
            return value
        finally:
            events.close()
