"""What a storm of kills leaves of a batch, by the log of the API: it alone is believed."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gmi_inference import Client
from gmi_inference.testing import emulated
from gmigen.emulator import Emulator

CREW = str(Path(__file__).with_name("batch_crew.py"))
KEY = "sk-CANARY-0123456789"


@dataclass(frozen=True)
class Left:
    """Requests by what became of them; `posts` is what was sent, `again` what resuming sent."""

    requests: int
    done: int
    unknown: int
    unknown_billed: int
    billed: int
    twice: int
    lost: int
    torn: int
    posts: int
    again: int


def storm(
    folder: Path,
    *,
    rows: int,
    workers: int,
    kills: int,
    seed: int,
    database_url: str = "",
    meanwhile: Callable[[Emulator], object] = lambda _: None,
) -> Left:
    """Run a batch whose workers are killed so often, and count. Raises AssertionError.

    `meanwhile` may do other harm; it is called once, while the crew works.
    """
    file, out = folder / "requests.jsonl", folder / "out"
    lines = ({"model": "Veo3", "payload": {"prompt": f"row {n}"}} for n in range(rows))
    file.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    with emulated(job_seconds=0.3) as api:
        environment = {"PATH": "/usr/bin:/bin", "GMI_API_KEY": KEY, "GMI_BASE_URL": api.base_url}
        with subprocess.Popen(
            [sys.executable, CREW, out, file, *map(str, (workers, kills, seed)), database_url],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as crew:
            meanwhile(api)
            told, wrong = crew.communicate()
        assert crew.returncode == 0, wrong
        assert int(told) == kills
        posts = len(api.log.posts())
        # Once more, without a kill: what is open is looked for, and nothing is paid.
        subprocess.run(
            [sys.executable, CREW, out, file, "1", "0", "0", database_url],
            env=environment,
            capture_output=True,
            check=True,
        )
        billed: dict[str, list[str]] = {f"row {n}": [] for n in range(rows)}
        for post in api.log.posts():
            if post.created:
                billed[post.json["payload"]["prompt"]].append(post.request_id)
        again = len(api.log.posts()) - posts
        made = _made(api.base_url, [job for jobs in billed.values() for job in jobs])
    entries = [json.loads(line) for line in (out / "manifest.jsonl").read_text().splitlines()]
    assert [entry["line"] for entry in entries] == [*range(1, rows + 1)]
    states = Counter(entry["state"] for entry in entries)
    lost = torn = unknown_billed = 0
    for entry in entries:
        jobs = billed[entry["payload"]["prompt"]]
        unknown_billed += entry["state"] == "unknown" and bool(jobs)
        if entry["state"] == "done":
            lost += jobs != [entry["job"]]
            torn += [_kept(out, file) for file in entry["files"]] != made[entry["job"]]
        else:
            lost += entry["state"] != "unknown"
    return Left(
        requests=rows,
        done=states["done"],
        unknown=states["unknown"],
        unknown_billed=unknown_billed,
        billed=sum(map(bool, billed.values())),
        twice=sum(len(jobs) > 1 for jobs in billed.values()),
        lost=lost,
        torn=torn,
        posts=posts,
        again=again,
    )


def _kept(out: Path, file: dict[str, Any]) -> str:
    digest = hashlib.sha256((out / file["path"]).read_bytes()).hexdigest()
    assert digest == file["sha256"]
    return digest


def _made(base_url: str, jobs: list[str]) -> dict[str, list[str]]:
    """The hashes of what each job made, fetched anew."""
    with Client(KEY, base_url=base_url) as client:
        results = {job: client.job(job).result() for job in jobs}
        return {
            job: [hashlib.sha256(artifact.read()).hexdigest() for artifact in result]
            for job, result in results.items()
        }
