"""A child process that does everything a client can do, against whoever answers.

Arguments: the colour, how many operations, a seed and a folder. It prints what came out, as JSON:
classes that are not ours, how much longer than its bound the slowest operation took, the most
memory held, keys that were shown.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

from peak import peak_kib
from runtime_world import KEY

from gmigen.client import AsyncClient, Client, GMIError, Poll
from gmigen.client.results import AsyncResult, Result
from gmigen.runtime.protocol.effects import Timeouts

BOUND = 0.2
IMPATIENT = Timeouts(connect=1.0, read=0.1, total=0.2)
POLL = Poll(min=0.01, max=0.02, tolerance=0.1)
Deed = Callable[[Any, Random, Path], Any]


def submit(client: Any, *_: Any) -> Any:
    return client.submit("clip-1", {"prompt": "a paper boat"})


def result(client: Any, random: Random, _: Path) -> Any:
    return client.job(random.choice(["o-1", "v-1", "q-1", "hy-1", "req-1"])).result(timeout=BOUND)


def run(client: Any, *_: Any) -> Any:
    return client.run("clip-1", {"prompt": "a paper boat"}, timeout=BOUND)


def refresh(client: Any, *_: Any) -> Any:
    return client.job("v-1").refresh()


def save(client: Any, random: Random, folder: Path) -> Any:
    name = type(client).__name__.replace("Client", "")
    home = f"{client._session.context.base_url}/files/{random.choice(['a.mp4', 'b.png', 'c'])}"

    job = client.job(f"j{random.randrange(3)}")
    kind = AsyncResult if name else Result
    found = kind(job, {"video_url": home}, client._session)
    return found.save(folder / "out", overwrite=True, timeout=BOUND)


def upload(client: Any, random: Random, _: Path) -> Any:
    return client.upload(b"\x89PNG\r\n\x1a\n" + random.randbytes(40), name="a.png")


# What asks again by itself needs no more than four tries, with pauses of seven seconds in all.
DEEDS: dict[Deed, float] = {
    submit: 3 * BOUND,
    result: BOUND,
    run: 4 * BOUND,
    refresh: BOUND,
    save: BOUND,
}
PATIENT: dict[Deed, float] = {
    upload: 20.0,
    lambda client, *_: client.jobs.list("clip-1", limit=150): 20.0,
    lambda client, *_: client.models.list(): 10.0,
    lambda client, *_: client.models.get("clip-1"): 15.0,
}


def is_quiet(error: BaseException) -> bool:
    """Whether the key stands in no text of the error."""
    shown = "".join(traceback.format_exception(error)) + repr(getattr(error, "__dict__", ""))
    return KEY not in shown


class Report:
    def __init__(self) -> None:
        self.endings: Counter[str] = Counter()
        self.foreign: list[str] = []
        self.shown: list[str] = []
        self.slowest = 0.0

    def note(self, error: BaseException | None, late: float) -> None:
        self.slowest = max(self.slowest, late)
        self.endings[type(error).__name__ if error else "well"] += 1
        if error is None:
            return
        if not isinstance(error, GMIError):
            self.foreign.append("".join(traceback.format_exception(error))[-1500:])
        if not is_quiet(error):
            self.shown.append(type(error).__name__)

    def print(self) -> None:
        most = peak_kib() // 1024
        told = {**self.__dict__, "most": most}
        sys.stdout.write(json.dumps(told) + "\n")


def deeds(random: Random, count: int) -> list[tuple[Deed, float]]:
    usual, patient = list(DEEDS.items()), list(PATIENT.items())
    often = 0.02 if count > 1000 else 0.0
    return [random.choice(patient if random.random() < often else usual) for _ in range(count)]


def main() -> None:
    colour, count, seed, folder = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4])
    random, report = Random(seed), Report()
    kind: Any = Client if colour == "sync" else AsyncClient
    client = kind(KEY, poll=POLL, timeout=BOUND, journal=folder / "journal.jsonl")
    context = client._session.context
    context.ask_timeouts = context.submit_timeouts = IMPATIENT
    context.upload_timeouts = context.download_timeouts = IMPATIENT
    loop = asyncio.new_event_loop()
    for deed, bound in deeds(random, count):
        context.throttle.latch.refusal = None
        context.throttle.tokens.next_probe = None
        began = time.monotonic()
        caught: BaseException | None = None
        try:
            value = deed(client, random, folder)
            if colour != "sync":
                loop.run_until_complete(value)
        except Exception as error:
            caught = error
        report.note(caught, time.monotonic() - began - bound)
    if colour != "sync":
        loop.run_until_complete(client.aclose())
    loop.close()
    report.print()


if __name__ == "__main__":
    main()
