"""Keyed submissions under kills: by the API's log each key is billed at most once, none is lost."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest
from runtime_world import DOCUMENTS, KEY

from gmigen.emulator import emulator
from gmigen.runtime import Client, errors
from gmigen.runtime.journal.file import Journal
from gmigen.runtime.journal.sqlite import SQLiteJournal
from gmigen.runtime.protocol import recovery
from gmigen.runtime.protocol.entries import attempts

SCRIPT = str(Path(__file__).with_name("storm_crew.py"))
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")


@dataclass(frozen=True)
class Weather:
    """What is left after a storm."""

    billed: int
    twice: int
    lost: int
    never_sent: int
    intents: int


def storm(path: Path, rows: int, kills: int, seed: int) -> Weather:
    with emulator(DOCUMENTS, job_seconds=0.0) as running:
        crew = subprocess.run(
            [sys.executable, SCRIPT, str(path), str(rows), str(kills), str(seed)],
            env={"PATH": "/usr/bin:/bin", "GMI_API_KEY": KEY, "GMI_BASE_URL": running.base_url},
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        assert crew.returncode == 0, crew.stderr
        assert int(crew.stdout) == kills
        posts = len(running.log.posts())
        billed: dict[str, list[str]] = {f"row-{row}": [] for row in range(rows)}
        for post in running.log.posts():
            if post.created:
                billed[post.json["payload"]["prompt"]].append(post.request_id)
        journal = SQLiteJournal(path) if path.suffix == ".db" else Journal(path)
        noted = attempts(journal.find())
        lost = never_sent = 0
        with Client(KEY, base_url=running.base_url, journal=journal) as client:
            for key, jobs in billed.items():
                try:
                    job = client.submit("clip-1", {"prompt": key}, key=key)
                except errors.SubmissionUnknownError:
                    # Nobody can know that it was never sent, but this test: an error, and no job.
                    lost += bool(jobs)
                    never_sent += not jobs
                else:
                    lost += jobs != [job.id]
        assert len(running.log.posts()) == posts, "asking costs nothing"
        counts = Counter(map(len, billed.values()))
        twice = sum(number for times, number in counts.items() if times > 1)
        return Weather(rows - counts[0], twice, lost, never_sent, len(noted))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["jobs.jsonl", "jobs.db"])
def test_four_workers_killed_at_random_bill_each_key_once(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recovery, "PAUSE", 0.0)
    weather = storm(tmp_path / name, rows=100, kills=15, seed=14)
    assert (weather.twice, weather.lost) == (0, 0), weather
    assert weather.billed + weather.never_sent == 100, weather
    assert weather.never_sent <= 15, weather


@pytest.mark.nightly
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", ["jobs.jsonl", "jobs.db"])
def test_five_hundred_rows_in_a_long_storm(
    name: str, seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recovery, "PAUSE", 0.0)
    weather = storm(tmp_path / name, rows=500, kills=150, seed=seed)
    print(name, weather)
    assert (weather.twice, weather.lost) == (0, 0), weather
    assert weather.billed + weather.never_sent == 500, weather
