"""A list of models that is not whole, or cannot be, takes no model away."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from gmigen.catalog.pages import goes_on
from gmigen.emulator import emulator, faults

Command = Callable[..., Result]
NAMES = [f"m{number:02}" for number in range(10)]
LOCK = Path("generated/snapshot/lock.json")


def details(model: str) -> bytes:
    parameters = [{"name": "prompt", "type": "string", "required": True}]
    return json.dumps({"model": model, "parameters": parameters}).encode()


def fetched(
    gmigen: Command, monkeypatch: pytest.MonkeyPatch, body: Any, headers: dict[str, str]
) -> Result:
    """A fetch of all ten models, and one of what `body` lists."""
    with emulator({name: details(name) for name in NAMES}) as api:
        monkeypatch.setenv("GMI_BASE_URL", api.base_url)
        monkeypatch.setenv("GMI_API_KEY", "emu-key")
        assert gmigen("fetch").exit_code == 0
        api.faults.add("models", faults.Status(200, body=body, headers=headers), nth=None)
        return gmigen("fetch")


MORE: list[tuple[dict[str, Any], dict[str, str]]] = [
    ({"has_more": True, "total": 10}, {}),
    ({"hasMore": "true"}, {}),
    ({"next_page_token": "abc"}, {}),
    ({"next": "/models?page=2"}, {}),
    ({"total": 10}, {}),
    ({"pagination": {"page": 1, "total_pages": 2}}, {}),
    ({"meta": {"next_cursor": "m09"}}, {}),
    ({}, {"Link": '</models?page=2>; rel="next"'}),
]


@pytest.mark.row("B18")
@pytest.mark.parametrize(("said", "headers"), MORE)
def test_a_list_that_was_cut_takes_no_model_away(
    gmigen: Command, monkeypatch: pytest.MonkeyPatch, said: Any, headers: Any
) -> None:
    result = fetched(gmigen, monkeypatch, {"model_ids": NAMES[:9], **said}, headers)
    assert result.exit_code == 3
    assert "0 removed, 1 kept from before" in result.output
    assert "goes on after the 9 models" in result.output
    lock = json.loads(LOCK.read_text())
    assert (sorted(lock["models"]), lock["removed"]) == (NAMES, {})


@pytest.mark.row("B18")
def test_a_cut_list_may_be_short_and_still_brings_what_is_new(
    gmigen: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = fetched(gmigen, monkeypatch, {"model_ids": NAMES[:1], "has_more": True}, {})
    assert "0 removed, 9 kept from before" in result.output


@pytest.mark.row("B18")
@pytest.mark.parametrize(
    "said",
    [
        {"has_more": False, "total": 9},
        {"next": None, "next_page": "", "truncated": False},
        {"pagination": {"page": 1, "total_pages": 1}, "total": True},
        {"total": "many", "more_about": "prices"},
    ],
)
def test_a_whole_list_still_takes_away(
    gmigen: Command, monkeypatch: pytest.MonkeyPatch, said: Any
) -> None:
    result = fetched(gmigen, monkeypatch, {"model_ids": NAMES[:9], **said}, {})
    assert (result.exit_code, "1 removed, 0 kept" in result.output) == (0, True)
    assert json.loads(LOCK.read_text())["removed"].keys() == {"m09"}


@pytest.mark.row("B18")
@pytest.mark.parametrize("body", [b"", b"\xff", b"[", b"[1]", b'{"model_ids": 3, "next": []}'])
def test_any_answer_is_judged(body: bytes) -> None:
    assert goes_on(body, {}) is False


@pytest.mark.row("B4")
@pytest.mark.parametrize("text", ["<<<<<<< HEAD\n{}\n=======\n", "", "<html>", '{"model": "m'])
def test_a_file_nobody_can_read_may_be_any_model(gmigen: Command, project: Path, text: str) -> None:
    (project / "details").mkdir()
    for name in NAMES:
        (project / f"details/{name}.json").write_bytes(details(name))
    assert gmigen("fetch", "--from-dir", "details").exit_code == 0
    (project / "details/m03.json").write_text(text)
    result = gmigen("fetch", "--from-dir", "details")
    assert (result.exit_code, "0 removed, 1 kept" in result.output) == (3, True)
    assert sorted(json.loads(LOCK.read_text())["models"]) == NAMES


@pytest.mark.row("G9")
def test_an_id_nobody_can_ask_for_is_refused_alone(
    gmigen: Command, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = ["m\ud800", "..", "x" * 500, "a\nb", "", None, 5, {}, " m01 "]
    with emulator({name: details(name) for name in NAMES[:2]}) as api:
        monkeypatch.setenv("GMI_BASE_URL", api.base_url)
        monkeypatch.setenv("GMI_API_KEY", "emu-key")
        api.faults.add("models", faults.Status(200, body={"model_ids": ["m00", *odd]}), nth=None)
        result = gmigen("fetch")
    assert result.exit_code == 3
    for told in (r"m\ud800", "..", "x" * 100, r"a\nb"):
        assert f"refused id-unusable: {told}" in result.output
    assert result.output.count("id-unusable") == 4
    assert json.loads(LOCK.read_text())["models"].keys() == {"m00", "m01"}


FETCH = """
import sys
from peak import peak_kib
from click.testing import CliRunner
from gmigen.cli.commands import main
before = peak_kib()
result = CliRunner().invoke(main, ["fetch"])
sys.stdout.write(f"{result.exit_code} {peak_kib() - before}")
"""


@pytest.mark.slow
@pytest.mark.row("G19")
def test_a_packed_answer_takes_no_more_memory_than_a_plain_one(project: Path) -> None:
    bomb = gzip.compress(gzip.compress(b" " * 60_000_000, 1))
    packed = faults.Status(200, body=bomb, headers={"Content-Encoding": "gzip, gzip"})
    with emulator({"m00": details("m00")}) as api:
        api.faults.add("details", packed, nth=None)
        done = subprocess.run(
            [sys.executable, "-c", FETCH],
            env={
                "PATH": "/usr/bin:/bin",
                "PYTHONPATH": str(Path(__file__).parents[1] / "support"),
                "GMI_API_KEY": "emu-key",
                "GMI_BASE_URL": api.base_url,
            },
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    code, extra_kb = map(int, done.stdout.split())
    assert code == 3
    assert extra_kb < 32 * 1024
