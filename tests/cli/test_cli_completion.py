"""What a shell is told when somebody presses Tab: read here, asked of nobody."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from cli_world import PACKAGE, Shell
from test_cli_process import environment

from gmigen.client_cli.candidates import kinds

PROGRAM = f"""\
import atexit, sys
from {PACKAGE}.__main__ import main
heavy = lambda: sorted({{"httpx", "ssl", "rich"}} & set(sys.modules))
atexit.register(lambda: open("loaded", "w").write(" ".join(heavy())))
sys.argv[0] = "gmi"
main()
"""


@pytest.fixture
def gmi(shell: Shell) -> dict[str, str]:
    """An environment in which `gmi` is a command that tells what it loaded."""
    (shell.home / "bin").mkdir()
    (shell.home / "program.py").write_text(PROGRAM)
    command = shell.home / "bin/gmi"
    command.write_text(f'#!/bin/sh\nexec {sys.executable} {shell.home}/program.py "$@"\n')
    command.chmod(0o755)
    (shell.home / "my first.png").write_bytes(b"x")
    (shell.home / "media").mkdir()
    given = environment(shell, PATH=f"{shell.home}/bin:/usr/bin:/bin")
    return {name: text for name, text in given.items() if name != "GMI_API_KEY"}


def heavy(shell: Shell) -> str:
    return Path(shell.home / "loaded").read_text()


# A line up to the cursor, and what readline is told to put in place of its last word: words are
# broken at `=`, `:` and `@`.
BASH = [
    ("gmi doc", ["doctor"]),
    ("gmi run bo", ["Boat"]),
    ("gmi run Boat dur", ["duration_seconds="]),
    ("gmi run boat durationSeconds=", ["8", "6"]),
    ("gmi run Boat prompt=a\\ boat audio=t", ["true"]),
    ("gmi run Boat image=", ["@"]),
    ("gmi run Boat image=@m", ["media/", "my\\ first.png"]),
    ("gmi run Boat image=@my\\ f", ["my\\ first.png"]),
    ("gmi run Nothing pro", []),
    ("gmi run --max", ["--max-cost"]),
]


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash here")
def test_bash_completes_through_its_broken_words(shell: Shell, gmi: dict[str, str]) -> None:
    script = [
        "set -e; source <(_GMI_COMPLETE=bash_source gmi)",
        "compopt() { :; }",  # which works only while a person types
        'try() { COMP_LINE=$1; COMP_POINT=${#1}; _gmi_completion gmi; echo "${COMPREPLY[*]@Q}"; }',
        *(f"try {shquoted(line)}" for line, _ in BASH),
    ]
    ended = subprocess.run(
        ["bash", "--norc", "-c", "\n".join(script)],
        env=gmi, cwd=shell.home, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    expected = [" ".join(shquoted(one) for one in found) for _, found in BASH]
    assert ended.stdout.splitlines() == expected
    assert heavy(shell) == ""
    assert not shell.running.ledger.entries


def shquoted(text: str) -> str:
    """As bash quotes with `@Q`."""
    return f"'{text}'"


@pytest.mark.parametrize("name", ["zsh", "fish"])
def test_other_shells_get_whole_words_and_what_they_are(
    shell: Shell, gmi: dict[str, str], name: str
) -> None:
    def asked(line: str, word: str) -> list[str]:
        at = {"zsh": str(len(line.split(" ")) - 1), "fish": word}[name]
        given = {"_GMI_COMPLETE": f"{name}_complete", "COMP_WORDS": line, "COMP_CWORD": at}
        told = subprocess.run(
            ["gmi"], env={**gmi, **given}, cwd=shell.home, capture_output=True, text=True,
            check=True, executable=str(shell.home / "bin/gmi"),
        )  # fmt: skip
        return told.stdout.splitlines()

    separate = {"zsh": ("open\n{}:{}", "plain\n{}"), "fish": ("plain,{}\t{}", "plain,{}")}[name]
    described, plain = separate
    expected = described.format("duration_seconds=", "text").splitlines()
    assert asked("gmi run Boat dur", "dur") == expected
    expected = [*plain.format("fps=24").splitlines(), *plain.format("fps=30").splitlines()]
    assert asked("gmi run Boat fps=", "fps=") == expected
    assert "image; $0.152 per second" in "".join(asked("gmi run bo", "bo"))
    assert heavy(shell) == ""


@pytest.mark.parametrize("name", ["bash", "zsh", "fish"])
def test_the_documented_line_brings_a_script_each_shell_can_read(
    shell: Shell, gmi: dict[str, str], name: str
) -> None:
    script = subprocess.run(
        ["gmi"], env={**gmi, "_GMI_COMPLETE": f"{name}_source"}, capture_output=True, text=True,
        check=True, executable=str(shell.home / "bin/gmi"), cwd=shell.home,
    ).stdout  # fmt: skip
    assert "_gmi_completion" in script
    if shutil.which(name):
        options = ["--no-execute"] if name == "fish" else ["-n"]
        read = subprocess.run([name, *options], input=script, text=True, check=False)
        assert read.returncode == 0


def test_kinds_are_completed() -> None:
    assert [item.value for item in kinds(None, "i")] == ["image"]
