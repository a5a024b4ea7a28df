"""The emulator as a fixture for the tests of users."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

THEIR_CONFTEST = "from gmi_inference.testing import emulator\n"
THEIR_TESTS = """
import gmigen.client as gmi
from gmigen.emulator import faults
from gmi_inference.testing import emulated


def test_a_clip(emulator):
    result = gmi.Client(poll=0.02).run("Veo3", {"prompt": "a boat"})
    assert result.url
    assert len(emulator.ledger.billed_jobs) == 1


def test_another_starts_from_nothing(emulator):
    assert len(emulator.ledger) == 0
    emulator.faults.add("submit", faults.Status(402, "no credits"))
    try:
        gmi.run("Veo3", {"prompt": "a boat"})
    except gmi.InsufficientCreditsError:
        pass


def test_options():
    with emulated(sync_models={"Veo3"}) as api:
        assert gmi.run("Veo3", {"prompt": "a boat"}).url
        assert api.ledger.requests(route="status") == ()


def test_the_environment_is_as_it_was():
    import os
    assert "GMI_BASE_URL" not in os.environ
"""


def test_users_get_an_emulator_as_a_fixture(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(THEIR_CONFTEST)
    (tmp_path / "test_theirs.py").write_text(THEIR_TESTS)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "4 passed" in done.stdout, done.stdout + done.stderr


def test_without_the_extra_the_sentence_says_what_to_install(tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules['uvicorn'] = None\n"
        "from gmi_inference.testing import emulated\n"
        "try:\n"
        "    emulated().__enter__()\n"
        "except ImportError as missing:\n"
        "    sys.stdout.write(str(missing))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert 'pip install "gmi-inference[emulator]"' in done.stdout, done.stderr


@pytest.mark.row("U15")
def test_only_the_fixture_needs_pytest() -> None:
    code = (
        "import os, sys; sys.modules['pytest'] = None\n"
        "from gmi_inference import testing\n"
        "with testing.emulated(keys=['mine']) as api:\n"
        "    sys.stdout.write(os.environ['GMI_API_KEY'] + str(len(api.log)))\n"
        "sys.stdout.write(str(hasattr(testing, 'emulator')))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout == "mine0False", done.stderr


def test_importing_it_loads_nothing_of_the_generator() -> None:
    code = (
        "import sys, gmigen\nbefore = set(sys.modules)\nimport gmi_inference.testing\n"
        "sys.stdout.write(str([name for name in set(sys.modules) - before "
        "if name.startswith('gmigen.') and not name.startswith('gmigen.runtime')]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout == "[]", done.stderr
