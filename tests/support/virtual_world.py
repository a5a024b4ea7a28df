"""A driver whose time is a number, and a server that is a function: policy without waiting."""

from __future__ import annotations

import heapq
import itertools
import json
from collections.abc import Callable, Iterable
from random import Random
from typing import Any, TypeVar

from gmigen.runtime.events import Event
from gmigen.runtime.http.drivers import FlowRun
from gmigen.runtime.protocol.context import Context
from gmigen.runtime.protocol.effects import Blocking, Emit, Failure, Flow, Reply, Send, Sleep
from gmigen.runtime.protocol.effects import World as Clocks
from gmigen.runtime.protocol.wait import wait
from gmigen.runtime.records import Handle, Record

T = TypeVar("T")
BASE = "https://api.example/queue"
WALL = 1_800_000_000.0
Answer = Reply | Failure


def reply(status: int = 200, body: Any = None, headers: dict[str, str] | None = None) -> Reply:
    """An answer with a JSON body, or with bytes as they are."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Reply(status, headers or {}, raw)


def record(status: str, *, id: str = "j1", model: str = "Veo3", **more: Any) -> Reply:
    """A job record."""
    return reply(200, {"request_id": id, "model": model, "status": status, **more})


SUCCESS = record("success", outcome={"video_url": "https://media.example/a.mp4"})
DROPPED = Failure("broken", True, "the connection was dropped")
PAGE = reply(200, b"<html><title>Sign in</title></html>")


class World:
    """Performs effects in virtual time; `serve(send, now)` answers requests."""

    def __init__(
        self, serve: Callable[[Send, float], Answer], draw: float | None = 0.5, seed: int = 0
    ) -> None:
        self.serve = serve
        self.now = 0.0
        self.sends: list[tuple[float, Send]] = []
        self.events: list[Event] = []
        self._draw = draw
        self.random = Random(seed).random
        self.interrupt: BaseException | None = None
        self.tokens = itertools.count(1)

    def ctx(self, **manners: Any) -> Context:
        """The API, with the clocks of this world."""
        clocks = Clocks(
            lambda: self.now,
            lambda: WALL + self.now,
            lambda: self._draw if self._draw is not None else self.random(),
            lambda: f"attempt-{next(self.tokens)}",
        )
        return Context(BASE, False, clocks, **manners)

    @classmethod
    def answering(cls, answers: Iterable[Answer]) -> World:
        """A server that gives these answers in turn, the last one for ever."""
        rest = iter(answers)
        last: list[Answer] = []

        def serve(_send: Send, _now: float) -> Answer:
            for answer in rest:
                last[:] = [answer]
                break
            return last[0]

        return cls(serve)

    def run(self, flow: Flow[T]) -> T:
        running = FlowRun(flow)
        while (slept := self.step(running)) is not None:
            self.now += slept
        return running.value

    def step(self, running: FlowRun[Any]) -> float | None:
        """Run a flow until it sleeps, and for how long; None at its end."""
        while (effect := running.next()) is not None:
            if isinstance(effect, Send):
                self.sends.append((self.now, effect))
                answer = self.serve(effect, self.now)
                if self.interrupt is not None:
                    running.fail(self.interrupt, private=True)
                    continue
                running.answer(answer)
            elif isinstance(effect, Sleep):
                assert effect.seconds >= 0
                return effect.seconds
            elif isinstance(effect, Emit):
                self.events.append(effect.event)
            elif isinstance(effect, Blocking):
                try:
                    running.answer(effect.call())
                except Exception as error:
                    running.fail(error, private=False)
            else:
                raise AssertionError(f"unexpected {effect}")
        return None

    @property
    def posts(self) -> list[tuple[float, Send]]:
        return [sent for sent in self.sends if sent[1].method == "POST"]

    @property
    def kinds(self) -> list[str]:
        return [event.kind for event in self.events]


class Crowd(World):
    """Many flows at once, each stepped when its sleep is over, all in one virtual time."""

    def run_all(self, flows: Iterable[Flow[Any]]) -> list[Any]:
        """What each flow returned or raised, in their order."""
        running = [FlowRun(flow) for flow in flows]
        ended: list[Any] = [None] * len(running)
        agenda = [(self.now, number) for number in range(len(running))]
        heapq.heapify(agenda)
        while agenda:
            self.now, number = heapq.heappop(agenda)
            try:
                slept = self.step(running[number])
            except Exception as error:
                ended[number] = error
                continue
            if slept is None:
                ended[number] = running[number].value
            else:
                heapq.heappush(agenda, (self.now + slept, number))
        return ended


RUNNING = record("processing")


def fresh(status: str = "queued") -> Handle:
    """A handle as it is right after its submission."""
    known = Record("j1", "Veo3", status, {}, raw={"request_id": "j1"})
    return Handle("j1", record=known, submitted_at=WALL)


def waiting(
    world: World, timeout: float | None = 1800.0, job: Handle | None = None, **manners: Any
) -> Record:
    return world.run(wait(world.ctx(**manners), job or fresh(), timeout))
