"""`gmi` as a process of its own: how it starts, and how Ctrl-C ends it."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import threading
from typing import IO

import httpx
import pytest
from cli_world import KEY, PACKAGE, PNG, SERVED, Shell
from starlette.responses import Response

from gmigen.emulator import faults
from gmigen.emulator.exchange import Exchange

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is no signal there")
PATIENCE = 60


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
    assert [line[0] for line in lines] == [*SERVED]
    assert b"EMULATOR" in ended.stderr


@pytest.mark.row("U14")
def test_without_click_it_says_what_to_install(shell: Shell) -> None:
    code = f"import sys; sys.modules['click'] = None; from {PACKAGE}.__main__ import main; main()"
    ended = completed(shell, ["-c", code])
    assert ended.returncode == 2
    assert ended.stdout == b""
    assert ended.stderr.decode() == "gmi: this needs click: pip install 'gmi-inference[cli]'\n"


def test_help_loads_none_of_the_http_library_pydantic_and_rich(shell: Shell) -> None:
    code = (
        f"import atexit, sys; from {PACKAGE}.__main__ import main\n"
        "heavy = lambda: {'httpx', 'pydantic', 'rich', 'ssl'} & set(sys.modules)\n"
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


@pytest.mark.row("F26")
@pytest.mark.parametrize("place", ["-", "/dev/stdout", "/dev/fd/1"])
def test_the_bytes_of_a_file_go_to_standard_output_and_nothing_else(
    shell: Shell, place: str
) -> None:
    ended = completed(shell, ["-m", PACKAGE, "run", "now/1.5", "prompt=x", "-o", place])
    assert ended.returncode == 0, ended.stderr
    (url,) = completed(
        shell, ["-m", PACKAGE, "wait", shell.running.ledger.billed_jobs[0]]
    ).stdout.split()
    assert ended.stdout == httpx.get(url.decode(), trust_env=False).content
    assert not [path for path in shell.home.iterdir() if path.name != "state"]


@pytest.mark.row("F26")
def test_standard_output_that_takes_no_file_is_refused_before_paying(shell: Shell) -> None:
    run = ["-m", PACKAGE, "run", "now/1.5", "prompt=x", "-o", "-"]
    assert completed(shell, [*run, "--json"]).returncode == 2
    closed = f"{shlex.join([sys.executable, *run])} >&-"
    ended = subprocess.run(
        closed, shell=True, env=environment(shell), stderr=subprocess.PIPE, check=False
    )
    assert ended.returncode == 2
    assert b"standard output is closed" in ended.stderr
    main, terminal = os.openpty()
    on_screen = subprocess.run(
        [sys.executable, *run], env=environment(shell), stdout=terminal, check=False,
        stderr=subprocess.PIPE,
    )  # fmt: skip
    os.close(main)
    os.close(terminal)
    assert on_screen.returncode == 2
    assert b"is a terminal" in on_screen.stderr
    assert not shell.running.ledger.entries


@pytest.mark.row("F26")
def test_several_files_do_not_go_to_standard_output(shell: Shell) -> None:
    urls = [{"id": str(n), "url": f"{shell.running.files_url}/{n}.png"} for n in range(2)]
    shell.running.faults.add("job", faults.Outcome({"media_urls": urls}))
    ended = completed(shell, ["-m", PACKAGE, "run", "now/1.5", "prompt=x", "-o", "-"])
    assert (ended.returncode, ended.stdout) == (2, b"")
    assert b"-o ANOTHER_PLACE" in ended.stderr


@pytest.mark.row("F26")
def test_a_locale_that_knows_ascii_only_sends_what_was_typed(shell: Shell) -> None:
    (shell.home / "b\u00f6at.png").write_bytes(PNG)
    ascii_only = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    arguments = ["submit", "Boat", "prompt=caf\u00e9 \U0001f6a4", "image=@b\u00f6at.png"]
    ended = completed(shell, ["-m", PACKAGE, *arguments], **ascii_only)
    assert ended.returncode == 0, ended.stderr
    (post,) = shell.running.ledger.posts()
    assert post.json["payload"]["prompt"] == "caf\u00e9 \U0001f6a4"
    assert post.json["payload"]["image"].startswith(shell.running.files_url)


@pytest.mark.row("F26")
def test_bytes_that_are_no_utf_8_are_refused_before_anything_is_sent(shell: Shell) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", PACKAGE, "submit", "Boat", b"prompt=\xff\xfe"],
        env=environment(shell), capture_output=True, check=False,
    )  # fmt: skip
    assert ended.returncode == 2
    assert not shell.running.ledger.posts()


@pytest.mark.row("U17")
def test_a_command_to_come_back_with_is_one_that_is_there(shell: Shell) -> None:
    shell.running.faults.add("job", faults.Stuck())
    run = ["-m", PACKAGE, "run", "Boat", "prompt=x", "--timeout", "0", "-o", "a b.mp4"]
    ended = completed(shell, run)
    assert ended.returncode == 3
    back = shlex.split(ended.stderr.decode().partition("Come back with: ")[2])
    assert back[:3] == ["python", "-m", PACKAGE]
    again = completed(shell, [*back[1:], "--timeout", "0"])
    assert again.returncode == 3
    assert shlex.split(again.stderr.decode().partition("Come back with: ")[2]) == back


def test_a_reader_that_goes_away_is_no_traceback(shell: Shell) -> None:
    command = shlex.join([sys.executable, "-m", PACKAGE, "models", "Boat"])
    ended = subprocess.run(
        f"{command} | true", shell=True, env=environment(shell), capture_output=True, check=False
    )
    assert b"Traceback" not in ended.stderr
