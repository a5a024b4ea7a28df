"""A short storm, so that the long one is known to work; `make storm` is the real one."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from batch_storm import storm

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")


@pytest.mark.slow
def test_a_batch_whose_workers_are_killed_pays_each_request_once_and_loses_none(
    tmp_path: Path,
) -> None:
    left = storm(tmp_path, rows=24, workers=2, kills=3, seed=15)
    assert (left.twice, left.lost, left.torn, left.again) == (0, 0, 0, 0), left
    assert left.done + left.unknown == 24, left
