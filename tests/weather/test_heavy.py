"""The heaviest answers one can make up are read in the memory and the time of their size."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = Path(__file__).parent / "heavy.py"
MB = 1024 * 1024


def read_in_a_child(size: int) -> int:
    """The most memory held, in MB; the child's own bounds end it when a reader has none."""
    child = subprocess.run(
        [sys.executable, str(HEAVY), str(size)], capture_output=True, text=True, check=False
    )
    assert child.returncode == 0, (child.stdout, child.stderr)
    return int(child.stdout.split()[-1])


@pytest.mark.row("R1")
@pytest.mark.row("R2")
@pytest.mark.row("R4")
def test_the_heaviest_answers_are_read_in_proportion_to_their_size() -> None:
    assert read_in_a_child(MB // 4) < 150


@pytest.mark.nightly
def test_the_heaviest_answers_of_all_are_read_within_a_gigabyte(
    capsys: pytest.CaptureFixture[str],
) -> None:
    most = read_in_a_child(64 * MB)
    with capsys.disabled():
        print(f"\n{most} MB at most for answers of 64 MB")
    assert most < 1024
