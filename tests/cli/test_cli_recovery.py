"""What the journal knows, told and settled from a shell; and a journal that cannot be kept."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path

import pytest
from cli_world import Shell
from test_cli_jobs import document

from gmigen.emulator import faults


@pytest.mark.row("shell")
def test_resume_lists_the_jobs_whose_end_nobody_saw(shell: Shell) -> None:
    first = shell("submit", "Boat", "prompt=x").stdout.strip()
    second = shell("submit", "now/1.5", "prompt=x").stdout.strip()
    seen = len(shell.running.ledger.entries)
    lines = [line.split("\t") for line in shell("resume").stdout.splitlines()]
    assert [(line[0], line[2]) for line in lines] == [(first, "Boat"), (second, "now/1.5")]
    assert all(line[1].endswith("Z") for line in lines)
    assert len(shell.running.ledger.entries) == seen
    assert shell("wait", first).exit_code == 0
    told = document(shell("resume", "--json").stdout)
    assert [job["id"] for job in told["jobs"]] == [second]
    assert told["unknown"] == []


@pytest.mark.row("shell")
def test_reconcile_finds_the_job_of_a_submission_whose_answer_never_came(shell: Shell) -> None:
    shell.running.faults.add("submit", faults.Reset(process=True))
    shell.running.faults.add("list", faults.Status(401))
    assert shell("submit", "Boat", "prompt=x").exit_code == 3
    (identity,) = shell.running.ledger.billed_jobs
    told = shell("resume")
    command = shlex.split(told.stderr.splitlines()[0].partition("Look with: ")[2])
    assert command[:2] == ["gmi", "reconcile"]
    other = shell("reconcile", "another")
    assert other.exit_code == 2
    found = shell(*command[1:])
    assert found.exit_code == 0, found.output
    assert found.stdout == f"{command[2]}\tone\t{identity}\n"
    assert f"gmi wait {identity}" in found.stderr
    assert document(shell("resume", "--json").stdout)["jobs"][0]["id"] == identity
    assert len(shell.running.ledger.posts()) == 1
    assert shell("reconcile").stdout == ""


@pytest.mark.row("shell")
def test_without_a_journal_there_is_nothing_to_resume(shell: Shell) -> None:
    for environment in ({}, {"GMI_JOURNAL": "off"}):
        told = shell("resume", **environment)
        assert (told.exit_code, told.stdout) == (2, "")
        assert "There is no journal" in told.stderr
        assert "journal=" not in told.stderr
    assert not shell.journal.parent.exists()


@pytest.mark.row("shell")
def test_a_journal_without_unfinished_business_says_so(shell: Shell) -> None:
    shell("run", "now/1.5", "prompt=x")
    told = shell("resume")
    assert (told.exit_code, told.stdout) == (0, "")
    assert "nothing unfinished" in told.stderr


def folder(place: Path) -> None:
    place.mkdir()


def device(place: Path) -> None:
    place.symlink_to("/dev/full")


def loop(place: Path) -> None:
    place.symlink_to(place)


@pytest.mark.row("F15")
@pytest.mark.skipif(sys.platform == "win32", reason="it has no such files")
@pytest.mark.parametrize("obstacle", [folder, device, loop, os.mkfifo])
def test_a_default_journal_that_cannot_be_written_stops_nothing(
    shell: Shell, obstacle: object
) -> None:
    shell.journal.parent.mkdir(parents=True)
    obstacle(shell.journal)  # type: ignore[operator]
    told = shell("run", "now/1.5", "prompt=x")
    assert told.exit_code == 0, told.output
    assert "no journal is kept" in told.stderr
    assert len(shell.running.ledger.posts()) == 1


@pytest.mark.row("F15")
def test_a_journal_that_was_asked_for_stops_what_it_cannot_note(shell: Shell) -> None:
    told = shell("run", "now/1.5", "prompt=x", GMI_JOURNAL=str(shell.home))
    assert told.exit_code == 2
    assert "GMI_JOURNAL" in told.stderr
    assert not shell.running.ledger.entries


@pytest.mark.row("F15")
def test_without_a_home_a_submission_is_made(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    place = shell.home / "in-the-way"
    place.write_text("")
    for state in (str(place), str(place / "deeper")):
        told = shell("submit", "Boat", "prompt=x", XDG_STATE_HOME=state)
        assert told.exit_code == 0
        assert "no journal is kept" in told.stderr


def test_the_variable_survives_a_command(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    from gmigen.client_cli.setup import client

    monkeypatch.setenv("GMI_JOURNAL", "off")
    monkeypatch.setenv("GMI_API_KEY", "k-1234567")
    with client():
        assert os.environ["GMI_JOURNAL"] == "off"
