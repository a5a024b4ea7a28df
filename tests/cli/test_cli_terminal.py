"""What a person at a terminal sees, and what nobody else does."""

from __future__ import annotations

import io
import re
import sys
from importlib import import_module
from typing import Any

import pytest
from cli_world import PACKAGE, PNG, Shell
from test_cli_output import HOSTILE

from gmigen.emulator import faults

if sys.platform == "win32":
    pytest.skip("there are no pseudo terminals there", allow_module_level=True)

from pty_world import on_terminal

pytestmark = pytest.mark.slow

RUN = ("run", "Boat", "prompt=x", "durationSeconds=6")


def test_the_price_and_a_line_that_lives_are_shown_while_the_paths_go_into_the_pipe(
    shell: Shell,
) -> None:
    (shell.home / "first.png").write_bytes(PNG)
    seen = on_terminal(shell, *RUN, "image=@first.png", "-o", "boat.mp4", piped=True)
    (identity,) = shell.running.ledger.billed_jobs
    assert (seen.code, seen.stdout) == (0, b"boat.mp4\n")
    assert "Price: $0.912 (" in seen.text
    assert "uploading first.png" in seen.text
    assert "0:00 submitting to Boat" in seen.text
    assert f"[0:00] Boat {identity}: queued" in seen.lines
    assert [line for line in seen.lines if line.endswith("0:00 Boat queued")]
    assert "saving boat.mp4" in seen.text
    assert [line for line in seen.lines if line.endswith(f"Boat {identity}: done (success)")]
    assert len(shell.running.ledger.requests(route="put")) == 1
    assert len(shell.running.ledger.posts()) == 1


def test_a_job_that_has_ended_is_told_once(shell: Shell) -> None:
    seen = on_terminal(shell, "run", "now/1.5", "prompt=x")
    assert seen.text.count(": done (success)") == 1


def test_nothing_is_told_to_who_wants_quiet(shell: Shell) -> None:
    seen = on_terminal(shell, *RUN, "--quiet", "-o", "boat.mp4", piped=True)
    assert (seen.code, seen.raw, seen.stdout) == (0, "", b"boat.mp4\n")
    shell.running.faults.add("job", faults.Failed("too many boats"))
    result = shell("run", "boat", "prompt=x", "-q")
    assert result.exit_code == 1
    assert "too many boats" in result.stderr
    assert "is meant" not in result.stderr


def test_elsewhere_there_are_plain_lines_and_no_price(shell: Shell) -> None:
    result = shell(*RUN)
    assert "\x1b" not in result.output
    assert "\r" not in result.output
    assert "Price" not in result.output


def test_a_terminal_that_can_do_nothing_gets_plain_lines(shell: Shell) -> None:
    seen = on_terminal(shell, *RUN, TERM="dumb")
    assert seen.code == 0
    assert "\x1b" not in seen.raw
    output = import_module("made_inference.cli.output")
    assert not output.is_terminal(None)
    assert not output.is_terminal(io.StringIO())


def test_words_of_the_api_neither_move_the_cursor_nor_are_read_as_markup(shell: Shell) -> None:
    hostile = f"[bold red]x[/] {HOSTILE}"
    shell.running.faults.add("job", faults.Stuck(hostile), nth=None)
    seen = on_terminal(shell, *RUN, "--timeout", "1", columns=400, NO_COLOR="1")
    assert seen.code == 3
    assert "0:00 Boat [bold red]x[/]" in seen.text
    assert "\x1b[2J" not in seen.raw
    assert "\x1b]0;" not in seen.raw
    assert "\u202e" not in seen.raw
    assert not re.search(r"\x1b\[[0-9;]*(3|9)[0-7][;m]", seen.raw), "no colour was wanted"


def test_lists_are_tables_with_heads_and_what_stands_in_them_is_text(shell: Shell) -> None:
    identity = shell("submit", "Boat", "prompt=x").stdout.strip()
    jobs = on_terminal(shell, "jobs")
    assert f"\n{identity}  " in jobs.text
    listed = '["[red]x[/]", "Boat"]'
    shell.running.faults.add("models", faults.Status(200, body=listed))
    seen = on_terminal(shell, "models", columns=40)
    told, _, table = seen.text.rpartition("ID ")
    assert "EMULATOR" in told
    head, hostile, boat, *_ = table.splitlines()
    assert head.split() == ["TAKES", "GIVES", "PRICE"]
    assert hostile.strip() == "[red]x[/]"
    assert boat.split()[:2] == ["Boat", "text,"]
    assert all(len(line) <= 40 for line in table.splitlines())


def test_ctrl_c_ends_the_line_and_names_the_job(shell: Shell) -> None:
    shell.running.faults.add("job", faults.Stuck(), nth=None)
    seen = on_terminal(
        shell, *RUN, "--timeout", "50", "-o", "boat.mp4", ctrl_c_at=": queued", columns=300
    )
    (identity,) = shell.running.ledger.billed_jobs
    assert seen.code == 130
    assert seen.lines[-1] == (
        f"gmi: Interrupted. Job {identity} is still running and may be billed. "
        f"Come back with: python -m {PACKAGE} wait {identity} -o boat.mp4"
    )
    assert "\x1b[?25h" in seen.raw, "the cursor is shown again"


def test_an_upload_that_fails_under_its_bar_says_that_nothing_was_submitted(shell: Shell) -> None:
    (shell.home / "first.png").write_bytes(PNG)
    shell.running.faults.add("put", faults.Status(411), nth=None)
    seen = on_terminal(shell, *RUN, "image=@first.png")
    assert seen.code == 4
    assert seen.text.rstrip().endswith("Nothing was submitted.")
    assert not shell.running.ledger.posts()


def test_without_rich_there_are_plain_lines(shell: Shell) -> None:
    (shell.home / "sitecustomize.py").write_text("import sys; sys.modules['rich'] = None")
    where = f"{shell.home}:{shell.packages}"
    seen = on_terminal(shell, *RUN, PYTHONPATH=where)
    assert seen.code == 0
    assert "\x1b" not in seen.raw
    assert "Price" in seen.text
    assert on_terminal(shell, "models", PYTHONPATH=where).lines[1].startswith("Boat\ttext, image")


def line_of(columns: int, *events: Any) -> str:
    from rich.console import Console

    live = import_module("made_inference.cli.live")
    written = io.StringIO()
    line = live.Line(ascii_only=True)
    for event in events:
        line.take(event)
    Console(file=written, width=columns, no_color=True, force_terminal=False).print(line)
    return written.getvalue().rstrip("\n")


@pytest.mark.usefixtures("packages")
def test_the_line_tells_what_is_out_of_the_ordinary_and_stays_one_line() -> None:
    events = import_module("made_inference.runtime.events")
    seen = ("j1", "Boat", "processing", 65.0)
    assert line_of(80).endswith("0:00 waiting")
    assert line_of(80, events.Started(*seen)).endswith("1:05 Boat processing")
    retrying = events.Retrying(*seen, reason="HTTP 503")
    assert line_of(80, retrying).endswith("processing, retrying, HTTP 503")
    stalled = events.Stalled(*seen, unchanged_for=180.0)
    assert line_of(80, stalled).endswith("processing, no change for 3 min")
    assert len(line_of(40, events.Retrying(*seen, reason="a very long reason " * 9))) <= 40
