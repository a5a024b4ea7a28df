"""What happens to files that were made: replaced, opened, shown."""

from __future__ import annotations

import base64
import os
import sys

import pytest
from cli_world import PACKAGE, PNG, Shell
from test_cli_process import completed

from gmigen.client_cli.pictures import LARGEST, drawn, spoken

RUN = ("run", "now/1.5", "prompt=x")


def test_a_file_in_the_way_is_replaced_when_that_is_said(shell: Shell) -> None:
    (shell.home / "a.png").write_bytes(b"mine")
    refused = shell(*RUN, "-o", "a.png")
    assert refused.exit_code == 2
    assert "or say --overwrite" in refused.stderr
    assert not shell.running.ledger.entries
    assert shell(*RUN, "-o", "a.png", "--overwrite").exit_code == 0
    assert (shell.home / "a.png").read_bytes() != b"mine"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="it has another name there")
@pytest.mark.parametrize("where", [["--output=-a.png"], []])
def test_what_was_made_is_opened_by_its_whole_path_or_where_it_is(
    shell: Shell, where: list[str]
) -> None:
    (shell.home / "bin").mkdir()
    opener, opened = shell.home / "bin/xdg-open", shell.home / "opened"
    os.mkfifo(opened)
    opener.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > {opened}\n')
    opener.chmod(0o755)
    path = f"{shell.home}/bin:/usr/bin:/bin"
    ended = completed(shell, ["-m", PACKAGE, *RUN, *where, "--open"], PATH=path)
    assert ended.returncode == 0
    told = ended.stdout.decode().strip()
    assert opened.read_text().strip() == (f"{shell.home}/-a.png" if where else told)
    assert told == "-a.png" if where else told.startswith("http://127.0.0.1")


def test_what_goes_into_a_pipe_cannot_be_opened(shell: Shell) -> None:
    told = shell(*RUN, "-o", "-", "--open")
    assert told.exit_code == 2
    assert "cannot be opened" in told.stderr
    assert not shell.running.ledger.entries


@pytest.mark.parametrize(
    ("environment", "protocol"),
    [
        ({"TERM": "xterm-kitty"}, "kitty"),
        ({"TERM": "xterm-256color", "KITTY_WINDOW_ID": "1"}, "kitty"),
        ({"TERM": "xterm-ghostty"}, "kitty"),
        ({"TERM_PROGRAM": "iTerm.app"}, "iterm2"),
        ({"TERM_PROGRAM": "WezTerm"}, "iterm2"),
        ({"LC_TERMINAL": "iTerm2"}, "iterm2"),
        ({"TERM": "xterm-256color"}, None),
        ({"TERM": "xterm-kitty", "TMUX": "/tmp/x"}, None),
        ({}, None),
    ],
)
def test_a_terminal_says_itself_what_it_can_show(
    environment: dict[str, str], protocol: str | None
) -> None:
    assert spoken(environment) == protocol


def test_a_picture_is_drawn_in_pieces_and_nothing_of_it_is_obeyed() -> None:
    content = PNG + bytes(range(256)) * 40
    told = drawn("kitty", content)
    pieces = told.split("\x1b\\")[:-1]
    assert len(pieces) > 1
    assert all(piece.startswith("\x1b_G") and len(piece) < 4200 for piece in pieces)
    assert [piece.partition(";")[0][-3:] for piece in pieces][-1] == "m=0"
    assert base64.b64decode("".join(piece.partition(";")[2] for piece in pieces)) == content
    assert drawn("kitty", b"\xff\xd8\xff jpeg") == ""
    assert drawn("iterm2", content).startswith(f"\x1b]1337;File=inline=1;size={len(content)};")
    assert drawn("iterm2", b"") == ""


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo terminals there")
def test_a_picture_stands_in_a_terminal_that_can_show_it(shell: Shell) -> None:
    from pty_world import on_terminal

    shown = on_terminal(shell, *RUN, "-o", "a.png", TERM="xterm-kitty", piped=True)
    assert shown.code == 0
    assert shown.stdout == b"a.png\n"
    saved = base64.b64encode((shell.home / "a.png").read_bytes()).decode()
    assert saved[:80] in shown.raw
    hidden = on_terminal(shell, *RUN, "--no-inline", TERM="xterm-kitty", piped=True)
    assert "\x1b_G" not in hidden.raw
    assert LARGEST <= 4 * 1024 * 1024
