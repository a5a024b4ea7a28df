"""Looking at jobs over real sockets and in real time, with each client's own pace: a small sample.

The simulation of `polling` has hundreds of jobs of every length, and decides; this shows that it
tells the truth.
Each client is a process of its own; the server of tests/peers answers each in its own shape, and
counts. The delay runs from the end of the job to the last GET, so starting up takes no part in it.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "peers"))

from peers_server import Server, serving
from polling import Looked
from table import Row

GENERATED = Path(__file__).parents[2] / "generated"
LENGTHS = (2.0, 5.0)
SPREAD = (0.72, 0.8, 0.88, 0.96, 1.04, 1.12, 1.2, 1.28)
"""Lengths of the jobs of a sample, so that no pace happens to fit."""

PROGRAMS = {
    "ours": """
from gmi_inference import Client
with Client("key", base_url=base) as client:
    client.run("m", {"prompt": "a paper boat"}, unchecked=True)
""",
    "fal-client": """
import fal_client.client as module
module.QUEUE_URL_FORMAT = f"{base}/"
module.SyncClient(key="key").subscribe("a/m", {"prompt": "a paper boat"})
""",
    "openai": """
from openai import OpenAI
OpenAI(api_key="key", base_url=base).videos.create_and_poll(prompt="a paper boat")
""",
    "replicate": """
import replicate
made = replicate.Client(api_token="key", base_url=base).predictions.create("a/m", input={})
made.wait()
""",
    "comfy-sdk": """
import os
os.environ |= {"COMFY_BASE_URL": base, "COMFY_ROUTER_BASE_URL": base}
from comfy_sdk import Comfy
Comfy(api_key="comfyui-key").models.subscribe("a/m", {"prompt": "a paper boat"})
""",
}


@dataclass
class Timed(Server):
    """A server whose job ends `length` seconds after it was submitted."""

    length: float = 0.0
    ends: float = 0.0
    last: float = 0.0

    def _honest(self, method: str, path: str, *, done: bool) -> Any:
        now = time.monotonic()
        if method == "POST":
            self.ends = now + self.length
        self.last = now
        return super()._honest(method, path, done=now >= self.ends)


def rows(python: Path) -> list[Row]:
    """For each length the GETs and the delay of each client."""
    return [_row(python, length) for length in LENGTHS]


def _row(python: Path, length: float) -> Row:
    looked: dict[str, Looked] = {}
    told: list[str] = []
    for name in PROGRAMS:
        try:
            looked[name] = _sampled(python, name, length)
            told.append(f"{name} {looked[name]}")
        except (RuntimeError, subprocess.TimeoutExpired) as failure:
            told.append(f"{name} failed: {' '.join(str(failure).split())[-80:]}")
    delay = looked["ours"].delay if "ours" in looked else float("nan")
    note = f"GETs / delay: {'; '.join(told)}"
    return Row(f"polling over loopback, a job of {length:g} s", delay, "s late", note=note)


def _sampled(python: Path, name: str, length: float) -> Looked:
    with ThreadPoolExecutor(len(SPREAD)) as crew:
        servers = list(crew.map(lambda part: _served(python, name, part * length), SPREAD))
    gets = statistics.mean(server.gets for server in servers)
    return Looked(gets, statistics.mean(server.last - server.ends for server in servers))


def _served(python: Path, name: str, length: float) -> Timed:
    server = Timed(name, length=length)
    with serving(server):
        done = subprocess.run(
            [str(python), "-c", f"base = {server.base!r}\n{PROGRAMS[name]}"],
            capture_output=True,
            text=True,
            check=False,
            timeout=60 + 2 * length,
            env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(GENERATED)},
        )
    if done.returncode or not server.ends:
        raise RuntimeError(done.stderr or "it submitted nothing")
    return server


if __name__ == "__main__":
    for row in rows(Path(sys.executable)):
        print(*row.cells())
