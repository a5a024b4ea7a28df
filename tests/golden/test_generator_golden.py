"""Golden trees: what is generated from a small snapshot, to the byte.

`expected/` of a case holds the emitted modules and the pages of the models. After a change that is
meant, `UPDATE_GOLDEN=1 pytest tests/golden` writes all of them anew; the diff is then to be read.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from gmigen import resources, snapshot
from gmigen.generate import Inputs, Output, generate
from gmigen.settings import Settings

HERE = Path(__file__).parent
CASES = sorted(path.parent.name for path in HERE.glob("*/snapshot"))
UPDATE = os.environ.get("UPDATE_GOLDEN") == "1"


def made_of(case: str, no_runtime: Path) -> Output:
    """What is generated from the snapshot of a case, without the copy of the runtime."""
    source = snapshot.load(HERE / case / "snapshot")
    return generate(Inputs(source, Settings(), no_runtime, [resources.templates()]))


def made_files(output: Output) -> dict[str, str]:
    """The modules and pages of the models, by their path below `expected`."""
    return {
        f"{area}/{path}": text
        for (area, path), text in output.files.items()
        if path.startswith("models/")
    }


def expected_files(case: str) -> dict[str, str]:
    """What stands below `expected`, by path."""
    root = HERE / case / "expected"
    return {
        path.relative_to(root).as_posix(): path.read_bytes().decode("utf-8")
        for path in sorted(root.rglob("*"))
        if path.is_file() and path.suffix != ".pyc"
    }


def rewrite(case: str, files: dict[str, str]) -> None:
    """Make `expected` what is generated now."""
    root = HERE / case / "expected"
    shutil.rmtree(root, ignore_errors=True)
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode("utf-8"))


@pytest.mark.parametrize("case", CASES)
def test_a_snapshot_gives_the_expected_tree_and_nothing_else(case: str, tmp_path: Path) -> None:
    files = made_files(made_of(case, tmp_path))
    if UPDATE:
        rewrite(case, files)
    expected = expected_files(case)
    assert sorted(files) == sorted(expected)
    for path, text in expected.items():
        assert files[path] == text, path


@pytest.mark.parametrize("case", CASES)
def test_every_model_of_a_golden_snapshot_is_generated(case: str, tmp_path: Path) -> None:
    output = made_of(case, tmp_path)
    documents = snapshot.load(HERE / case / "snapshot").documents
    assert output.refused == ()
    assert len(output.models) == len(documents)


def test_the_golden_cases_are_all_there() -> None:
    wanted = "awkward_names colliding_ids contradictions flat nested removed_model"
    assert wanted.split() == CASES
