"""The journal for several hosts against a real PostgreSQL server, with workers killed at random."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from postgres_server import found


@pytest.mark.nightly
@pytest.mark.skipif(found() is None, reason="there is no PostgreSQL server: apt-get install it")
def test_each_key_is_billed_once_under_one_journal_of_several_hosts() -> None:
    script = str(Path(__file__).with_name("recipes.py"))
    done = subprocess.run(
        [sys.executable, script, "hosts"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "each once; none lost" in done.stdout
