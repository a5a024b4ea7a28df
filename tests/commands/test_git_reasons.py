"""When git cannot help, the sentence says what git said and what to do."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Command = Callable[..., Result]

GIT = {
    **os.environ,
    "GIT_AUTHOR_NAME": "n",
    "GIT_AUTHOR_EMAIL": "a@b",
    "GIT_COMMITTER_NAME": "n",
    "GIT_COMMITTER_EMAIL": "a@b",
}


def git(folder: Path, *words: str) -> None:
    subprocess.run(["git", *words], cwd=folder, env=GIT, check=True, capture_output=True)


def details(*names: str) -> str:
    return json.dumps(
        {"model": "One", "parameters": [{"name": n, "type": "string"} for n in names]}
    )


@pytest.fixture
def committed(gmigen: Command, project: Path) -> Path:
    """A repository of two commits, whose models differ."""
    git(project, "init", "-q")
    (project / "details").mkdir()
    for names in (("prompt",), ("prompt", "seed")):
        (project / "details/one.json").write_text(details(*names))
        assert gmigen("fetch", "--from-dir", "details").exit_code == 0
        git(project, "add", "-A")
        git(project, "commit", "-qm", "models")
    return project


@pytest.mark.row("B16")
@pytest.mark.parametrize("old", ["HEAD~1", "HEAD~1..", "HEAD~1..HEAD", "HEAD~1...HEAD"])
def test_a_range_up_to_now_is_its_beginning(gmigen: Command, committed: Path, old: str) -> None:
    result = gmigen("diff", old)
    assert result.exit_code == 0
    assert "One seed: is new" in result.output


@pytest.mark.row("B16")
@pytest.mark.parametrize(
    ("old", "told"),
    [
        ("HEAD..other", "names two revisions"),
        ("a branch;ls..other", "run `gmigen diff 'a branch;ls'`"),
        ("v9.9", "git does not know v9.9"),
        ("--output=x", "is no git revision"),
    ],
)
def test_other_revisions_are_told(gmigen: Command, committed: Path, old: str, told: str) -> None:
    result = gmigen("diff", "--", old)
    assert result.exit_code == 2
    assert told in result.output


@pytest.mark.row("B16")
def test_a_shallow_clone_says_how_to_get_the_rest(
    gmigen: Command, committed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git(committed, "clone", "-q", "--depth", "1", f"file://{committed}", "shallow")
    monkeypatch.chdir(committed / "shallow")
    result = gmigen("diff", "HEAD~1")
    assert result.exit_code == 2
    assert "--unshallow" in result.output


@pytest.mark.row("B16")
@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
def test_a_repository_of_somebody_else_says_how_to_trust_it(
    gmigen: Command, committed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)
    for path in (committed, *committed.rglob("*")):
        os.chown(path, 12345, 12345)
    result = gmigen("diff")
    assert result.exit_code == 2
    assert "safe.directory" in result.output


@pytest.mark.row("G21")
def test_files_below_a_snapshot_are_none_of_it(gmigen: Command, committed: Path) -> None:
    below = committed / "generated/snapshot/old"
    below.mkdir()
    (below / "one.json").write_text(details("another"))
    git(committed, "add", "-A")
    git(committed, "commit", "-qm", "notes")
    assert gmigen("diff", "HEAD").output.strip() == "No changes."


@pytest.mark.row("U12")
@pytest.mark.parametrize("inside", [True, False])
def test_a_first_run_generates_although_there_is_nothing_to_compare_with(
    gmigen: Command, project: Path, inside: bool
) -> None:
    if inside:
        git(project, "init", "-q")
    assert gmigen("fetch", "--bundled", "--include", "Veo3").exit_code == 0
    result = gmigen("generate", "--changelog", "CHANGELOG.md")
    assert result.exit_code == 0
    assert "left as it is" in result.output
    assert (project / "generated/gmi_inference/models/veo3.py").exists()
