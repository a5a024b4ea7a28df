"""For your tests: the API on loopback, so that they need no key and spend no money.

    # conftest.py
    from gmi_inference.testing import emulator  # noqa: F401

    # test_mine.py
    def test_my_code_makes_a_clip(emulator):
        assert my_code(gmi_inference.Client()).url
        assert len(emulator.ledger.billed_jobs) == 1

Needs pytest and the `emulator` extra: `pip install "gmi-inference[emulator]"`. The emulator
imitates what is documented and what was recorded in public; it was never compared with the live
service. What it received is in `emulator.ledger`, and what should go wrong is told to
`emulator.faults`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest

if TYPE_CHECKING:
    from gmigen.emulator import Emulator

EMULATOR_KEY = "emu-key"


@contextmanager
def emulated(snapshot: Path | None = None, **options: Any) -> Iterator[Emulator]:
    """Run an emulator for a `with` block, with `GMI_BASE_URL` and `GMI_API_KEY` set to it.

    `snapshot` is a folder of model details, the bundled one by default; `options` are those of
    `gmigen.emulator.emulator`, such as `job_seconds=0.1`. Raises ImportError without the extra.
    """
    import os

    try:
        from gmigen.emulator import emulator as running
        from gmigen.resources import snapshot as bundled
        from gmigen.serving import documents
    except ImportError as missing:
        raise ImportError(
            f"The emulator needs {missing.name}. "
            'Install it with: pip install "gmi-inference[emulator]"'
        ) from None
    with running(documents(snapshot or bundled()), **{"job_seconds": 0.1, **options}) as api:
        theirs = {"GMI_BASE_URL": api.base_url, "GMI_API_KEY": EMULATOR_KEY, "GMI_ORG_ID": ""}
        with patch.dict(os.environ, theirs):
            yield api


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    """An emulator of its own for each test; `Client()` finds it in the environment."""
    with emulated() as api:
        yield api
