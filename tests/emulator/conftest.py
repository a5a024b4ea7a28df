"""A small catalogue, an emulator whose time stands still, and a client that sends a key."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from emulator_world import client_of, details, element

from gmigen.emulator import Clock, Emulator, emulator


@pytest.fixture
def documents() -> dict[str, bytes]:
    return {
        "clip-1": details("clip-1", price_info={"price": 152000, "unit": "second"}),
        "picture-1": details("picture-1", "image", price_info={"price": 40000, "unit": "image"}),
        "gemini-picture": details("gemini-picture", "image"),
        "speech-1": details("speech-1", "audio", tags=["tts"]),
        "song-1": details("song-1", "audio", tags=["music"]),
        "element-1": details("element-1", "text"),
        "with space/and.dot": details("with space/and.dot"),
        "strict-1": details(
            "strict-1",
            parameters=[
                element("prompt", "string", required=True),
                element("image", "image (URL)", required=True, default_value="http://x/y.png"),
                element("duration", "enum", options=["5", "10"]),
                element("fps", "integer", options=[24, 30]),
                element("seed", "integer", min_value=-1, max_value=10),
                element("negative", "string", max_length=5),
                element("references", "image[]", max_items=2),
                element("audio", "boolean"),
            ],
        ),
        "broken": b"{not json",
    }


@pytest.fixture
def running(documents: dict[str, bytes]) -> Iterator[Emulator]:
    with emulator(documents, clock=Clock(virtual=True), job_seconds=100) as started:
        yield started


@pytest.fixture
def client(running: Emulator) -> Iterator[httpx.Client]:
    with client_of(running) as opened:
        yield opened
