"""The files of prices: those that came with the generator, and the user's own beside overlays."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path

from .. import disk, resources
from ..problems import Problem
from .claim import Claim
from .reader import read_prices

FOLDER = "prices"
"""The folder of price files inside a folder of overlays."""

MAX_BYTES = 1024 * 1024


def bundled() -> tuple[Claim, ...]:
    """The prices that came with the generator."""
    return _bundled()[0]


def read_all(own: Path | None = None) -> tuple[tuple[Claim, ...], tuple[Problem, ...]]:
    """The claims of the user's overlays folder, then the bundled ones; and what is not used."""
    mine = _read(own / FOLDER) if own is not None else ((), ())
    theirs = _bundled()
    return (*mine[0], *theirs[0]), (*mine[1], *theirs[1])


@cache
def _bundled() -> tuple[tuple[Claim, ...], tuple[Problem, ...]]:
    return _read(resources.overlays() / FOLDER, bundled=True)


def _read(folder: Path, *, bundled: bool = False) -> tuple[tuple[Claim, ...], tuple[Problem, ...]]:
    claims: list[Claim] = []
    problems: list[Problem] = []
    for path in _files(folder):
        content = disk.read(path, MAX_BYTES)
        found, wrong = read_prices(path.name, content or b"", bundled=bundled)
        claims += found
        problems += wrong
    return tuple(claims), tuple(problems)


def _files(folder: Path) -> Iterable[Path]:
    return sorted(folder.glob("*.toml")) if folder.is_dir() else ()
