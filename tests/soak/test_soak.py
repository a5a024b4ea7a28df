"""The soak in small, so that it is known to work; `python tests/soak/soak.py` is the real one."""

from __future__ import annotations

import sys

import pytest
import soak

pytestmark = pytest.mark.slow


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="it reads /proc")
def test_hundreds_of_jobs_in_flight_are_few_sockets_and_none_is_lost() -> None:
    assert soak.in_flight(200, 2.0)


def test_thousands_of_faulty_looks_lose_nothing_and_submit_nothing_twice() -> None:
    assert soak.in_virtual_time(10_000, seed=1)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_killed_processes_leave_nothing_unaccounted_for() -> None:
    assert soak.killed(3, seed=1)
