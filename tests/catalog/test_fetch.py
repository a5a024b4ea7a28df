"""`gmigen fetch` against the emulator: what arrives on disk, and what stays when it does not."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from gmigen.emulator import Emulator, emulator, faults

SNAPSHOT = Path("generated/snapshot")


def details(model: str, **more: Any) -> bytes:
    parameters = [{"name": "prompt", "type": "string", "required": True}]
    return json.dumps({"model": model, "parameters": parameters, **more}).encode()


CATALOGUE = {name: details(name) for name in ("Veo3", "veo3", "with space/and.dot", "a", "b", "c")}


@pytest.fixture
def api(project: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    with emulator(CATALOGUE) as running:
        reach(running, monkeypatch)
        yield running


def reach(running: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GMI_BASE_URL", running.base_url)
    monkeypatch.setenv("GMI_API_KEY", "emu-key")


def lock() -> dict[str, Any]:
    value: dict[str, Any] = json.loads((SNAPSHOT / "lock.json").read_bytes())
    return value


def kept(model: str) -> dict[str, Any]:
    value: dict[str, Any] = json.loads((SNAPSHOT / lock()["models"][model]["file"]).read_bytes())
    return value


def test_every_model_arrives_under_a_file_of_its_own(
    gmigen: Callable[..., Result], api: Emulator
) -> None:
    result = gmigen("fetch")
    assert result.exit_code == 0, result.output
    assert "6 models listed: 6 added" in result.output
    assert {model: kept(model)["model"] for model in CATALOGUE} == {m: m for m in CATALOGUE}
    files = [entry["file"].casefold() for entry in lock()["models"].values()]
    assert len(set(files)) == len(CATALOGUE)
    assert lock()["origin"] == api.base_url


def test_ids_go_over_the_wire_percent_encoded_and_once(
    gmigen: Callable[..., Result], api: Emulator
) -> None:
    gmigen("fetch")
    asked = [entry.path for entry in api.log.entries if entry.route == "details"]
    assert len(asked) == len(CATALOGUE)
    assert sum("with%20space%2Fand.dot" in path for path in asked) == 1


@pytest.mark.parametrize("shape", ["ids", "details"])
def test_both_shapes_of_the_list_are_read(
    gmigen: Callable[..., Result], project: Path, monkeypatch: pytest.MonkeyPatch, shape: Any
) -> None:
    with emulator(CATALOGUE, list_shape=shape) as running:
        reach(running, monkeypatch)
        assert gmigen("fetch").exit_code == 0
    assert set(lock()["models"]) == set(CATALOGUE)


def test_globs_choose_the_models(gmigen: Callable[..., Result], api: Emulator) -> None:
    gmigen("fetch", "--include", "?eo3", "--include", "a", "--exclude", "veo*")
    assert set(lock()["models"]) == {"Veo3", "a"}


def test_fetching_again_touches_no_file(gmigen: Callable[..., Result], api: Emulator) -> None:
    gmigen("fetch")
    before = {path: path.stat().st_mtime_ns for path in SNAPSHOT.iterdir()}
    result = gmigen("fetch")
    assert "0 added, 0 changed, 0 removed" in result.output
    assert {path: path.stat().st_mtime_ns for path in SNAPSHOT.iterdir()} == before


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (faults.Html(200), "Asking for model a"),
        (faults.Status(200, body='{"model": "a", "parameters": ['), "Asking for model a"),
        (faults.Status(200, body='["a", "list"]'), "Asking for model a"),
        (faults.Status(200, body='{"model": "a", "model": "b"}'), "names the same key twice"),
        (faults.Status(200, body='{"model": "other", "parameters": []}'), "it describes 'other'"),
        (faults.Status(404, '{"error": "Model not found"}'), "Model not found"),
    ],
)
def test_a_model_that_fails_keeps_its_old_details_and_the_others_are_fetched(
    gmigen: Callable[..., Result],
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
    fault: Any,
    reason: str,
) -> None:
    with emulator({"a": details("a", tags=["old"]), "b": details("b", tags=["old"])}) as first:
        reach(first, monkeypatch)
        gmigen("fetch")
    with emulator({"a": details("a", tags=["new"]), "b": details("b", tags=["new"])}) as second:
        reach(second, monkeypatch)
        second.faults.add("details", fault, match="a")
        result = gmigen("fetch")
    assert result.exit_code == 3, result.output
    assert reason in result.output
    assert kept("a")["tags"] == ["old"]
    assert kept("b")["tags"] == ["new"]
    assert [found["model"] for found in lock()["unfetched"]] == ["a"]


def test_a_new_model_that_fails_is_reported_and_leaves_no_file(
    gmigen: Callable[..., Result], api: Emulator
) -> None:
    api.faults.add("details", faults.Html(200), match="Veo3")
    assert gmigen("fetch").exit_code == 3
    assert set(lock()["models"]) == set(CATALOGUE) - {"Veo3"}
    assert len(list(SNAPSHOT.glob("*.json"))) == len(CATALOGUE)


def test_passing_trouble_is_retried(gmigen: Callable[..., Result], api: Emulator) -> None:
    api.faults.add("details", faults.Status(503, '{"error": "busy"}'), nth=[1, 3])
    assert gmigen("fetch").exit_code == 0
    assert set(lock()["models"]) == set(CATALOGUE)


def test_a_catalogue_that_shrank_is_not_believed_at_once(
    gmigen: Callable[..., Result], project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with emulator(CATALOGUE) as first:
        reach(first, monkeypatch)
        gmigen("fetch")
    with emulator({"a": CATALOGUE["a"]}) as second:
        reach(second, monkeypatch)
        refused = gmigen("fetch")
        assert refused.exit_code == 1
        assert "--allow-shrink" in refused.output
        assert set(lock()["models"]) == set(CATALOGUE)
        assert gmigen("fetch", "--allow-shrink").exit_code == 0
    assert set(lock()["models"]) == {"a"}
    assert sorted(path.name for path in SNAPSHOT.glob("*.json")) == ["a.json", "lock.json"]


def test_without_a_key_the_sentence_names_the_variable_and_where_keys_are_made(
    gmigen: Callable[..., Result],
) -> None:
    result = gmigen("fetch")
    assert result.exit_code == 2
    assert "GMI_API_KEY" in result.output
    assert "console.gmicloud.ai" in result.output


def test_a_refused_key_and_a_dead_host_end_with_4(
    gmigen: Callable[..., Result], project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with emulator(CATALOGUE, keys=["right"]) as running:
        reach(running, monkeypatch)
        assert gmigen("fetch").exit_code == 4
    # The emulator is gone now: nobody listens at its address.
    result = gmigen("fetch")
    assert result.exit_code == 4
    assert "emu-key" not in result.output


def test_a_wrong_host_ends_with_4_and_keeps_the_snapshot(
    gmigen: Callable[..., Result], api: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    gmigen("fetch")
    monkeypatch.setenv("GMI_BASE_URL", f"{api.files_url}/elsewhere")
    before = {path: path.read_bytes() for path in SNAPSHOT.iterdir()}
    assert gmigen("fetch").exit_code == 4
    assert {path: path.read_bytes() for path in SNAPSHOT.iterdir()} == before


def test_details_on_disk_are_taken_with_what_is_wrong_left_out(
    gmigen: Callable[..., Result], project: Path
) -> None:
    source = project / "details"
    source.mkdir()
    (source / "one.json").write_bytes(details("One", internal_parameters={"secret": 1}, qworkers=3))
    (source / "two.json").write_text("<html>captive portal</html>")
    (source / "three.json").write_text('{"model": "Three", "parameters": [')
    (source / "four.json").write_text("[]")
    result = gmigen("fetch", "--from-dir", "details", "--provenance", "From a friend.")
    assert result.exit_code == 3
    assert "an HTML or XML page" in result.output
    assert "the text was cut" in result.output
    assert set(lock()["models"]) == {"One"}
    assert lock()["provenance"] == "From a friend."
    assert kept("One").keys() == {"model", "parameters"}


def test_the_progress_bar_is_for_terminals_only(
    gmigen: Callable[..., Result], api: Emulator
) -> None:
    assert "Fetching" not in gmigen("fetch").output


def test_the_key_is_in_no_file(
    gmigen: Callable[..., Result], api: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GMI_API_KEY", "sk-CANARY-fetch")
    gmigen("fetch")
    written: Mapping[Path, bytes] = {path: path.read_bytes() for path in SNAPSHOT.iterdir()}
    assert written
    assert not any(b"sk-CANARY" in content for content in written.values())
