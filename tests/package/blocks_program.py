"""Runs blocks of documentation where only the wheel is, against the emulator that it ships.

It reads a JSON list of blocks {"name", "language", "code", "given"} from standard input and prints
one of {"name", "failed", "said", "posts"}: what went wrong or "", what a shell printed, and the
payload of each job that was made. Python runs in this process, shells in the folder it was started
in. Blocks of one `name` run after one another, all others beside each other.
"""

from __future__ import annotations

import json
import subprocess
import sys
import traceback
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stdout
from io import StringIO
from itertools import groupby
from pathlib import Path
from typing import Any

import gmi_inference
import gmigen
from gmi_inference.runtime.config import DEFAULT_BASE_URL
from gmi_inference.testing import emulated

NEW = "some-new-model"
"""The model of the README that the package does not know."""


def done(block: dict[str, Any], base_url: str) -> dict[str, Any]:
    """What came of one block."""
    failed = said = ""
    if block["language"] == "python":
        try:
            exec(compile(block["code"], block["name"], "exec"), dict(block["given"]))
        except Exception:
            failed = traceback.format_exc()[-3000:]
    else:
        shell = subprocess.run(
            ["sh", "-eu", "-c", block["code"].replace(DEFAULT_BASE_URL, base_url)],
            capture_output=True,
            text=True,
            check=False,
        )
        said = shell.stdout
        failed = shell.stderr[-3000:] if shell.returncode else ""
    return {"name": block["name"], "failed": failed, "said": said}


def main() -> None:
    home = Path(sys.prefix)
    for package in (gmi_inference, gmigen):
        assert Path(str(package.__file__)).is_relative_to(home), package.__file__
    blocks = json.load(sys.stdin)
    with (
        emulated(unknown_models="accept", kinds={NEW: "video"}, job_seconds=0) as api,
        redirect_stdout(StringIO()),
        ThreadPoolExecutor(8) as pool,
    ):
        groups = [list(group) for _, group in groupby(blocks, lambda block: block["name"])]
        in_turn = [
            pool.submit(lambda group: [done(block, api.base_url) for block in group], group)
            for group in groups
        ]
        ran = [one for waiting in in_turn for one in waiting.result()]
    posts = [[post.model, post.json["payload"]] for post in api.log.posts() if post.created]
    json.dump({"blocks": ran, "posts": posts}, sys.stdout)


main()
