"""Whatever the user wrote and is not read is named; what is read is read from everywhere."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from gmigen.errors import SettingsError
from gmigen.settings import load

Command = Callable[..., Result]


@pytest.fixture
def made(gmigen: Command, project: Path) -> Path:
    """A project with one model, generated."""
    (project / "details").mkdir()
    text = json.dumps({"model": "One", "parameters": [{"name": "prompt", "type": "string"}]})
    (project / "details/one.json").write_text(text)
    assert gmigen("fetch", "--from-dir", "details").exit_code == 0
    assert gmigen("generate").exit_code == 0
    return project


@pytest.mark.row("B14")
@pytest.mark.parametrize(
    ("setting", "path", "told"),
    [
        ("templates", "package/models/modle.py.jinja", "did you mean package/models/model.py"),
        ("templates", "Docs/Index.md.jinja", "Docs/Index.md.jinja is not read"),
        ("overlays", "deeper/one.toml", "deeper/one.toml is not read"),
        ("overlays", "one.TOML", "one.TOML is not read"),
        ("overlays", "one.toml.txt", "one.toml.txt is not read"),
    ],
)
def test_what_is_not_read_is_named(
    gmigen: Command, made: Path, setting: str, path: str, told: str
) -> None:
    place = made / "mine" / path
    place.parent.mkdir(parents=True)
    place.write_text("")
    result = gmigen("generate", f"--{setting}", "mine")
    assert result.exit_code == 0
    assert told in result.output


@pytest.mark.row("B19")
def test_hidden_files_are_neither_documents_nor_overlays_nor_templates(
    gmigen: Command, made: Path
) -> None:
    for folder in ("generated/snapshot", "details", "mine"):
        (made / folder).mkdir(exist_ok=True)
        (made / folder / "._one.json").write_bytes(b"\0\5\x16\7")
        (made / folder / "._one.toml").write_bytes(b"\0\5\x16\7")
    fetched = gmigen("fetch", "--from-dir", "details")
    assert (fetched.exit_code, "0 added, 0 changed" in fetched.output) == (0, True)
    result = gmigen("generate", "--overlays", "mine", "--templates", "mine")
    assert (result.exit_code, result.output.count("._one")) == (0, 0)


@pytest.mark.row("B5")
@pytest.mark.parametrize(
    "harm",
    [
        lambda text: b"# \xa9 Acme\n" + text,
        lambda text: "# \u00a9 Acme\n".encode() + text,
        lambda text: b"\xef\xbb\xbf" + text,
        lambda text: text + b"\n(\n",
        lambda text: text + b"\n{{ ''.__class__.__mro__ }}\n",
        lambda text: text + b"\n{% if %}\n",
    ],
)
def test_a_broken_own_template_is_one_error_and_nothing_is_written(
    gmigen: Command, made: Path, harm: Callable[[bytes], bytes]
) -> None:
    name = "package/models/model.py.jinja"
    assert gmigen("templates", "eject", name, "--templates", "mine").exit_code == 0
    own = made / "mine" / name
    own.write_bytes(harm(own.read_bytes()))
    before = {p: p.read_bytes() for p in (made / "generated").rglob("*") if p.is_file()}
    result = gmigen("generate", "--templates", "mine")
    assert result.exit_code == 2
    assert "model.py" in result.output
    assert {p: p.read_bytes() for p in (made / "generated").rglob("*") if p.is_file()} == before


@pytest.mark.row("G20")
def test_a_template_of_a_cloned_repository_runs_no_code(gmigen: Command, made: Path) -> None:
    own = made / "mine/docs/index.md.jinja"
    own.parent.mkdir(parents=True)
    own.write_text(
        "{% for c in ().__class__.__base__.__subclasses__() %}"
        "{% if c.__name__ == 'Popen' %}{% set _ = c('touch pwned', shell=True) %}{% endif %}"
        "{% endfor %}"
    )
    result = gmigen("check", "--templates", "mine")
    assert result.exit_code == 2
    assert not (made / "pwned").exists()


@pytest.mark.row("U13")
@pytest.mark.parametrize(
    ("table", "told"),
    [
        ('package = "class.x"', "a word of Python's own"),
        ('package = "json"', "would hide the module"),
        ('package = "httpx"', "would hide the module"),
        ('docs = "."', "the whole project"),
        ('docs = ".."', "the whole project"),
        ('snapshot = "generated/docs"', "cannot share"),
        ('docs = "generated/gmi_inference"', "cannot share"),
        ("docs = true", "must be a text"),
    ],
)
def test_settings_that_cannot_be_are_refused_in_a_sentence(
    gmigen: Command, made: Path, table: str, told: str
) -> None:
    (made / "pyproject.toml").write_text(f"[tool.gmigen]\n{table}\n")
    result = gmigen("generate")
    assert result.exit_code == 2
    assert told in result.output


@pytest.mark.row("U13")
def test_pages_can_be_switched_off(gmigen: Command, project: Path) -> None:
    (project / "pyproject.toml").write_text("[tool.gmigen]\ndocs = false\n")
    assert gmigen("fetch", "--bundled", "--include", "Veo3").exit_code == 0
    assert gmigen("generate", "--include", "Veo3").exit_code == 0
    assert not (project / "generated/docs").exists()
    assert gmigen("check", "--include", "Veo3").exit_code == 0


@pytest.mark.row("U13")
def test_a_model_that_is_not_there_gets_a_suggestion(gmigen: Command, made: Path) -> None:
    assert "Did you mean One?" in gmigen("generate", "--include", "one").output


@pytest.mark.row("U13")
def test_a_run_in_a_folder_below_finds_the_settings_above(
    gmigen: Command, made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (made / "pyproject.toml").write_bytes(b"\xef\xbb\xbf[tool.gmigen]\r\nstrict = false\r\n")
    below = made / "src/deep"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    assert gmigen("check").exit_code == 0
    assert gmigen("generate", "--docs", "pages").exit_code == 0
    assert (below / "pages/index.md").exists()


def test_the_search_ends_at_the_top_of_a_repository(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.gmigen]\nstrict = true\n")
    (tmp_path / "inner/.git").mkdir(parents=True)
    assert load(tmp_path / "inner").strict is False
    (tmp_path / "inner/pyproject.toml").write_text("[tool.gmigen\n")
    with pytest.raises(SettingsError, match="not valid TOML"):
        load(tmp_path / "inner")


@pytest.mark.row("U7")
def test_the_snapshot_that_came_along_needs_no_key(gmigen: Command, project: Path) -> None:
    assert gmigen("fetch", "--bundled").exit_code == 0
    lock = json.loads((project / "generated/snapshot/lock.json").read_text())
    assert len(lock["models"]) == 109
    assert "not a live dump" in lock["provenance"]


@pytest.mark.row("U14")
def test_all_missing_extras_are_named_at_once_and_first(monkeypatch: pytest.MonkeyPatch) -> None:
    from gmigen.demo import extras
    from gmigen.errors import MissingExtraError

    monkeypatch.setattr(extras, "find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r"black.*uvicorn.*\[codegen,emulator\]") as told:
        extras.require()
    assert told.value.exit_code == 2
