"""`gmi run --emulate`: a request tried for nothing, of which nothing stays."""

from __future__ import annotations

import importlib
import json
import sys

import pytest
from cli_world import Shell


@pytest.fixture(autouse=True)
def _brief(packages: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("made_inference.cli.emulation.SECONDS", 0.05)


def test_it_runs_without_a_key_and_leaves_the_file_and_nothing_else(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Each address is told of once in a process, and its port may have been another test's.
    pump = importlib.import_module("made_inference.runtime.http.pump")
    monkeypatch.setattr(pump, "_emulators_met", set())
    told = shell(
        "run", "boat", "prompt=x", "--emulate", "-o", "boat.mp4", "--key", "row-1",
        GMI_API_KEY=None, GMI_BASE_URL=None,
    )  # fmt: skip
    assert told.exit_code == 0, told.output
    assert told.stdout == "boat.mp4\n"
    assert "EMULATOR" in told.stderr
    assert [path.name for path in shell.home.iterdir()] == ["boat.mp4"]
    assert not shell.running.ledger.entries, "another API than that of the environment"


def test_what_ends_it_early_does_not_send_anybody_to_look_for_the_job(shell: Shell) -> None:
    told = shell("run", "Boat", "prompt=x", "--emulate", "--timeout", "0", "--json")
    assert told.exit_code == 3
    assert json.loads(told.stdout)["error"]["type"] == "JobTimeoutError"
    assert "It was the emulator's job" in told.stderr
    assert "Come back" not in told.stderr


def test_a_model_nobody_knows_is_refused_there_too(shell: Shell) -> None:
    told = shell("run", "veo-3.1-generate-01", "prompt=x", "--emulate")
    assert told.exit_code == 2
    assert "veo-3.1-generate-001" in told.stderr


def test_without_the_extra_there_is_a_sentence(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "gmigen.emulator", None)
    told = shell("run", "Boat", "prompt=x", "--emulate")
    assert told.exit_code == 2
    assert 'pip install "gmi-inference[emulator]"' in told.stderr
