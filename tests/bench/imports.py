"""Importing, one class by hand, and the first byte of a submission: whole processes."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

from loopback import Loopback
from measure import Command, by_turns
from table import Row

ROOT = Path(__file__).parents[2]
GENERATED = ROOT / "generated"

BY_HAND = """
from typing import Literal
from pydantic import BaseModel, ConfigDict, Field

class Veo3Request(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, populate_by_name=True)
    prompt: str
    duration_seconds: Literal["8", "6", "4"] = Field("8", alias="durationSeconds")
    aspect_ratio: Literal["16:9", "9:16"] = Field("16:9", alias="aspectRatio")
    negative_prompt: str | None = Field(None, alias="negativePrompt")
    person_generation: str | None = Field(None, alias="personGeneration")
    seed: int | None = None

payload = Veo3Request(prompt="a").model_dump(by_alias=True, exclude_unset=True)
"""
EMITTED = """
from gmi_inference.models import Veo3Request
payload = Veo3Request(prompt="a").payload()
"""
POST_BY_HAND = f"""
import sys
{BY_HAND}
import httpx
with httpx.Client(headers={{"Authorization": "Bearer k"}}) as client:
    body = {{"model": "Veo3", "payload": payload}}
    print(client.post(sys.argv[1] + "/requests", json=body).json()["request_id"])
"""
POST = """
import sys
from gmi_inference import Client
from gmi_inference.models import Veo3Request
with Client("k", base_url=sys.argv[1]) as client:
    print(client.submit(Veo3Request(prompt="a")).id)
"""


def rows(python: Path, runs: int) -> list[Row]:
    """Import floors beside the peers', and a class beside the same by hand."""

    def code(text: str) -> Command:
        return Command([str(python), "-c", text], path=GENERATED)

    peers = ("fal_client", "openai", "replicate", "comfy_sdk", "wavespeed")
    modules = [module for module in peers if _imports(python, module)]
    missing = ", ".join(module for module in peers if module not in modules)
    spent = by_turns(
        {
            "python": code("pass"),
            "ours": code("import gmi_inference"),
            **{module: code(f"import {module}") for module in modules},
        },
        2 * runs,
    )
    others = {name: 1000 * each.seconds for name, each in spent.items() if name != "ours"}
    ours = 1000 * spent["ours"].seconds
    over = Row(
        "import, over bare python",
        ours - others["python"],
        "ms",
        others=others,
        target=5,
        note=f"not to be had: {missing}" if missing else "",
    )
    built = by_turns({"ours": code(EMITTED), "by hand": code(BY_HAND)}, 2 * runs)
    hand = {"by hand": 1000 * built["by hand"].seconds}
    one = Row(
        "one class imported, built, dumped",
        1000 * built["ours"].seconds,
        "ms",
        "by hand",
        hand,
        1.1,
        why="by -X importtime the base classes take 10 ms, media types 3, errors and records 3",
    )
    return [over, one, _first_byte(python, 3 * runs)]


def _imports(python: Path, module: str) -> bool:
    tried = [str(python), "-c", f"import {module}"]
    return not subprocess.run(tried, capture_output=True, check=False).returncode


def _first_byte(python: Path, runs: int) -> Row:
    """From the start of a process until the server reads its POST."""
    times: dict[str, list[float]] = {"ours": [], "by hand": []}
    with Loopback() as server:
        for turn in range(runs + 1):
            for name, text in (("ours", POST), ("by hand", POST_BY_HAND)):
                server.posted.clear()
                began = time.perf_counter()
                subprocess.run(
                    [str(python), "-c", text, server.base],
                    check=True,
                    capture_output=True,
                    env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(GENERATED)},
                )
                if turn:
                    times[name].append(1000 * (server.posted[0] - began))
    median = {name: statistics.median(each) for name, each in times.items()}
    hand = {"by hand": median["by hand"]}
    return Row("first submitted byte, whole process", median["ours"], "ms", "by hand", hand, 1.05)


if __name__ == "__main__":
    print(rows(Path(sys.executable), 3))
