"""Formatters, linters and fixers of somebody else's repository leave what is emitted alone."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from click.testing import Result

Command = Callable[..., Result]
BIN = Path(sys.executable).parent

TOOLS = {
    "ruff's fixes": "ruff check --quiet --no-cache --fix --unsafe-fixes --exit-zero .",
    "all of ruff's fixes": "ruff check --quiet --no-cache --select ALL --fix --exit-zero .",
    "ruff's format": "ruff format --quiet --no-cache .",
    "black": "black --quiet .",
    "isort": "isort --quiet --profile black --force-sort-within-sections .",
}


@pytest.fixture
def emitted(gmigen: Command, project: Path, bundled: Mapping[str, bytes]) -> Path:
    """A project with a nested model, a model that left, and pages."""
    (project / "details").mkdir()
    for number, name in enumerate(("Veo3", "kling-v3-omni")):
        (project / f"details/{number}.json").write_bytes(bundled[name])
    assert gmigen("fetch", "--from-dir", "details").exit_code == 0
    (project / "details/1.json").unlink()
    (project / "details/2.json").write_bytes(bundled["gpt-image-1.5"])
    assert gmigen("fetch", "--from-dir", "details", "--allow-shrink").exit_code == 0
    assert gmigen("generate").exit_code == 0
    return project


def everything(root: Path) -> dict[str, bytes]:
    files = (path for path in (root / "generated").rglob("*") if path.is_file())
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in files}


@pytest.mark.slow
@pytest.mark.row("B12")
def test_their_tools_change_nothing(gmigen: Command, emitted: Path) -> None:
    before = everything(emitted)
    for name, command in TOOLS.items():
        tool, *words = command.split()
        subprocess.run([BIN / tool, *words], check=True, capture_output=True)
        assert everything(emitted) == before, name
    assert gmigen("check").exit_code == 0


@pytest.mark.slow
@pytest.mark.row("B12")
def test_what_is_emitted_is_clean_under_ruffs_defaults(emitted: Path) -> None:
    for where in ("generated/gmi_inference", "generated"):
        words = [BIN / "ruff", "check", "--isolated", "--no-cache", where]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout
    # The marks are for whoever wants more; mistakes are none without them.
    for path in (emitted / "generated").rglob("*.py"):
        path.write_text(path.read_text().replace("# ruff: noqa\n", ""))
    rules = ["--select", "E4,E7,E9,F", "--target-version", "py310"]
    words = [BIN / "ruff", "check", "--isolated", "--no-cache", *rules, "."]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:]


@pytest.mark.row("B12")
def test_the_usual_hooks_find_nothing_to_fix(emitted: Path) -> None:
    for name, content in everything(emitted).items():
        text = content.decode("ascii")
        assert text == "" or (text.endswith("\n") and not text.endswith("\n\n")), name
        assert "\r" not in text, name
        assert "\t" not in text, name
        assert not [told for told in text.splitlines() if told != told.rstrip()], name
        if name.endswith(".json"):
            json.loads(text)


@pytest.mark.row("B12")
@pytest.mark.parametrize(
    "harm",
    [
        lambda text: text + b"\n",
        lambda text: text.rstrip(b"\n"),
        lambda text: text.replace(b"\n\n", b"\n\n\n", 1),
        lambda text: b"\xef\xbb\xbf" + text,
    ],
)
def test_a_fixer_that_did_is_told_by_file_and_undone_on_purpose(
    gmigen: Command, emitted: Path, harm: Callable[[bytes], bytes]
) -> None:
    place = emitted / "generated/gmi_inference/models/veo3.py"
    right = place.read_bytes()
    place.write_bytes(harm(right))
    checked = gmigen("check")
    assert (checked.exit_code, "models/veo3.py" in checked.output) == (1, True)
    refused = gmigen("generate")
    assert (refused.exit_code, "--force" in refused.output) == (1, True)
    assert gmigen("generate", "--force").exit_code == 0
    assert place.read_bytes() == right
