"""The recipes that need nothing heavy, run as they stand on the page against the emulator."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from fastapi.testclient import TestClient
from recipes_page import PAGE, RECIPES

from gmi_inference import Client
from gmigen.emulator import Emulator, emulator, faults

KEY = "emu-key"
MODELS = ("pixverse-v6-i2v", "seedream-5.0-lite", "minimax-tts-speech-2.8-hd", "Veo3")
PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)


@pytest.fixture
def running(
    bundled: Mapping[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Emulator]:
    """An emulator of everything, which the environment names, and an empty folder to work in."""
    with emulator(bundled, job_seconds=0.0, inline_images=True) as one:
        monkeypatch.setenv("GMI_BASE_URL", one.base_url)
        monkeypatch.setenv("GMI_API_KEY", KEY)
        monkeypatch.chdir(tmp_path)
        yield one


def run(name: str) -> dict[str, Any]:
    """Run a recipe as a program; its names."""
    names: dict[str, Any] = {"__name__": f"recipe_{name}"}
    exec(compile(RECIPES[name], f"{PAGE}:{name}", "exec"), names)
    return names


def test_the_page_has_a_recipe_for_each_of_eight_apps() -> None:
    assert {*RECIPES} == {
        *("fastapi", "celery", "notebook", "gradio", "pipeline", "rows", "agent", "hosts")
    }
    assert len(re.findall("```python", PAGE.read_text("utf-8"))) == len(RECIPES)


def test_a_web_service_pays_a_double_click_once(running: Emulator) -> None:
    with TestClient(run("fastapi")["app"]) as web:

        def order(image: bytes = PNG, prompt: str = "a boat") -> Any:
            return web.post(
                "/clips/17", params={"prompt": prompt}, files={"image": ("a.png", image)}
            )

        first, second = order(), order()
        assert first.status_code == 200, first.text
        assert second.json()["id"] == first.json()["id"]
        assert first.json()["key"] == "order-17"
        assert web.get(f"/jobs/{first.json()['id']}").json()["status"] == "success"
        refused = order(prompt="another")
        assert refused.status_code == 422
        assert "another request" in refused.json()["detail"]
    assert len(running.log.posts()) == 1


def test_a_notebook_compares_three_models_within_its_budget(
    running: Emulator, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shown: list[Any] = []
    display = ModuleType("IPython.display")
    display.display = lambda *things: shown.extend(things)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "IPython", ModuleType("IPython"))
    monkeypatch.setitem(sys.modules, "IPython.display", display)
    chosen = run("notebook")["chosen"]
    assert len({request.MODEL_ID for request in chosen}) == 3
    assert len(running.log.billed_jobs) == 3
    assert [artifact.kind for artifact in shown] == ["image"] * 3
    assert "estimated: 0" in capsys.readouterr().out


def test_a_pipeline_goes_on_where_it_was(running: Emulator, tmp_path: Path) -> None:
    for _ in range(2):
        run("pipeline")
    assert len(running.log.posts()) == len(running.log.billed_jobs) == 3
    assert len([*(tmp_path / "film").iterdir()]) == 3


def test_rows_are_paid_once_however_often_the_night_begins(
    running: Emulator, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = "".join(f"{number},boat {number}\n" for number in range(12))
    (tmp_path / "rows.csv").write_text(f"id,prompt\n{rows}")
    running.faults.add("submit", faults.Reset(process=True))
    for _ in range(2):
        run("rows")
    assert "SubmissionUnknownError" in capsys.readouterr().out
    assert len(running.log.posts()) == len(running.log.billed_jobs) == 12
    assert len([*(tmp_path / "clips").iterdir()]) == 12


def test_an_agent_gets_a_sentence_for_everything(running: Emulator) -> None:
    names = run("agent")

    def call(identity: str, name: str, **arguments: Any) -> SimpleNamespace:
        wanted = SimpleNamespace(name=name, arguments=json.dumps(arguments))
        return SimpleNamespace(id=identity, function=wanted)

    asked = SimpleNamespace(
        tool_calls=[
            call("call-1", "seedream_5_0_lite", prompt="a boat"),
            call("call-1", "seedream_5_0_lite", prompt="a boat"),
            call("call-2", "veo3", prompt="another model"),
            call("call-3", "pixverse_v6_i2v", prompt="x", image="/etc/passwd"),
        ]
    )
    with Client(journal="jobs.db", budget=1) as client:
        told = [one["content"] for one in names["answer"](asked, client)]
    assert told[0] == told[1]
    assert told[0].startswith(("http", "data:"))
    assert "no tool of this name" in told[2]
    assert "public http" in told[3]
    assert len(running.log.posts()) == 1
