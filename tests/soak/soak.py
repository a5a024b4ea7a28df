"""Load, in figures: `python tests/soak/soak.py`. Every figure is counted by the server's side.

Three parts. Many jobs in flight in one process, against an emulator in another, over loopback.
Many looks and submissions in virtual time, with 5 % faults. And processes killed at random
instants, with the journal. Fails when a job is lost, submitted twice or starved.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
SUPPORT = HERE.parent / "support"
sys.path.insert(0, str(SUPPORT))

from runtime_world import DOCUMENTS  # noqa: E402
from virtual_world import DROPPED, PAGE, Answer, Crowd, reply  # noqa: E402

from gmigen.emulator import Emulator, emulator, faults  # noqa: E402
from gmigen.runtime import AsyncClient, Client, errors  # noqa: E402
from gmigen.runtime.journal.file import Journal  # noqa: E402
from gmigen.runtime.protocol.attempts import Undertaking  # noqa: E402
from gmigen.runtime.protocol.effects import Failure, Send  # noqa: E402
from gmigen.runtime.protocol.entries import attempts as noted  # noqa: E402
from gmigen.runtime.protocol.submit import submit  # noqa: E402
from gmigen.runtime.protocol.wait import wait  # noqa: E402
from gmigen.runtime.records import Handle, Record  # noqa: E402

MODEL = "clip-1"
FAULTY = 0.05


def say(line: str = "") -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def bound(trials: int) -> str:
    """What nothing in so many trials means: the rule of three."""
    return f"0 of {trials:,}: < 3/{trials:,} = {3 / trials:.1e} at 95 %"


# Many jobs in flight.


@dataclass
class Watcher:
    """Looks at this process while it works, from a thread: memory, sockets and the loop's lag."""

    rss_mb: float = 0.0
    sockets: int = 0
    stopping: threading.Event = field(default_factory=threading.Event)

    def watch(self) -> None:
        while not self.stopping.wait(0.5):
            pages = int(Path("/proc/self/statm").read_text().split()[1])
            self.rss_mb = max(self.rss_mb, pages * os.sysconf("SC_PAGE_SIZE") / 1e6)
            self.sockets = max(self.sockets, _sockets())


def _sockets() -> int:
    found = 0
    for entry in Path("/proc/self/fd").iterdir():
        try:
            found += str(entry.readlink()).startswith("socket:")
        except OSError:
            continue
    return found


@contextmanager
def server(share: float) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, str(HERE / "soak_server.py"), str(share)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


async def _fly(base_url: str, jobs: int, seconds: float, advance: Any) -> dict[str, Any]:
    lags: list[float] = []

    async def measure() -> None:
        while True:
            before = time.monotonic()
            await asyncio.sleep(0.05)
            lags.append(time.monotonic() - before - 0.05)

    async with AsyncClient("soak-key", base_url=base_url) as client:
        numbers = iter(range(jobs))
        handles: list[Any] = []

        async def submitting() -> None:
            for number in numbers:
                handles.append(await client.submit(MODEL, {"prompt": f"boat {number}"}))

        began = time.monotonic()
        await asyncio.gather(*(submitting() for _ in range(4)))
        submitted = time.monotonic() - began
        cpu = time.process_time()
        lagging = asyncio.create_task(measure())
        waits = [asyncio.create_task(handle.result(timeout=None)) for handle in handles]
        await asyncio.sleep(seconds)
        running = sum(not one.done() for one in waits)
        cpu = time.process_time() - cpu
        lagging.cancel()
        await asyncio.to_thread(advance)
        ended = await asyncio.gather(*waits, return_exceptions=True)
        return {
            "submitted_in": submitted,
            "running": running,
            "cpu_share": cpu / seconds,
            "late": sorted(lags)[int(0.99 * len(lags))],
            "latest": max(lags),
            "succeeded": sum(not isinstance(one, BaseException) for one in ended),
            "ids": len({handle.id for handle in handles}),
        }


def in_flight(jobs: int, seconds: float) -> bool:
    say(f"{jobs:,} jobs in flight in one process, {FAULTY:.0%} of the answers faulty")
    watcher = Watcher()
    thread = threading.Thread(target=watcher.watch, daemon=True)
    with server(FAULTY) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        answers, told = process.stdout, process.stdin
        base_url = answers.readline().strip()

        def advance() -> None:
            told.write("2000\n")
            told.flush()
            answers.readline()

        before = _sockets()
        thread.start()
        seen = asyncio.run(_fly(base_url, jobs, seconds, advance))
        watcher.stopping.set()
        thread.join()
        told.close()
        ledger = json.loads(answers.readline())
    sockets = watcher.sockets - before
    looks, lists = ledger["looks"], ledger["lists"]
    fair = 2 * max(60.0, jobs / 20) + 10
    say(f"  submitted in {seen['submitted_in']:.0f} s; {seen['running']:,} running at once")
    say(f"  memory of the process {watcher.rss_mb:.0f} MB; sockets at most {sockets}")
    say(f"  {looks:,} looks and {lists:,} lists ({ledger['struck']:,} faulty)")
    late, latest = seen["late"] * 1000, seen["latest"] * 1000
    say(f"  CPU {seen['cpu_share']:.0%} of a core")
    say(f"  event loop late by {late:.0f} ms (99 % of the time), {latest:.0f} ms at most")
    say(f"  longest time between two looks at one job {ledger['longest_gap']:.1f} s")
    say(f"  lost {jobs - seen['succeeded']}, never looked at {ledger['never_shown']}")
    say(f"  submitted twice: {bound(jobs)}" if ledger["billed"] == jobs else "  BILLED TWICE")
    say()
    return (
        seen["succeeded"] == seen["ids"] == ledger["posts"] == ledger["billed"] == jobs
        and seen["running"] == jobs
        and ledger["duplicates"] == ledger["never_shown"] == ledger["foreign_credentials"] == 0
        and watcher.rss_mb < 200
        and sockets <= 25
        and ledger["longest_gap"] <= fair
        and looks + lists > 0
    )


# Many looks in virtual time.

ENDS = ("success", "success", "success", "failed", "cancelled")
BAD_LOOKS = (
    DROPPED, PAGE, reply(503, b""), reply(429, {}, {"retry-after": "1"}), reply(404, {}),
    reply(200, b'{"request_'), reply(200, {"request_id": "x", "status": "success"}),
)  # fmt: skip
BAD_POSTS = (
    # Was a job made, and what is seen of it?
    (True, DROPPED), (False, DROPPED), (True, reply(504, b"<html>")), (True, PAGE),
    (False, reply(429, {}, {"retry-after": "1"})), (False, Failure("connect", False, "refused")),
    (False, reply(400, {"error": "bad"})), (False, reply(503, {"error": "full"})),
)  # fmt: skip


@dataclass
class Service:
    """The reference: what was really made, and its true end."""

    chance: random.Random
    ends: dict[str, tuple[float, str]] = field(default_factory=dict)
    made_for: list[str] = field(default_factory=list)
    posts: int = 0
    looks: int = 0
    struck: int = 0

    def __call__(self, sent: Send, now: float) -> Answer:
        bad = self.chance.random() < FAULTY
        self.struck += bad
        if sent.method == "POST":
            self.posts += 1
            made, seen = self.chance.choice(BAD_POSTS) if bad else (True, None)
            if made:
                job = f"j{len(self.ends)}"
                end = (now + self.chance.uniform(1, 900), self.chance.choice(ENDS))
                self.ends[job] = end
                self.made_for.append(json.loads(sent.body)["payload"]["n"])  # type: ignore[arg-type]
            return seen or reply(200, {"request_id": job, "model": MODEL, "status": "queued"})
        self.looks += 1
        if bad:
            return self.chance.choice(BAD_LOOKS)
        job = sent.url.rpartition("/")[2]
        due, end = self.ends[job]
        told = {"request_id": job, "model": MODEL, "status": end if now >= due else "processing"}
        outcome = {"video_url": "https://m.example/a.mp4"} if now >= due else None
        return reply(200, {**told, "outcome": outcome})


def in_virtual_time(polls: int, seed: int = 0) -> bool:
    say(f"{polls:,} looks and submissions in virtual time, {FAULTY:.0%} of the answers faulty")
    chance = random.Random(seed)
    service = Service(chance)
    submits = lost = wrong = 0
    kinds: dict[str, int] = {}
    began = time.monotonic()
    while service.looks + service.posts < polls:

        async def one(number: int, shared: Any) -> Any:
            try:
                begun = Undertaking(MODEL)
                handle = await submit(shared, MODEL, {"n": number}, _handle, begun)
            except errors.SubmissionUnknownError:
                return "unknown", None
            except errors.GMIError:
                return "refused", None
            try:
                record = await wait(shared, handle, 3600.0)
            except (errors.JobTimeoutError, errors.JobUnreachableError):
                return "still running", handle.id
            return record.status, handle.id

        crowd = min(500, 1 + polls // 100)
        world = Crowd(service, draw=None, seed=chance.randrange(2**31))
        shared = world.ctx()
        # The list is another matter; here every look is one call.
        shared.waiters.enter = lambda model, job_id: None  # type: ignore[method-assign]
        flows = [one(submits + number, shared) for number in range(crowd)]
        submits += crowd
        for ended in world.run_all(flows):
            if isinstance(ended, BaseException):
                lost += 1
                continue
            kind, job = ended
            kinds[kind] = kinds.get(kind, 0) + 1
            wrong += job is not None and kind != "still running" and service.ends[job][1] != kind
    duplicates = len(service.made_for) - len(set(service.made_for))
    took = time.monotonic() - began
    say(f"  {service.looks:,} looks, {service.posts:,} POSTs for {submits:,} submissions")
    rate = (service.looks + service.posts) / took
    say(f"  {service.struck:,} faults; {took:.0f} s, {rate:,.0f}/s")
    say(f"  ends: {', '.join(f'{name} {count:,}' for name, count in sorted(kinds.items()))}")
    say(f"  lost {lost}, wrong state {wrong}, submitted twice {duplicates}")
    if lost == wrong == duplicates == 0:
        say(f"  submitted twice: {bound(submits)}")
        say(f"  lost or wrong: {bound(service.looks)}")
    say()
    return lost == wrong == duplicates == 0 and sum(kinds.values()) == submits


def _handle(record: Record) -> Handle:
    return Handle(record.id, record=record)


# Killed processes.


def killed(kills: int, seed: int = 0) -> bool:
    say(f"{kills:,} processes killed at random instants of submitting, looking and downloading")
    chance = random.Random(seed)
    torn = unaccounted = twice = 0
    places: dict[str, int] = {}
    with emulator(DOCUMENTS, job_seconds=0.2) as running:
        running.faults.add("media", faults.Drip(size=400, seconds=0.01), nth=None)
        for _ in range(kills):
            with tempfile.TemporaryDirectory() as name:
                folder = Path(name)
                before = len(running.ledger.posts())
                _kill_one(running, folder, chance)
                posts = running.ledger.posts()[before:]
                twice += len(posts) > 1
                billed = {post.request_id for post in posts if post.created}
                place, accounted = _account(running, folder, billed)
                places[place] = places.get(place, 0) + 1
                unaccounted += not accounted
                twice += len(running.ledger.posts()) - before > 1
                final = folder / "boat.mp4"
                if final.exists():
                    (job,) = billed
                    media = [e for e in running.ledger.requests(route="media") if job in e.path]
                    torn += not media or final.stat().st_size == 0
                    torn += final.read_bytes() != _whole(running, job)
    say(f"  died {', '.join(f'{place}: {count}' for place, count in sorted(places.items()))}")
    say(f"  submitted twice {twice}, unaccounted for {unaccounted}, torn files {torn}")
    if twice == unaccounted == torn == 0:
        say(f"  any of these: {bound(kills)}")
    say()
    return twice == unaccounted == torn == 0


def _kill_one(running: Emulator, folder: Path, chance: random.Random) -> None:
    process = subprocess.Popen(
        [sys.executable, str(HERE.parent / "runtime" / "killed.py"), "never", "0", str(folder)],
        env={"PATH": "/usr/bin:/bin", "GMI_API_KEY": "k", "GMI_BASE_URL": running.base_url},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    journal = folder / "journal.jsonl"
    while not journal.exists() and process.poll() is None:
        time.sleep(0.002)
    try:
        process.wait(chance.uniform(0.0, 0.6))
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _account(running: Emulator, folder: Path, billed: set[str]) -> tuple[str, bool]:
    """Where a process died by its journal, and whether all it was billed for is known by name."""
    journal = Journal(folder / "journal.jsonl")
    entries = noted(journal.find())
    ended = {entry.job_id for entry in entries if entry.job_status}
    with Client("k", base_url=running.base_url, journal=journal.path) as client:
        left = client.resume()
        found = {job.id for job in left.jobs}
        for unknown in left.unknown:
            found |= {job.id for job in unknown.reconcile().jobs}
    if (folder / "boat.mp4").exists():
        place = "after all was saved"
    elif ended:
        place = "in the download"
    elif left.jobs:
        place = "while looking"
    else:
        place = "around the POST" if left.unknown else "before the POST"
    return place, billed <= found | {one for one in ended if one}


def _whole(running: Emulator, job: str) -> bytes:
    with Client("k", base_url=running.base_url) as client:
        return client.job(job).result().artifact.read()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=60.0, help="how long they are watched")
    parser.add_argument("--polls", type=int, default=1_000_000)
    parser.add_argument("--kills", type=int, default=200)
    given = parser.parse_args()
    load = os.getloadavg()[0]
    say(f"Python {sys.version.split()[0]}, {os.cpu_count()} cores, load {load:.1f}, loopback")
    say()
    passed = [
        in_flight(given.jobs, given.seconds) if given.jobs else True,
        in_virtual_time(given.polls) if given.polls else True,
        killed(given.kills) if given.kills else True,
    ]
    say("all as it should be" if all(passed) else "NOT as it should be")
    return 0 if all(passed) else 1


if __name__ == "__main__":
    sys.exit(main())
