"""An emulator that moves its time on with every request, and a client of either colour."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from runtime_world import DOCUMENTS, Talk, talking

from gmigen.emulator import Clock, Emulator, emulator


@pytest.fixture
def running() -> Iterator[Emulator]:
    # Each look finds the job further on, so no test waits for the machine's clock.
    clock = Clock(virtual=True, tick=0.25)
    with emulator(DOCUMENTS, clock=clock, job_seconds=1.0, inline_images=True) as one:
        yield one


@pytest.fixture
def quick() -> Iterator[Emulator]:
    """An emulator whose jobs are done when first looked at."""
    with emulator(DOCUMENTS, job_seconds=0.0) as one:
        yield one


@pytest.fixture(params=["sync", "async"])
def colour(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def talk(colour: str, running: Emulator) -> Iterator[Talk]:
    with talking(colour, running) as one:
        yield one
