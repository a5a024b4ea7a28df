"""Whatever the weather, what the server did and what the client believes agree."""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from pathlib import Path
from random import Random

import pytest
from stateful_world import bad_weather

pytestmark = [
    pytest.mark.row("R11"),
    pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL"),
]
STEPS = 20
MINUTES = 10


@pytest.mark.parametrize("seed", [1, 3])
def test_the_books_agree_in_bad_weather(seed: int, tmp_path: Path) -> None:
    with bad_weather(seed, tmp_path) as world:
        for _ in range(STEPS):
            world.step()
        world.weather()
        world.killed(Random(seed).random() * 0.4)
        world.come_back()
        world.settle()
        world.check()
        assert len(world.running.log.billed_jobs) > STEPS / 2


@pytest.mark.nightly
def test_the_books_agree_for_ten_minutes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    seconds = float(os.environ.get("GMI_STATEFUL", MINUTES * 60))
    first = int(os.environ.get("GMI_SEED", time.time()))
    end, seed = time.monotonic() + seconds, first
    counts: Counter[str] = Counter()
    while time.monotonic() < end:
        folder = tmp_path / str(seed)
        folder.mkdir()
        try:
            with bad_weather(seed, folder) as world:
                for _ in range(40):
                    world.step()
                    if world.random.random() < 0.1:
                        world.killed(world.random.random() * 0.5)
                world.settle()
                world.check()
        except BaseException:
            print(f"seed {seed}: GMI_SEED={seed} GMI_STATEFUL=1 runs it alone")
            raise
        counts.update(world.done)
        counts["submissions asked for"] += len(world.asked)
        counts["jobs billed"] += len(world.running.log.billed_jobs)
        counts["posts"] += len(world.running.log.posts())
        seed += 1
    with capsys.disabled():
        print(f"\nseeds {first} to {seed - 1}: {dict(counts)}")
