"""`gmigen diff` and `--changelog` in a repository of their own."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

Command = Callable[..., Result]


def git(*arguments: str) -> None:
    quiet = ("-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *quiet, *arguments], check=True, capture_output=True)


def details(folder: Path, **models: list[dict[str, Any]]) -> None:
    folder.mkdir(exist_ok=True)
    for model, parameters in models.items():
        text = json.dumps({"model": model, "parameters": parameters})
        (folder / f"{model}.json").write_text(text)


PROMPT = {"name": "prompt", "type": "string", "required": True}


@pytest.fixture
def adopted(gmigen: Command, project: Path) -> Path:
    """A repository with a committed client, and a newer snapshot that is not committed yet."""
    git("init", "-q")
    details(project / "details", One=[PROMPT, {"name": "seed", "type": "integer"}], Two=[PROMPT])
    gmigen("fetch", "--from-dir", "details")
    gmigen("generate")
    git("add", "-A")
    git("commit", "-qm", "adopt")
    git("tag", "v1.2.0")
    details(
        project / "details",
        One=[PROMPT],
        Two=[PROMPT, {"name": "style", "type": "enum", "options": ["a", "b"]}],
    )
    gmigen("fetch", "--from-dir", "details")
    return project


def test_the_committed_snapshot_is_the_default(gmigen: Command, adopted: Path) -> None:
    result = gmigen("diff")
    assert result.exit_code == 0
    assert result.output.splitlines() == [
        "Breaking:",
        "  One seed: was removed",
        "Compatible:",
        "  Two style: is new",
        "2 changes, 1 breaking. Suggested version step: major.",
    ]


@pytest.mark.parametrize("old", ["v1.2.0", "v1.2.0..", "HEAD"])
def test_revisions_and_folders_can_be_named(gmigen: Command, adopted: Path, old: str) -> None:
    assert "One seed: was removed" in gmigen("diff", old).output
    git("add", "-A")
    git("commit", "-qm", "update")
    assert ("was removed" in gmigen("diff", old).output) == (old != "HEAD")
    assert gmigen("diff", "generated/snapshot").output == "No changes.\n"


def test_the_exit_code_answers_only_when_asked(gmigen: Command, adopted: Path) -> None:
    assert gmigen("diff").exit_code == 0
    assert gmigen("diff", "--exit-code").exit_code == 1
    assert gmigen("diff", "generated/snapshot", "--exit-code").exit_code == 0


def test_json_and_markdown(gmigen: Command, adopted: Path) -> None:
    assert json.loads(gmigen("diff", "--format", "json").output)["bump"] == "major"
    assert gmigen("diff", "--format", "markdown").output.startswith("### Breaking\n\n- `One`: ")


@pytest.mark.parametrize("old", ["no-such-tag", "--upload-pack=x"])
def test_an_unknown_revision_is_a_sentence(gmigen: Command, adopted: Path, old: str) -> None:
    result = gmigen("diff", "--", old)
    assert result.exit_code == 2
    assert "revision" in result.output or "git has no snapshot" in result.output


def test_outside_a_repository_the_sentence_says_what_to_do(gmigen: Command, project: Path) -> None:
    details(project / "details", One=[PROMPT])
    gmigen("fetch", "--from-dir", "details")
    result = gmigen("diff")
    assert result.exit_code == 2
    assert "gmigen diff" in result.output


def test_the_changelog_gets_the_changes_once_and_keeps_what_was_there(
    gmigen: Command, adopted: Path
) -> None:
    log = adopted / "CHANGELOG.md"
    log.write_text("# Changelog\n\nOurs.\n\n## 1.2.0\n\n- First.\n")
    assert gmigen("generate", "--changelog", "CHANGELOG.md").exit_code == 0
    text = log.read_text()
    assert text.startswith("# Changelog\n\nOurs.\n\n## Models, snapshot of ")
    assert text.index("`seed`: was removed") < text.index("## 1.2.0")
    assert text.endswith("- First.\n")
    gmigen("generate", "--changelog", "CHANGELOG.md")
    assert log.read_text() == text
