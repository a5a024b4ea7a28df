"""The recipes beside what they are made for: `python tests/recipes/recipes.py [NAME...]`.

The heavy neighbours go into a throwaway environment, at the versions of requirements.txt. Prints
the lines of each recipe, what was done, and what the API's own log says of it.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(HERE))

from recipes_page import RECIPES, lines  # noqa: E402

from gmigen import resources  # noqa: E402
from gmigen.catalog.snapshot import documents  # noqa: E402
from gmigen.emulator import Emulator, emulator  # noqa: E402
from gmigen.runtime.protocol.entries import attempts  # noqa: E402

HEAVY = ("celery", "gradio", "notebook", "hosts")


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def environment(folder: Path) -> Path:
    """The Python of a new environment with everything in it."""
    venv.create(folder, with_pip=True)
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    pip = [str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    wanted = ["-r", str(HERE / "requirements.txt"), "httpx>=0.27,<1", "pydantic>=2.9,<3"]
    subprocess.run([*pip, *wanted], check=True)
    return python


def served(python: Path, running: Emulator, name: str, rows: int, kills: int) -> str:
    """Run one recipe in a folder of its own; what it did. Raises AssertionError."""
    with tempfile.TemporaryDirectory() as folder:
        env = {
            "PATH": f"{python.parent}:{os.environ.get('PATH', '')}",
            "HOME": folder,
            "PYTHONPATH": f"{ROOT / 'generated'}:{ROOT / 'generator'}",
            "GMI_BASE_URL": running.base_url,
            "GMI_API_KEY": "emu-key",
        }
        done = subprocess.run(
            [str(python), str(HERE / "recipes_heavy.py"), name, str(rows), str(kills)],
            cwd=folder, env=env, capture_output=True, text=True, check=False, timeout=900,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-2000:]
        noted = Path(folder) / "journal.json"
        if noted.exists():
            accounted(running, json.loads(noted.read_text()), rows)
    return done.stdout.strip().splitlines()[-1]


def accounted(running: Emulator, notes: list[dict[str, object]], rows: int) -> None:
    """Hold the journal against the API's log: each key billed at most once, none lost."""
    billed: dict[str, list[str]] = {}
    for post in running.log.posts():
        if post.created and str(post.json["payload"]["prompt"]).startswith("row-"):
            billed.setdefault(post.json["payload"]["prompt"], []).append(post.request_id)
    known = {one.key: one.job_id for one in attempts(notes) if one.ending == "accepted"}
    assert all(len(jobs) == 1 for jobs in billed.values()), billed
    assert all(known.get(key) == jobs[0] for key, jobs in billed.items())
    say(f"    by the API's log: {len(billed)} of {rows} keys billed, each once; none lost")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--python", type=Path, help="an environment that is there already")
    parser.add_argument("--rows", type=int, default=200)
    parser.add_argument("--kills", type=int, default=40)
    given = parser.parse_args()
    for name in RECIPES:
        say(f"{name:>10}: {lines(name)} lines")
    with tempfile.TemporaryDirectory() as folder:
        python = given.python or environment(Path(folder))
        for name in given.names or HEAVY:
            with emulator(
                {**documents(resources.snapshot()), "clip-1": _CLIP},
                job_seconds=0.1, inline_images=True,
            ) as running:  # fmt: skip
                say(f"{name}: {served(python, running, name, given.rows, given.kills)}")
                say(f"    {len(running.log.billed_jobs)} jobs billed")


_CLIP = json.dumps(
    {"model": "clip-1", "model_type": "video", "parameters": [{"name": "prompt", "type": "string"}]}
).encode()


if __name__ == "__main__":
    main()
