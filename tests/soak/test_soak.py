"""The soak in small, so that it is known to work; `python tests/soak/soak.py` is the real one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import soak

pytestmark = pytest.mark.slow


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="it reads /proc")
def test_hundreds_of_jobs_in_flight_are_few_sockets_and_none_is_lost() -> None:
    # In a process of its own, whose memory is not that of all the tests before.
    code = "import soak, sys; sys.exit(not soak.in_flight(200, 2.0))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(soak.__file__).parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_thousands_of_faulty_looks_lose_nothing_and_submit_nothing_twice() -> None:
    assert soak.in_virtual_time(10_000, seed=1)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_killed_processes_leave_nothing_unaccounted_for() -> None:
    assert soak.killed(3, seed=1)
