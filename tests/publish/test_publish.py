"""What `generate` does to a disk: it writes what is needed and loses nothing."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Command = Callable[..., Result]

PACKAGE = Path("generated/gmi_inference")


def details(model: str, *names: str) -> str:
    parameters = [{"name": name, "type": "string", "required": True} for name in names]
    return json.dumps({"model": model, "parameters": parameters})


@pytest.fixture
def generated(gmigen: Command, project: Path) -> Path:
    """A project with two models, generated."""
    source = project / "details"
    source.mkdir()
    (source / "one.json").write_text(details("One", "prompt"))
    (source / "two.json").write_text(details("Two", "prompt"))
    assert gmigen("fetch", "--from-dir", "details").exit_code == 0
    assert gmigen("generate").exit_code == 0
    return project


def everything(root: Path) -> dict[str, tuple[bytes, int]]:
    return {
        path.relative_to(root).as_posix(): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in root.rglob("*")
        if path.is_file()
    }


def test_a_second_run_touches_no_file(gmigen: Command, generated: Path) -> None:
    before = everything(generated)
    result = gmigen("generate")
    assert result.exit_code == 0
    assert "files written: 0" in result.output
    assert everything(generated) == before


def test_only_what_changed_is_written(gmigen: Command, generated: Path) -> None:
    before = everything(generated)
    (generated / "details/one.json").write_text(details("One", "prompt", "seed"))
    gmigen("fetch", "--from-dir", "details")
    gmigen("generate")
    after = everything(generated)
    moved = {path for path in after if after[path] != before.get(path)}
    assert moved == {
        "details/one.json",
        "generated/snapshot/one.json",
        "generated/snapshot/lock.json",
        "generated/snapshot/names.json",
        "generated/gmi_inference/manifest.json",
        "generated/docs/manifest.json",
        "generated/gmi_inference/models/one.py",
        "generated/docs/models/one.md",
    }


def test_an_edited_file_is_never_overwritten_in_silence(gmigen: Command, generated: Path) -> None:
    edited = generated / PACKAGE / "models/one.py"
    edited.write_text("# mine\n")
    before = everything(generated)
    result = gmigen("generate")
    assert result.exit_code == 1
    assert "generated/gmi_inference/models/one.py" in result.output
    assert "changed by hand" in result.output
    assert everything(generated) == before
    assert gmigen("generate", "--force").exit_code == 0
    assert "class OneRequest" in edited.read_text()


def test_a_folder_full_of_someones_files_is_left_alone(gmigen: Command, generated: Path) -> None:
    elsewhere = generated / "src/gmi_inference"
    elsewhere.mkdir(parents=True)
    (elsewhere / "__init__.py").write_text("# someone's own package\n")
    result = gmigen("generate", "--output", "src", "--snapshot", "generated/snapshot")
    assert result.exit_code == 1
    assert "was not written by gmigen" in result.output
    assert (elsewhere / "__init__.py").read_text() == "# someone's own package\n"
    assert list(elsewhere.iterdir()) == [elsewhere / "__init__.py"]


def test_files_beside_ours_stay(gmigen: Command, generated: Path) -> None:
    beside = generated / PACKAGE / "extras.py"
    beside.write_text("MINE = 1\n")
    (generated / "details/one.json").write_text(details("One", "prompt", "seed"))
    gmigen("fetch", "--from-dir", "details")
    assert gmigen("generate").exit_code == 0
    assert beside.read_text() == "MINE = 1\n"


def without_one(project: Path) -> None:
    (project / "details/one.json").unlink()
    (project / "details/three.json").write_text(details("Three", "prompt"))


def test_a_removed_model_keeps_a_module_that_says_so_on_use(
    gmigen: Command, generated: Path
) -> None:
    without_one(generated)
    assert gmigen("fetch", "--from-dir", "details", "--allow-shrink").exit_code == 0
    assert gmigen("generate").exit_code == 0
    assert not (generated / "generated/docs/models/one.md").exists()
    code = (
        "from gmi_inference.models import OneRequest, request_class\n"
        "assert request_class('One') is OneRequest\n"
        "try:\n    OneRequest(prompt='x')\n"
        "except Exception as error:\n    print(type(error).__name__, error)"
    )
    told = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        env={**os.environ, "PYTHONPATH": str(generated / "generated")},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    date = json.loads((generated / "generated/snapshot/lock.json").read_text())["removed"]["One"]
    assert told.startswith("ModelNotFoundError The model One left the catalogue")
    assert date in told


def test_a_model_that_comes_back_has_its_old_names(gmigen: Command, generated: Path) -> None:
    module = generated / PACKAGE / "models/one.py"
    before = module.read_text()
    without_one(generated)
    gmigen("fetch", "--from-dir", "details", "--allow-shrink")
    gmigen("generate")
    assert module.read_text() != before
    (generated / "details/one.json").write_text(details("One", "prompt"))
    gmigen("fetch", "--from-dir", "details")
    gmigen("generate")
    assert module.read_text() == before


def test_prune_removes_the_modules_of_models_that_are_gone(
    gmigen: Command, generated: Path
) -> None:
    without_one(generated)
    gmigen("fetch", "--from-dir", "details", "--allow-shrink")
    gmigen("generate")
    result = gmigen("prune")
    assert result.exit_code == 0
    assert "One" in result.output
    assert not (generated / PACKAGE / "models/one.py").exists()
    assert gmigen("check").exit_code == 0
    assert "nothing to prune" in gmigen("prune").output.lower()


def test_an_edited_file_stays_when_it_is_no_longer_wanted(gmigen: Command, generated: Path) -> None:
    without_one(generated)
    gmigen("fetch", "--from-dir", "details", "--allow-shrink")
    gmigen("generate")
    (generated / PACKAGE / "models/one.py").write_text("# mine\n")
    result = gmigen("prune")
    assert result.exit_code == 0, result.output
    assert "kept generated/gmi_inference/models/one.py" in result.output
    assert (generated / PACKAGE / "models/one.py").read_text() == "# mine\n"


def test_a_linked_output_is_refused(gmigen: Command, generated: Path) -> None:
    shutil.move(generated / PACKAGE, generated / "real")
    (generated / PACKAGE).symlink_to(generated / "real")
    (generated / "generated/snapshot/two.json").unlink()
    result = gmigen("generate")
    assert result.exit_code == 1
    assert "is a link" in result.output


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_is_a_sentence(gmigen: Command, generated: Path) -> None:
    shutil.rmtree(generated / PACKAGE)
    (generated / "generated").chmod(0o500)
    try:
        result = gmigen("generate")
    finally:
        (generated / "generated").chmod(0o700)
    assert result.exit_code == 1
    assert "could not be written" in result.output


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        (
            lambda root: (root / PACKAGE / "models/one.py").unlink(),
            "missing: generated/gmi_inference/models/one",
        ),
        (
            lambda root: (root / PACKAGE / "models/one.py").write_text("x"),
            "hand edit: generated/gmi_inference",
        ),
        (
            lambda root: (root / "generated/snapshot/one.json").write_text(details("One", "seed")),
            "one.json in the snapshot was changed by hand",
        ),
        (
            lambda root: (root / "generated/snapshot/two.json").unlink(),
            "cannot be made now, kept as it is: generated/gmi_inference/models/two",
        ),
    ],
)
def test_check_says_what_moved(
    gmigen: Command, generated: Path, harm: Callable[[Path], object], told: str
) -> None:
    assert gmigen("check").exit_code == 0
    harm(generated)
    before = everything(generated)
    result = gmigen("check")
    assert result.exit_code == 1
    assert told in result.output
    assert everything(generated) == before


@pytest.mark.parametrize(
    ("file", "content", "told"),
    [
        ("lock.json", '{"format": 99}', "newer gmigen"),
        ("lock.json", "[]", "is not a lock"),
        ("names.json", '{"format": 99, "models": {}}', "newer gmigen"),
        ("names.json", "{", "not a ledger"),
    ],
)
def test_a_broken_companion_of_the_snapshot_is_a_sentence(
    gmigen: Command, generated: Path, file: str, content: str, told: str
) -> None:
    (generated / "generated/snapshot" / file).write_text(content)
    result = gmigen("generate")
    assert result.exit_code in (1, 2)
    assert told in result.output


def test_without_a_snapshot_the_sentence_says_what_to_run(gmigen: Command) -> None:
    result = gmigen("generate")
    assert result.exit_code == 2
    assert "gmigen fetch" in result.output


def test_broken_documents_are_refused_and_the_rest_is_written(
    gmigen: Command, generated: Path
) -> None:
    snapshot = generated / "generated/snapshot"
    (snapshot / "html.json").write_text("<!doctype html><title>Sign in</title>")
    (snapshot / "cut.json").write_text('{"model": "Cut", "parameters": [')
    (snapshot / "list.json").write_text("[1, 2]")
    result = gmigen("generate")
    assert result.exit_code == 3
    assert "2 models, 3 refused" in result.output
    for told in ("an HTML or XML page", "the text was cut", "the document is a list"):
        assert told in result.output
    assert (generated / PACKAGE / "models/one.py").exists()


def test_strict_writes_nothing_on_a_finding(gmigen: Command, generated: Path) -> None:
    (generated / "generated/snapshot/list.json").write_text("[]")
    before = everything(generated)
    assert gmigen("generate", "--strict").exit_code == 3
    assert everything(generated) == before
