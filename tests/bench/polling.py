"""Looking at jobs: GETs and the delay until the result is in hand, in virtual time, beside peers.

The peers' paces are those of the pinned versions: fal 0.1 s between looks (the result is one more
GET), openai and wavespeed 1 s, replicate 0.5 s, comfy 0.5 s growing by half up to 5 s. Each GET
takes a tenth of a second. A peer beats us where it needs no more GETs and its delay is shorter.
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

from table import Row
from virtual_world import RUNNING, SUCCESS, Answer, World, fresh

from gmigen.runtime.protocol.effects import Send
from gmigen.runtime.protocol.wait import wait

LENGTHS = (2.0, 5.0, 30.0, 120.0, 600.0, 1800.0)
SAMPLES = 200
LATENCY = 0.1


def _constant(seconds: float) -> Callable[[], Iterator[float]]:
    def paces() -> Iterator[float]:
        while True:
            yield seconds

    return paces


def _comfy() -> Iterator[float]:
    seconds = 0.5
    while True:
        yield seconds
        seconds = min(1.5 * seconds, 5.0)


PEERS: dict[str, tuple[Callable[[], Iterator[float]], int]] = {
    "fal": (_constant(0.1), 1),
    "openai, wavespeed": (_constant(1.0), 0),
    "replicate": (_constant(0.5), 0),
    "comfy": (_comfy, 1),
}
"""The pauses between looks, and how many GETs more the result takes."""


@dataclass(frozen=True)
class Looked:
    """Means over jobs of about one length."""

    gets: float
    delay: float

    def __str__(self) -> str:
        return f"{self.gets:.0f} / {self.delay:.2f} s"


def lengths(about: float) -> list[float]:
    """Lengths around `about`, so that no pace happens to fit."""
    draw = Random(3)
    return [about * draw.uniform(0.7, 1.3) for _ in range(SAMPLES)]


def ours(about: float) -> Looked:
    """The client's own wait, by default."""
    worlds = [_waited(number, length) for number, length in enumerate(lengths(about))]
    late = [world.now - length for world, length in zip(worlds, lengths(about), strict=True)]
    return Looked(statistics.mean(len(world.sends) for world in worlds), statistics.mean(late))


def _waited(seed: int, length: float) -> World:
    """A wait for a job of so many seconds."""

    def serve(_sent: Send, now: float) -> Answer:
        world.now = now + LATENCY
        return SUCCESS if now + LATENCY / 2 >= length else RUNNING

    world = World(serve, draw=None, seed=seed)
    context = world.ctx()
    # The list of jobs is a hint for many jobs of a model; here is one.
    context.waiters.enter = lambda model, job_id: None  # type: ignore[method-assign]
    world.run(wait(context, fresh(), None))
    return world


def peer(name: str, about: float) -> Looked:
    """A peer's loop: look, pause, look again, and fetch the result."""
    paces, more = PEERS[name]
    gets, delays = [], []
    for length in lengths(about):
        now, count = 0.0, 0
        for pause in paces():
            count += 1
            now += LATENCY
            if now - LATENCY / 2 >= length:
                break
            now += pause
        gets.append(count + more)
        delays.append(now + more * LATENCY - length)
    return Looked(statistics.mean(gets), statistics.mean(delays))


def rows() -> list[Row]:
    """For each length our GETs and delay, and whether a peer has fewer of both."""
    found = []
    for length in LENGTHS:
        mine = ours(length)
        others = {name: peer(name, length) for name in PEERS}
        beaten = [
            name for name, its in others.items() if its.gets <= mine.gets and its.delay < mine.delay
        ]
        told = "; ".join(f"{name} {its}" for name, its in others.items())
        note = f"GETs / delay: ours {mine}; {told}"
        found.append(
            Row(
                f"polling, a job of {length:g} s: beaten by",
                len(beaten),
                "peers",
                target=0,
                note=note,
            )
        )
    return found


if __name__ == "__main__":
    for row in rows():
        print(*row.cells())
