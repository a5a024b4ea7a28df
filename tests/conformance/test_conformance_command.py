"""`gmigen conformance` in a shell: what it says, writes, and ends with."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from conformance_world import KEY, world

from gmigen.beliefs.recording import read
from gmigen.cli.commands import main
from gmigen.conformance import run as running
from gmigen.emulator import faults
from gmigen.emulator.likeness import Likeness

Command = Callable[..., Result]


@pytest.fixture
def with_key(monkeypatch: pytest.MonkeyPatch, project: Path) -> Callable[[str], None]:
    def set_base(base_url: str) -> None:
        monkeypatch.setenv("GMI_API_KEY", KEY)
        monkeypatch.setenv("GMI_BASE_URL", base_url)

    return set_base


def test_as_believed_is_0_and_the_recording_is_kept(
    gmigen: Command, project: Path, with_key: Callable[[str], None]
) -> None:
    with world() as api:
        with_key(api.base_url)
        result = gmigen("conformance")
    assert result.exit_code == 0, result.output
    assert "Asked an emulator with" in result.output
    (path,) = project.glob("conformance-*.json")
    assert read(path).of == "an emulator"
    assert path.name in result.output
    assert KEY not in result.output + path.read_text()


def test_a_difference_is_1_and_is_named_with_its_source(
    gmigen: Command, with_key: Callable[[str], None]
) -> None:
    with world(like=Likeness(has_more=False)) as api:
        with_key(api.base_url)
        result = gmigen("conformance")
    assert result.exit_code == 1
    assert "DIFFERS list-of-requests: an object with requests, total" in result.output
    assert 'believed (recorded in public): GET /requests answers {"requests"' in result.output


@pytest.mark.parametrize(("answer", "files"), [("n\n", 0), ("y\n", 1), ("", 0)])
def test_review_prints_the_recording_and_asks_before_it_is_kept(
    answer: str, files: int, project: Path, with_key: Callable[[str], None]
) -> None:
    with world() as api:
        with_key(api.base_url)
        result = CliRunner().invoke(main, ["conformance", "--review"], input=answer)
    assert result.exit_code == 0
    assert '"gmigen_recording": 1' in result.output
    assert len(list(project.glob("conformance-*.json"))) == files


PORTAL = faults.Html(200, "Welcome to the lounge")
NOT_THE_API = {
    "a captive portal": (PORTAL, "perhaps the log-in page of this network"),
    "a portal that redirects": (faults.Redirect("https://portal.example/"), "not followed"),
    "another site": (faults.Status(404, "nothing here"), "not the request queue"),
    "another site with JSON": (faults.Status(200, body={"hello": 1}), "not the request queue"),
    "a refused key": (faults.Status(401, "no"), "refused the key"),
    "a key of another account": (faults.Status(403, "other org"), "GMI_ORG_ID"),
    "trouble": (faults.Status(503, "later"), "Try again later"),
}


@pytest.mark.parametrize("name", NOT_THE_API)
def test_what_is_not_the_api_is_one_sentence_and_4(
    name: str, gmigen: Command, project: Path, with_key: Callable[[str], None]
) -> None:
    fault, sentence = NOT_THE_API[name]
    with world(jobs=0) as api:
        api.faults.add("models", fault)
        with_key(api.base_url)
        result = gmigen("conformance")
        # Nothing else is asked of a stranger, and nothing is sent to it.
        assert [entry.route for entry in api.log.entries] == ["models"]
    assert result.exit_code == 4
    assert sentence in result.output
    assert list(project.glob("*.json")) == []


def test_nobody_there_is_4_and_no_key_is_2(
    gmigen: Command, with_key: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    with world(jobs=0) as api:
        with_key(api.base_url)
    gone = gmigen("conformance")
    assert gone.exit_code == 4
    assert "could not be reached" in gone.output
    monkeypatch.delenv("GMI_API_KEY")
    without = gmigen("conformance")
    assert without.exit_code == 2
    assert "There is no API key" in without.output


def test_ctrl_c_leaves_a_partial_report(
    gmigen: Command,
    project: Path,
    with_key: Callable[[str], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = running._ask

    def interrupted(caller: object, ask: object, answers: dict[str, object], on: object) -> None:
        if len(answers) == 6:
            raise KeyboardInterrupt
        asked(caller, ask, answers, on)  # type: ignore[arg-type]

    monkeypatch.setattr(running, "_ask", interrupted)
    with world() as api:
        with_key(api.base_url)
        result = gmigen("conformance")
    assert "It was interrupted" in result.output
    assert "ok    list-of-models" in result.output
    (path,) = project.glob("conformance-*.json")
    assert not read(path).complete


@pytest.mark.skipif(sys.platform == "win32", reason="no such signals there")
def test_a_signal_in_the_middle_leaves_a_partial_report(project: Path) -> None:
    with world() as api:
        # The answer never comes: time stands still there.
        api.faults.add("upload_url", faults.Slow(3600))
        with subprocess.Popen(
            [sys.executable, "-u", "-m", "gmigen", "conformance"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "GMI_API_KEY": KEY, "GMI_BASE_URL": api.base_url},
        ) as child:
            assert child.stderr is not None
            while "grant exe" not in (line := child.stderr.readline()):
                assert line, "it ended"
            child.send_signal(signal.SIGINT)
            said, errors = child.communicate(timeout=30)
    assert child.returncode == 0, errors
    assert "It was interrupted" in said
    assert "Traceback" not in errors
    assert len(list(project.glob("conformance-*.json"))) == 1
