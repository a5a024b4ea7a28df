"""Where the files are that ship with the generator: in a wheel, and in a checkout."""

from __future__ import annotations

from pathlib import Path

_HERE = Path(__file__).parent

ROOMS = ("runtime", "journal", "requests", "client")
"""The hand-written rooms of every emitted package, from the bottom up."""

ROOMS_OF_THE_COMMAND = ("client_cli", "client_batch")
"""Those that come with the shell command: itself, and the batches that survive crashes."""


def templates() -> Path:
    """The bundled templates."""
    return _bundled("templates", "templates")


def snapshot() -> Path:
    """The bundled snapshot: 109 models, put together from public documentation."""
    return _bundled("snapshot", "generated/snapshot")


def overlays() -> Path:
    """The bundled overlays."""
    return _HERE / "overlays"


def room(name: str) -> Path:
    """A folder of hand-written modules that emitted packages carry; see `ROOMS`."""
    return _HERE / name


def coverage() -> Path:
    """The table of what is believed of the API, which lies where the emulator behaves by it."""
    return _HERE / "emulator" / "coverage.json"


def recordings() -> Path:
    """The recordings that came with the generator; none have been made yet."""
    return _HERE / "recordings"


def _bundled(name: str, in_checkout: str) -> Path:
    packed = _HERE / "bundled" / name
    return packed if packed.is_dir() else _HERE.parents[1] / in_checkout
