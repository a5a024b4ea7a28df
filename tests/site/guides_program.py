"""Runs the blocks of one guide after another, in a folder of their own, against the emulator.

It reads a JSON object of guides from standard input, each a list of [language, code], and prints
what went wrong by guide, and how many jobs each made. Python blocks of a guide share their names,
as a reader's session does; a block with tests is run by pytest.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import traceback
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import gmigen.emulator
from gmi_inference.testing import emulated

PICTURE = Path(str(gmigen.emulator.__file__)).with_name("media") / "emulated.png"
OPTIONS: dict[str, Any] = {
    "unknown_models": "accept",
    "kinds": {"some-new-model": "video"},
    "job_seconds": 0,
}


def python(code: str, names: dict[str, Any]) -> str:
    if "def test_" in code:
        Path("test_guide.py").write_text(code)
        return told(["-m", "pytest", "-q", "-p", "no:cacheprovider", "test_guide.py"])
    try:
        with redirect_stdout(StringIO()):
            exec(compile(code, "<guide>", "exec"), names)
    except BaseException:  # whatever a block raises is what went wrong with it
        return traceback.format_exc()[-2000:]
    return ""


def told(arguments: list[str]) -> str:
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=False)
    return done.stdout[-2000:] + done.stderr[-2000:] if done.returncode else ""


def shell(code: str) -> str:
    done = subprocess.run(["sh", "-eu", "-c", code], capture_output=True, text=True, check=False)
    return done.stderr[-2000:] or done.stdout[-2000:] if done.returncode else ""


def main() -> None:
    home, failed, jobs = Path.cwd(), {}, {}
    with emulated(**OPTIONS) as api:
        for name, blocks in json.load(sys.stdin).items():
            folder = home / name
            folder.mkdir()
            os.chdir(folder)
            Path("first.png").write_bytes(PICTURE.read_bytes())
            names: dict[str, Any] = {"__name__": "guide"}
            before = len(api.log.billed_jobs)
            for number, (language, code) in enumerate(blocks):
                wrong = python(code, names) if language == "python" else shell(code)
                if wrong:
                    failed[f"{name} {number}"] = wrong
            jobs[name] = len(api.log.billed_jobs) - before
    json.dump({"failed": failed, "jobs": jobs}, sys.stdout)


main()
