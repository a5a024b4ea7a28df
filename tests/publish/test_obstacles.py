"""Disks that refuse: a sentence, and everything that was there is still there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
from gmigen.cli.commands import main
main(sys.argv[1:], prog_name="gmigen")
"""


def run(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], cwd=project, capture_output=True, text=True, check=False
    )


def everything(root: Path) -> dict[str, bytes]:
    return {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file()}


@pytest.fixture
def fetched(project: Path) -> Path:
    (project / "details").mkdir()
    parameters = '[{"name": "prompt", "type": "string"}]'
    (project / "details/one.json").write_text(f'{{"model": "One", "parameters": {parameters}}}')
    assert run(project, "-m", "gmigen", "fetch", "--from-dir", "details").returncode == 0
    return project


def test_a_full_disk_is_a_sentence_and_nothing_is_lost(fetched: Path) -> None:
    assert run(fetched, "-m", "gmigen", "generate").returncode == 0
    (fetched / "generated/gmi_inference/models/one.py").unlink()
    before = everything(fetched)
    done = run(fetched, "-c", LIMITED, "generate")
    assert done.returncode == 1
    assert "could not be written: File too large" in done.stderr
    assert "Traceback" not in done.stderr
    assert everything(fetched) == before


def test_a_file_where_a_folder_should_be_is_a_sentence(fetched: Path) -> None:
    (fetched / "src").write_text("a file")
    before = everything(fetched)
    done = run(fetched, "-m", "gmigen", "generate", "--output", "src")
    assert done.returncode == 1
    assert "could not be written" in done.stderr
    assert "Traceback" not in done.stderr
    assert everything(fetched) == before
