"""Batches that lose no time between two looks, against an emulator."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gmi_inference.batch import worker
from gmi_inference.runtime.protocol import recovery
from gmi_inference.testing import emulated
from gmigen.emulator import Emulator


@pytest.fixture(autouse=True)
def brisk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "BEAT", 0.02)
    monkeypatch.setattr(worker, "POLLING", 0.02)
    monkeypatch.setattr(recovery, "PAUSE", 0.0)


@pytest.fixture
def api() -> Iterator[Emulator]:
    with emulated(job_seconds=0.0) as running:
        yield running


@pytest.fixture
def lines(tmp_path: Path) -> Callable[..., Path]:
    """A file of requests: each a prompt for Veo3, or a line as it stands."""

    def write(*given: object) -> Path:
        file = tmp_path / "requests.jsonl"
        asked = ({"model": "Veo3", "prompt": one} if isinstance(one, str) else one for one in given)
        file.write_text("".join(f"{json.dumps(one)}\n" for one in asked))
        return file

    return write
