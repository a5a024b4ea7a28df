"""Perform the effects of flows, for synchronous and for asynchronous callers."""

from __future__ import annotations

import inspect
import time
from collections.abc import AsyncIterator, Callable, Generator
from contextlib import closing
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from ..protocol.effects import Blocking, Effect, Emit, Flow, Send, Sleep
from . import aside
from .failures import without_ours

if TYPE_CHECKING:
    from ..events import Event
    from .transports import AsyncTransport, SyncTransport

T = TypeVar("T")
Listener = Callable[["Event"], object]


class FlowRun(Generic[T]):
    """One flow under way, stepped by whoever performs its effects.

    Ask for the `next` effect, then `answer` it or `fail` it; None at the end, with `value`.
    """

    __slots__ = ("_answer", "_error", "_flow", "value")

    value: T

    def __init__(self, flow: Flow[T]) -> None:
        self._flow = flow
        self._answer: Any = None
        self._error: BaseException | None = None

    def next(self) -> Effect | None:
        """The next effect to perform; None when the flow has returned. Raises what it raises."""
        error, answer = self._error, self._answer
        self._error = self._answer = None
        try:
            return self._flow.send(answer) if error is None else self._flow.throw(error)
        except StopIteration as end:
            self.value = end.value
            return None

    def answer(self, value: Any) -> None:
        """What the effect brought."""
        self._answer = value

    def fail(self, error: BaseException, *, private: bool = False) -> None:
        """What the effect was interrupted by; the flow sees it raised at its `await`.

        With `private` the frames of ours and of the HTTP library are cut from it: they hold the
        key in a header.
        """
        if isinstance(error, (StopIteration, StopAsyncIteration)):
            # In a coroutine it would pass for a return; Python says the same of a generator.
            told = RuntimeError(f"a callback raised {type(error).__name__}")
            told.__cause__ = error
            error = told
        self._error = without_ours(error) if private else error

    def close(self) -> None:
        """Leave the flow where it stands, or before its start."""
        self._flow.close()

    def __del__(self) -> None:
        self._flow.close()


class SyncDriver:
    """Runs flows to their end, or step by step for who iterates over their events."""

    def __init__(self, transport: SyncTransport) -> None:
        self.transport = transport

    def advance(self, run: FlowRun[Any], effect: Effect) -> None:
        """Perform `effect` and hand its answer, or what interrupted it, to the flow.

        An Emit is for whoever drives.
        """
        try:
            if isinstance(effect, Send):
                run.answer(self.transport.send(effect))
            elif isinstance(effect, Sleep):
                time.sleep(effect.seconds)
            elif isinstance(effect, Blocking):
                run.answer(effect.call())
        except BaseException as error:
            run.fail(error, private=isinstance(effect, Send))

    def tell(self, run: FlowRun[Any], event: Event, on_event: Listener | None) -> None:
        """Hand an event to a listener, and what it raises to the flow."""
        try:
            if on_event is not None:
                on_event(event)
        except BaseException as error:
            run.fail(error)

    def events(self, flow: Flow[T]) -> Generator[Event, None, T]:
        """The events of a flow as they come; its value is that of the generator."""
        return self._events(FlowRun(flow))

    def _events(self, run: FlowRun[T]) -> Generator[Event, None, T]:
        with closing(run):
            while (effect := run.next()) is not None:
                if isinstance(effect, Emit):
                    yield effect.event
                else:
                    self.advance(run, effect)
        return run.value

    def run(self, flow: Flow[T], on_event: Listener | None = None) -> T:
        """The value of a flow, run to its end."""
        run = FlowRun(flow)
        for event in self._events(run):
            self.tell(run, event, on_event)
        return run.value


class AsyncDriver:
    """Runs flows to their end, or step by step for who iterates over their events."""

    def __init__(self, transport: AsyncTransport) -> None:
        self.transport = transport

    async def advance(self, run: FlowRun[Any], effect: Effect) -> None:
        """Perform `effect` and hand its answer, or what interrupted it, to the flow.

        An Emit is for whoever drives.
        """
        try:
            if isinstance(effect, Send):
                run.answer(await self.transport.send(effect))
            elif isinstance(effect, Sleep):
                import asyncio

                await asyncio.sleep(effect.seconds)
            elif isinstance(effect, Blocking):
                run.answer(await aside.awaited(effect.call))
        except BaseException as error:
            run.fail(error, private=isinstance(effect, Send))

    async def tell(self, run: FlowRun[Any], event: Event, on_event: Listener | None) -> None:
        """Hand an event to a listener, which may be a coroutine function; what it raises goes to
        the flow."""
        try:
            told = on_event(event) if on_event is not None else None
            if inspect.isawaitable(told):
                await told
        except BaseException as error:
            run.fail(error)

    def events(self, flow: Flow[Any]) -> Events:
        """The events of a flow as they come."""
        return Events(self, FlowRun(flow))

    async def run(self, flow: Flow[T], on_event: Listener | None = None) -> T:
        """The value of a flow, run to its end; `on_event` may be a coroutine function."""
        run = FlowRun(flow)
        async for event in Events(self, run):
            await self.tell(run, event, on_event)
        return run.value


class Events(AsyncIterator["Event"]):
    """The events of one flow. It ends the flow when it is closed or nobody holds it any more.

    An asynchronous generator would leave that to a task of the loop, which may never run.
    """

    def __init__(self, driver: AsyncDriver, run: FlowRun[Any]) -> None:
        self._driver = driver
        self._run = run

    async def __anext__(self) -> Event:
        aside.running_loop()
        while (effect := self._run.next()) is not None:
            if isinstance(effect, Emit):
                return effect.event
            await self._driver.advance(self._run, effect)
        raise StopAsyncIteration

    async def aclose(self) -> None:
        """Leave the flow where it stands."""
        self._run.close()
