"""`gmi` as a process of its own: how it starts, and how Ctrl-C ends it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from typing import IO

import pytest
from cli_world import KEY, PACKAGE, Shell
from starlette.responses import Response

from gmigen.emulator import faults
from gmigen.emulator.exchange import Exchange

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is no signal there")
PATIENCE = 20


class SilentAfterWork:
    """Does the work of a request, says so to the test, and never answers."""

    def __init__(self) -> None:
        self.done = threading.Event()

    async def answer(self, exchange: Exchange) -> Response:
        await exchange.honest()
        self.done.set()
        return exchange.silence()


def environment(shell: Shell, **more: str) -> dict[str, str]:
    inherited = {name: text for name, text in os.environ.items() if not name.startswith("GMI_")}
    return {**inherited, **shell.environment, "PYTHONPATH": str(shell.packages), **more}


def completed(
    shell: Shell, arguments: list[str], **more: str
) -> subprocess.CompletedProcess[bytes]:
    ended = subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        check=False,
        timeout=PATIENCE,
        env=environment(shell, **more),
    )
    assert KEY.encode() not in ended.stdout + ended.stderr
    assert b"Traceback" not in ended.stderr
    return ended


def started(shell: Shell, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        shell.command(*arguments),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(shell),
    )


def heard(stream: IO[str] | None, word: str) -> None:
    """Return when a line with `word` has been written."""
    assert stream is not None
    assert any(word in line for line in stream), f"it ended without saying {word}"


def interrupted(process: subprocess.Popen[str]) -> tuple[str, str]:
    """What else it writes after Ctrl-C; it must end with 130 and without a traceback."""
    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert "Traceback" not in stderr
    return stdout, stderr


def test_ctrl_c_while_waiting_ends_with_130_and_the_way_back(shell: Shell) -> None:
    shell.running.faults.add("job", faults.Stuck())
    with started(shell, "run", "Boat", "prompt=x", "-o", "boat.mp4") as process:
        heard(process.stderr, "queued")
        stdout, stderr = interrupted(process)
    (identity,) = shell.running.ledger.billed_jobs
    assert stdout == ""
    assert stderr.splitlines() == [
        f"gmi: Interrupted. Job {identity} is still running and may be billed. "
        f"Come back with: python -m {PACKAGE} wait {identity} -o boat.mp4"
    ]


def test_ctrl_c_while_submitting_says_that_a_job_may_have_been_started(shell: Shell) -> None:
    fault = SilentAfterWork()
    shell.running.faults.add("submit", fault)
    with started(shell, "submit", "Boat", "prompt=x") as process:
        assert fault.done.wait(PATIENCE)
        _, stderr = interrupted(process)
    assert "a job may have been started" in stderr
    assert f"python -m {PACKAGE} jobs --model Boat" in stderr
    assert len(shell.running.ledger.posts()) == 1


def test_python_dash_m_runs_it_and_says_emulator(shell: Shell) -> None:
    ended = completed(shell, ["-m", PACKAGE, "models"])
    assert ended.returncode == 0
    lines = [line.split("\t") for line in ended.stdout.decode().splitlines()]
    assert lines == [
        ["Boat", "text, image", "$0.152 per second"],
        ["now/1.5", "text", "-"],
        ["Unlisted"],
    ]
    assert b"EMULATOR" in ended.stderr


def test_without_click_it_says_what_to_install(shell: Shell) -> None:
    code = f"import sys; sys.modules['click'] = None; from {PACKAGE}.__main__ import main; main()"
    ended = completed(shell, ["-c", code])
    assert ended.returncode == 2
    assert ended.stdout == b""
    assert ended.stderr.decode() == "gmi: this needs click: pip install 'gmi-inference[cli]'\n"


def test_help_loads_neither_the_http_library_nor_pydantic(shell: Shell) -> None:
    code = (
        f"import atexit, sys; from {PACKAGE}.__main__ import main\n"
        "heavy = lambda: {'httpx', 'pydantic', 'ssl'} & set(sys.modules)\n"
        "atexit.register(lambda: print('loaded:', sorted(heavy())))\n"
        "sys.argv = ['gmi', '--help']; main()"
    )
    ended = completed(shell, ["-c", code])
    assert ended.stdout.decode().splitlines()[-1] == "loaded: []"


def test_a_terminal_that_lacks_a_letter_is_shown_its_escape(shell: Shell) -> None:
    shell.running.faults.add("models", faults.Status(200, body='["b\u00e4r \u03b2"]'))
    ended = completed(shell, ["-m", PACKAGE, "models"], PYTHONIOENCODING="latin-1")
    assert ended.returncode == 0
    assert ended.stdout == b"b\xe4r \\u03b2\n"


def test_without_docstrings_the_parameters_are_still_told(shell: Shell) -> None:
    ended = completed(shell, ["-OO", "-m", PACKAGE, "models", "Boat"])
    assert ended.returncode == 0, ended.stderr
    assert b"seed (integer):" in ended.stdout
