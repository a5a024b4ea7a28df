"""Flows are driven by either colour: what is raised where, and when they end."""

from __future__ import annotations

import asyncio
import gc
import threading
import time
import traceback
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from wire_world import KEY, answer, get, says, serving, settings_of

from gmigen.runtime.errors import ConfigurationError
from gmigen.runtime.events import Event
from gmigen.runtime.http import aside
from gmigen.runtime.http.drivers import AsyncDriver, FlowRun, SyncDriver
from gmigen.runtime.http.transports import AsyncTransport, SyncTransport
from gmigen.runtime.protocol.effects import Blocking, Emit, Flow, Reply, send, sleep

COLOURS = ("sync", "async")
colours = pytest.mark.parametrize("colour", COLOURS)
NOWHERE = "http://127.0.0.1:9"
EVENT: Any = object()


def test_a_bound_holds_however_short_it_is() -> None:
    for _ in range(2_000):
        over = threading.Event()
        with pytest.raises(TimeoutError):
            aside.call_within(partial(over.wait, 10), 1e-7, bool)
        over.set()


class MineError(Exception):
    pass


def run(colour: str, flow: Flow[Any], on_event: Any = None, url: str = NOWHERE) -> Any:
    config = settings_of(url)
    if colour == "sync":
        transport = SyncTransport(config)
        try:
            return SyncDriver(transport).run(flow, on_event)
        finally:
            transport.close()

    async def main() -> Any:
        aio = AsyncTransport(config)
        try:
            return await AsyncDriver(aio).run(flow, on_event)
        finally:
            await aio.aclose()

    return asyncio.run(main())


@colours
def test_a_flow_is_answered_until_its_end(colour: str) -> None:
    told: list[Event] = []

    async def flow(url: str) -> Any:
        await Emit(EVENT)
        await sleep(0.001)
        here = await Blocking(threading.current_thread)
        found = await send(get(url))
        return here, found

    with serving(says(answer(b"x"))) as server:
        thread, found = run(colour, flow(server.url), told.append, server.url)
    assert told == [EVENT]
    assert isinstance(found, Reply)
    assert (thread is threading.main_thread()) is (colour == "sync")


@colours
def test_what_a_listener_raises_is_raised_in_the_flow_and_then_leaves(colour: str) -> None:
    seen: list[BaseException] = []
    error = MineError("mine")

    def listener(event: Event) -> None:
        raise error

    async def flow() -> None:
        try:
            await Emit(EVENT)
        except BaseException as raised:
            seen.append(raised)
            raise

    with pytest.raises(MineError) as raised:
        run(colour, flow(), listener)
    assert seen == [error]
    assert raised.value is error
    assert any(frame.name == "listener" for frame in traceback.extract_tb(error.__traceback__))


def test_a_listener_may_be_a_coroutine_function() -> None:
    told: list[Event] = []

    async def listener(event: Event) -> None:
        await asyncio.sleep(0)
        told.append(event)

    async def flow() -> int:
        await Emit(EVENT)
        return len(told)

    assert run("async", flow(), listener) == 1


@colours
def test_what_a_blocking_call_raises_is_raised_in_the_flow(colour: str) -> None:
    def refuses() -> None:
        raise MineError

    async def flow() -> str:
        try:
            await Blocking(refuses)
        except MineError:
            return "seen"
        return "lost"

    assert run(colour, flow()) == "seen"


@pytest.mark.row("F18")
def test_a_full_default_executor_holds_up_nothing() -> None:
    release = threading.Event()

    async def main(flow: Flow[Any], url: str) -> Any:
        loop = asyncio.get_running_loop()
        stuck = [loop.run_in_executor(None, release.wait, 30) for _ in range(64)]
        try:
            transport = AsyncTransport(settings_of(url))
            found = await asyncio.wait_for(AsyncDriver(transport).run(flow), 20)
            await transport.aclose()
            return found
        finally:
            release.set()
            await asyncio.gather(*stuck)

    class Body:
        size = 5

        def chunks(self) -> Any:
            yield b"bytes"

    async def flow(url: str) -> Any:
        await Blocking(lambda: 1)
        return await send(get(url, method="PUT", lane="bare", body=Body()))

    with serving(says(answer(b"x"))) as server:
        url = server.url.replace("127.0.0.1", "localhost")
        found = asyncio.run(main(flow(url), url))
    assert isinstance(found, Reply)


def test_cancelling_reaches_the_flow_while_a_call_blocks() -> None:
    release, begun = threading.Event(), threading.Event()
    seen: list[float] = []

    def blocks() -> None:
        begun.set()
        release.wait(30)

    async def flow() -> None:
        try:
            await Blocking(blocks)
        except asyncio.CancelledError:
            seen.append(time.monotonic())
            await Blocking(lambda: seen.append(time.monotonic()))
            raise

    async def main() -> None:
        task = asyncio.ensure_future(AsyncDriver(AsyncTransport(settings_of(NOWHERE))).run(flow()))
        await asyncio.to_thread(begun.wait, 10)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert len(seen) == 2
        assert not release.is_set()
        release.set()

    asyncio.run(main())


def test_a_blocking_call_that_outlives_its_loop_is_forgotten_in_silence() -> None:
    release, begun, ended = threading.Event(), threading.Event(), threading.Event()

    def blocks() -> None:
        begun.set()
        release.wait(30)
        ended.set()

    async def flow() -> None:
        await Blocking(blocks)

    async def main() -> None:
        driver = AsyncDriver(AsyncTransport(settings_of(NOWHERE)))
        left = asyncio.ensure_future(driver.run(flow()))
        await asyncio.to_thread(begun.wait, 10)
        assert not left.done()

    asyncio.run(main())
    release.set()
    assert ended.wait(10)
    for thread in threading.enumerate():
        if thread.name == "gmi-aside":
            thread.join(10)


@colours
def test_a_flow_that_never_began_is_closed_without_a_warning(colour: str) -> None:
    async def flow() -> None:
        await Emit(EVENT)

    FlowRun(flow()).close()
    if colour == "sync":
        SyncDriver(SyncTransport(settings_of(NOWHERE))).events(flow()).close()
    else:
        AsyncDriver(AsyncTransport(settings_of(NOWHERE))).events(flow())
    gc.collect()


@pytest.mark.row("R18")
def test_a_flow_outside_of_asyncio_is_refused_before_its_start() -> None:
    begun: list[int] = []

    async def flow() -> None:
        begun.append(1)
        await sleep(1)

    driver = AsyncDriver(AsyncTransport(settings_of(NOWHERE)))
    for awaitable in (driver.run(flow()), driver.events(flow()).__anext__()):
        with pytest.raises(ConfigurationError, match="asyncio"):
            awaitable.send(None)
    assert begun == []


def test_events_end_their_flow_as_soon_as_nobody_listens() -> None:
    ended: list[str] = []

    async def flow(name: str) -> None:
        try:
            while True:
                await Emit(EVENT)
        finally:
            ended.append(name)

    async def main() -> None:
        driver = AsyncDriver(AsyncTransport(settings_of(NOWHERE)))
        async for _ in driver.events(flow("left")):
            break
        assert ended == ["left"]
        events = driver.events(flow("closed"))
        await events.__anext__()
        await events.aclose()
        assert ended == ["left", "closed"]

    asyncio.run(main())
    events = SyncDriver(SyncTransport(settings_of(NOWHERE))).events(flow("sync"))
    next(events)
    events.close()
    assert ended == ["left", "closed", "sync"]


@colours
@pytest.mark.row("R20")
def test_no_frame_with_the_key_in_it_reaches_the_flow(colour: str) -> None:
    """The caller's own frames stay: those are what he looks for."""

    class Sink:
        def write(self, data: bytes, /) -> None:
            raise MineError

    seen: list[traceback.TracebackException] = []

    async def flow(url: str) -> None:
        try:
            await get(url, sink=lambda head: Sink())
        except MineError as error:
            seen.append(traceback.TracebackException.from_exception(error, capture_locals=True))
            raise

    with serving(says(answer(b"x"))) as server, pytest.raises(MineError) as raised:
        run(colour, flow(server.url), url=server.url)
    shown = "".join(seen[0].format())
    assert KEY not in shown
    assert "in write" in shown
    assert "httpcore" not in shown
    assert "in write" in "".join(traceback.format_exception(raised.value))


def listener_of(error: BaseException) -> Callable[[Event], None]:
    def listener(event: Event) -> None:
        raise error

    return listener


@colours
def test_a_flow_may_take_a_listeners_error_for_an_answer(colour: str) -> None:
    async def flow() -> str:
        try:
            await Emit(EVENT)
        except MineError:
            return "taken"
        return "not raised"

    assert run(colour, flow(), listener_of(MineError())) == "taken"
