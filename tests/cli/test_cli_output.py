"""Nothing that comes from elsewhere reaches the terminal as anything but text."""

from __future__ import annotations

import json
import unicodedata
from typing import Any

import pytest
from cli_world import Shell
from hypothesis import given
from hypothesis import strategies as st

from gmigen.client_cli.output import moment, out_json, shown
from gmigen.emulator import faults

HOSTILE = "\x1b[2J\x1b]0;owned\x07\u202egnp.exe\x9b31m\r\nnext\u2028line"
OBEYED = ("\x1b", "\x07", "\x9b", "\u202e", "\r", "\u2028")


@given(st.text())
def test_shown_text_is_one_line_of_printable_characters(text: str) -> None:
    told = shown(text)
    assert len(told.splitlines()) <= 1
    assert not [c for c in told if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")]
    told.encode("utf-8")


@given(st.text(st.characters(categories=["L", "N", "P", "S"])))
def test_ordinary_text_is_shown_as_it_is(text: str) -> None:
    assert shown(text) == text


def test_json_is_ascii_on_one_line_without_controls_and_without_nan(
    capsys: pytest.CaptureFixture[str],
) -> None:
    out_json({"a": HOSTILE + "\x7f\ud800é", "b": float("nan"), "c": [float("inf")]})
    told = capsys.readouterr().out
    assert told.endswith("}\n")
    assert all(" " <= character <= "~" for character in told[:-1])
    assert json.loads(told)["b"] is None
    assert json.loads(told)["c"] == [None]


@pytest.mark.parametrize("seconds", [None, 1e30, -1e30, float("inf")])
def test_a_time_nobody_knows_is_a_dash(seconds: float | None) -> None:
    assert moment(seconds) == "-"


def test_a_time_is_told_in_utc() -> None:
    assert moment(0.0) == "1970-01-01T00:00:00Z"


@pytest.mark.parametrize(
    ("fault", "arguments"),
    [
        (faults.Failed(HOSTILE), ("run", "now/1.5", "prompt=x")),
        (faults.Word(HOSTILE, instead_of="success"), ("submit", "now/1.5", "prompt=x")),
        (faults.Outcome({"video_url": f"https://x/{HOSTILE}"}), ("run", "now/1.5", "prompt=x")),
        (faults.Outcome({"element_id": HOSTILE}), ("run", "now/1.5", "prompt=x", "--json")),
    ],
)
def test_what_the_api_says_is_shown_without_control_characters(
    shell: Shell, fault: Any, arguments: tuple[str, ...]
) -> None:
    shell.running.faults.add("job", fault)
    result = shell(*arguments)
    assert result.output
    assert not [character for character in OBEYED if character in result.output]


def test_the_names_and_details_of_models_are_shown_without_control_characters(
    shell: Shell,
) -> None:
    listed = json.dumps(["\u202eowned"])  # an id with control characters is none
    shell.running.faults.add("models", faults.Status(200, body=listed))
    shell.running.faults.add("details", faults.Status(200, body={"model": HOSTILE}))
    for result in (shell("models"), shell("models", "Unlisted")):
        assert result.exit_code == 0
        assert "owned" in result.stdout
        assert not [character for character in OBEYED if character in result.output]
