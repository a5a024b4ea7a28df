"""Speed, as ratios measured in one run: `make bench`. Nothing here fails; it prints.

Whole processes are timed, cold, and the median of several runs is shown beside what it is
compared with. Only the ratios mean anything: machines differ, and this one may be busy.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from gmigen import resources
from gmigen.catalog.snapshot import documents

RUNS = 5
MODELS = 324

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

Veo3Request(prompt="a").model_dump(by_alias=True, exclude_unset=True)
"""
EMITTED = """
from gmi_inference.models import Veo3Request
Veo3Request(prompt="a").payload()
"""


def seconds(*arguments: str, cwd: Path | None = None, runs: int = RUNS) -> float:
    """The median wall time of a whole Python process, after one that does not count."""
    times = []
    for _ in range(runs + 1):
        began = time.perf_counter()
        subprocess.run([sys.executable, *arguments], check=True, capture_output=True, cwd=cwd)
        times.append(time.perf_counter() - began)
    return statistics.median(times[1:])


def show(what: str, took: float, than: str, reference: float) -> None:
    print(f"{what:<52} {took:7.3f} s  {took / reference:6.2f} x {than} ({reference:.3f} s)")


def catalogue(folder: Path) -> None:
    """As many models as the live catalogue had, by repeating the bundled ones."""
    bundled = list(documents(resources.snapshot()).values())
    (folder / "details").mkdir()
    for number in range(MODELS):
        details = json.loads(bundled[number % len(bundled)])
        details["model"] = f"{details['model']}-copy-{number // len(bundled)}"
        (folder / "details" / f"{number:03}.json").write_text(json.dumps(details))


def main() -> None:
    bare = seconds("-c", "pass")
    show("import gmi_inference", seconds("-c", "import gmi_inference"), "bare python", bare)
    by_hand = seconds("-c", BY_HAND)
    show("import one request class, build, payload", seconds("-c", EMITTED), "by hand", by_hand)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        catalogue(folder)
        gmigen = ("-m", "gmigen")
        seconds(*gmigen, "fetch", "--from-dir", "details", cwd=folder, runs=1)
        tools = seconds("-c", "import datamodel_code_generator, black, jinja2")

        def cold() -> float:
            subprocess.run(["rm", "-rf", str(folder / "generated/gmi_inference")], check=True)
            for path in (folder / "generated").rglob("manifest.json"):
                path.unlink()
            began = time.perf_counter()
            subprocess.run(
                [sys.executable, *gmigen, "generate", "--force"],
                check=True,
                capture_output=True,
                cwd=folder,
            )
            return time.perf_counter() - began

        took = statistics.median(cold() for _ in range(3))
        show(f"gmigen generate, {MODELS} models, cold", took, "importing its tools", tools)
        again = seconds(*gmigen, "generate", cwd=folder, runs=3)
        show("gmigen generate, nothing to do", again, "importing its tools", tools)
        checked = seconds(*gmigen, "check", cwd=folder, runs=3)
        show("gmigen check", checked, "python -c 'import json'", seconds("-c", "import json"))


if __name__ == "__main__":
    main()
