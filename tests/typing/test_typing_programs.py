"""What type checkers say: nothing of good programs and of the package, one line of each mistake.

`UPDATE_GOLDEN=1 pytest tests/typing` writes anew what is said of the mistakes; a newer checker may
word it differently.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from mypy_cache import begun

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent
PACKAGE = HERE.parents[1] / "generated" / "gmi_inference"
PROGRAMS = sorted((HERE / "programs").glob("*.py"))
MISTAKES = sorted((HERE / "mistakes").glob("*.py"))
EMITTED = [PACKAGE / "__init__.py", *sorted((PACKAGE / "models").glob("*.py"))]


class Said(NamedTuple):
    """One error of a checker; lines count from 1."""

    file: Path
    line: int
    message: str


def mypy(files: Iterable[Path], cache: Path) -> list[Said]:
    """Every error of `mypy --strict` in these files."""
    options = ["--config-file", HERE / "mypy.ini", "--cache-dir", cache, "--output", "json"]
    told = _run("mypy", *options, *files)
    found = [json.loads(line) for line in told.splitlines() if line.startswith("{")]
    return [
        Said((HERE / one["file"]).resolve(), one["line"], f"{one['message']}  [{one['code']}]")
        for one in found
        if one["severity"] == "error"
    ]


def pyright() -> tuple[list[Said], int]:
    """Every error of pyright in what its configuration includes, and the number of files."""
    told: dict[str, Any] = json.loads(
        _run("pyright", "-p", HERE, "--pythonpath", sys.executable, "--outputjson")
    )
    said = [
        Said(
            Path(one["file"]).resolve(),
            one["range"]["start"]["line"] + 1,
            f"{one['message'].splitlines()[0]}  [{one.get('rule', 'error')}]",
        )
        for one in told["generalDiagnostics"]
        if one["severity"] == "error"
    ]
    return said, told["summary"]["filesAnalyzed"]


def _run(module: str, *arguments: str | Path) -> str:
    """What a checker prints; it ends with 1 when it found something, with more when it broke."""
    done = subprocess.run(
        [sys.executable, "-m", module, *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=HERE,
        timeout=300,
        check=False,
        env={**os.environ, "PYRIGHT_PYTHON_IGNORE_WARNINGS": "1"},
    )
    assert done.returncode in (0, 1), done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout


def elsewhere(said: Iterable[Said]) -> list[Said]:
    """What is said of files in which there are no mistakes."""
    return [one for one in said if one.file not in MISTAKES]


def marked() -> list[tuple[Path, int]]:
    """The lines with a mistake: each says at its end what is wrong with it."""
    return [
        (path, number)
        for path in MISTAKES
        for number, text in enumerate(path.read_text("utf-8").splitlines(), 1)
        if re.search(r"\S  # ", text)
    ]


def compare(checker: str, said: Iterable[Said]) -> None:
    """Hold what is said of the mistakes, one line each, against what was said before."""
    snapshot = HERE / "expected" / f"{checker}.txt"
    text = "".join(f"{one.file.name}:{one.line}: {one.message}\n" for one in said)
    if os.environ.get("UPDATE_GOLDEN") == "1":
        snapshot.write_text(text, "utf-8")
    assert text.splitlines() == snapshot.read_text("utf-8").splitlines()


def first_of_each_line(said: Iterable[Said]) -> list[Said]:
    """The first thing said of each line, in order."""
    firsts: dict[tuple[Path, int], Said] = {}
    for one in sorted(said, key=lambda one: (one.file, one.line)):
        firsts.setdefault((one.file, one.line), one)
    return [*firsts.values()]


def test_mypy_strict_says_one_line_of_each_mistake_and_nothing_of_the_rest(tmp_path: Path) -> None:
    said = sorted(mypy([*PROGRAMS, *MISTAKES, *EMITTED], begun(tmp_path)))
    assert elsewhere(said) == []
    assert [(one.file, one.line) for one in said] == marked()
    compare("mypy", said)


def test_pyright_strict_finds_each_mistake_and_nothing_in_the_rest() -> None:
    said, files = pyright()
    assert files == len(PROGRAMS) + len(MISTAKES) + len(EMITTED)
    assert elsewhere(said) == []
    told = first_of_each_line(said)
    assert [(one.file, one.line) for one in told] == marked()
    compare("pyright", told)


def test_there_are_programs_enough_and_mistakes_of_every_kind() -> None:
    assert len(PROGRAMS) >= 20
    assert [path.stem for path in MISTAKES] == ["calls", "media", "names", "nested", "values"]
    assert len(marked()) >= 50
