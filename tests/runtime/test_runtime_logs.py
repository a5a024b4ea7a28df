"""What the client says without being asked, and what it says when it is."""

from __future__ import annotations

import logging
import subprocess
import sys

import pytest
from runtime_world import KEY, PROMPT, Talk

from gmigen.emulator import Emulator
from gmigen.runtime.config import Secret, settings
from gmigen.runtime.http import pump

pytestmark = pytest.mark.slow

CODE = """
import gmigen.client as gmi
result = gmi.run("clip-1", {"prompt": "a-prompt"})
result.artifact.read()
"""


def said(running: Emulator, **variables: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", CODE],
        env={"PATH": "/usr/bin:/bin", "GMI_API_KEY": KEY, "GMI_BASE_URL": running.base_url}
        | variables,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout == ""
    return done.stderr


def test_the_client_is_silent_unless_asked(quick: Emulator) -> None:
    assert said(quick) == ""
    assert said(quick, GMI_LOG="nonsense") == ""


def test_an_environment_variable_shows_what_it_does(quick: Emulator) -> None:
    shown = said(quick, GMI_LOG="debug")
    assert "POST http://127.0.0.1" in shown
    assert shown.count("EMULATOR") == 1
    assert KEY not in shown
    assert "a-prompt" not in shown
    assert "POST" not in said(quick, GMI_LOG="warning")


def test_an_emulator_is_one_line_and_not_two(
    talk: Talk,
    running: Emulator,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Each address is told of once in a process, and its port may have been another test's.
    monkeypatch.setattr(pump, "_emulators_met", set())
    caplog.set_level(logging.INFO, "gmi_inference")
    talk(talk.client.run("clip-1", PROMPT))
    talk(talk.client.run("clip-1", PROMPT))
    warnings = [one.getMessage() for one in caplog.records if one.name == "gmi_inference"]
    assert sum("EMULATOR" in one for one in warnings) == 1
    assert not any("API key goes to" in one for one in warnings)


def test_a_foreign_address_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(2):
        settings(Secret(KEY), base_url="https://queue.elsewhere.example/api")
    told = [one.getMessage() for one in caplog.records]
    assert len(told) == 1
    assert "queue.elsewhere.example" in told[0]
    assert KEY not in told[0]
