"""Small catalogues and the files they give, side by side under tests/golden.

After a change that is meant: `UPDATE_GOLDEN=1 pytest tests/generator/test_golden.py`, then read
the diff.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gmigen import resources
from gmigen.catalog import snapshot
from gmigen.emit.generate import Inputs, generate
from gmigen.settings import Settings

GOLDEN = Path(__file__).parents[1] / "golden"
CASES = sorted(path.parent.name for path in GOLDEN.glob("*/snapshot"))

KEPT = ("package/models/", "package/findings.json", "docs/models/", "docs/index.md", "snapshot/")
"""What depends on the models; the rest is the same for every catalogue."""


def made(case: str) -> dict[str, str]:
    source = snapshot.load(GOLDEN / case / "snapshot")
    output = generate(Inputs(source, Settings(), [resources.templates()]))
    files = {"/".join(key): text for key, text in output.files.items()}
    return {name: text for name, text in files.items() if name.startswith(KEPT)}


@pytest.mark.parametrize("case", CASES)
def test_a_catalogue_gives_the_files_beside_it_and_no_others(case: str) -> None:
    folder, files = GOLDEN / case / "expected", made(case)
    if os.environ.get("UPDATE_GOLDEN"):
        for path in folder.rglob("*"):
            if path.is_file() and path.relative_to(folder).as_posix() not in files:
                path.unlink()
        for name, text in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(text.encode("utf-8"))
    expected = {
        path.relative_to(folder).as_posix(): path.read_bytes().decode("utf-8")
        for path in folder.rglob("*")
        if path.is_file()
    }
    assert files.keys() == expected.keys()
    for name, text in files.items():
        assert text == expected[name], name


def test_there_is_something_to_compare() -> None:
    assert {"flat", "nested", "awkward-names", "contradictions", "colliding-ids"} <= {*CASES}
