"""What keeps `gmi` from working, found without spending anything."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest
from cli_world import KEY, Shell

from gmigen.emulator import faults


def checks(shell: Shell, code: int, **environment: Any) -> dict[str, tuple[str, str]]:
    """Each thing that was looked at, with its state and what was found; only GETs went out."""
    told = shell("doctor", "--json", **environment)
    assert told.exit_code == code, told.output
    document = json.loads(told.stdout)
    assert document["ok"] is (code == 0)
    assert {entry.method for entry in shell.running.ledger.entries} <= {"GET"}
    return {one["name"]: (one["state"], one["message"]) for one in document["checks"]}


def test_where_all_is_well_it_says_so_line_by_line(shell: Shell) -> None:
    told = shell("doctor")
    assert told.exit_code == 0
    rows = [line.split("\t") for line in told.stdout.splitlines()]
    assert {row[0] for row in rows} == {"ok"}
    names = ["versions", "journal", "key", "address", "proxy", "host", "clock", "models"]
    assert [row[1] for row in rows] == names
    found = dict(row[1:] for row in rows)
    assert found["key"] == "set, from GMI_API_KEY"
    assert found["models"] == "the key lists 6, 5 of them with a request class here"
    assert "an emulator" in found["address"]
    assert {entry.method for entry in shell.running.ledger.entries} == {"GET"}
    assert not shell.journal.exists()


def test_without_a_key_it_asks_nobody_and_ends_with_2(shell: Shell) -> None:
    found = checks(shell, 2, GMI_API_KEY=None)
    assert found["key"][0] == "fail"
    assert "Set GMI_API_KEY" in found["key"][1]
    assert found["host"] == ("warn", "not asked, for want of a key")
    assert not shell.running.ledger.entries


def test_a_key_that_cannot_be_one_is_told_without_its_text(shell: Shell) -> None:
    told = shell("doctor", GMI_API_KEY=f"{KEY} and more")
    assert told.exit_code == 2
    assert "holds a space" in told.stdout


@pytest.mark.parametrize("base", ["http://example.com/api", "https://api.example.com/v1"])
def test_an_address_that_cannot_be_one_ends_with_2(shell: Shell, base: str) -> None:
    found = checks(shell, 2, GMI_BASE_URL=base)
    assert found["address"][0] == "fail"
    assert "host" not in found


def test_a_refused_key_ends_with_4_and_what_to_do(shell: Shell) -> None:
    shell.running.faults.add("models", faults.Status(401, f"unknown key {KEY}"), nth=None)
    found = checks(shell, 4)
    assert found["host"] == ("ok", "answers, with 401")
    assert found["models"][0] == "fail"
    assert "GMI_API_KEY" in found["models"][1]


def test_a_host_that_is_not_there_ends_with_4(shell: Shell) -> None:
    with shell.running.down():
        found = checks(shell, 4)
    assert found["host"][0] == "fail"


def test_a_key_without_models_is_warned_of(shell: Shell) -> None:
    shell.running.faults.add("models", faults.Status(200, body="[]"))
    assert checks(shell, 0)["models"][0] == "warn"


@pytest.mark.parametrize(("moment", "words"), [(4e9, "ahead of"), (0.0, "behind")])
def test_a_clock_that_is_wrong_is_warned_of(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, moment: float, words: str
) -> None:
    stopped = SimpleNamespace(time=lambda: moment)
    monkeypatch.setattr("made_inference.cli.checkup.time", stopped)
    state, message = checks(shell, 0)["clock"]
    assert (state, words in message) == ("warn", True), message


def test_what_stands_open_in_the_journal_is_told(shell: Shell) -> None:
    shell("submit", "Boat", "prompt=x")
    shell.running.faults.add("submit", faults.Reset(process=True))
    shell.running.faults.add("list", faults.Status(401), nth=None)
    shell("submit", "Boat", "prompt=x")
    told = shell("doctor").stdout
    assert "warn\tjournal\t" in told
    assert "1 jobs whose end nobody saw (see gmi resume)" in told
    assert "1 submissions that may have arrived: gmi reconcile" in told


def test_a_journal_that_is_off_or_no_file_is_told(shell: Shell) -> None:
    assert checks(shell, 0, GMI_JOURNAL="off")["journal"][0] == "warn"
    assert checks(shell, 2, GMI_JOURNAL=str(shell.home))["journal"][0] == "fail"


def test_the_password_of_a_proxy_is_not_shown(shell: Shell) -> None:
    from gmigen.client_cli.checkup import _proxy

    assert _proxy("http://me:hunter2@proxy.example:3128") == "http://proxy.example:3128"
    assert _proxy(None) == "none"
