# fmt: off
# isort: skip_file
# ruff: noqa
"""Opening what a job made with the program the desktop has for it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .output import note

if TYPE_CHECKING:
    from ..client.results import Result


def launch(result: Result, saved: Sequence[Path]) -> None:
    """Open the first file that was saved, else the first that has an address."""
    addresses = [url for url in result.urls if url.startswith(("https://", "http://"))]
    # Absolute, so that no name can be read as an option.
    places = [str(path.resolve()) for path in saved] or addresses
    if not places:
        note("gmi: there is nothing that could be opened; save it with -o.")
    elif not _opened(places[0]):
        note(f"gmi: no program was found to open {places[0]} with.")


def _opened(place: str) -> bool:
    if not sys.platform.startswith("linux"):
        return click.launch(place) == 0
    # That of click keeps our standard output open for as long as the program runs, and whoever
    # reads it would wait for somebody to close a window.
    try:
        subprocess.Popen(
            ["xdg-open", place],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError:
        return False
    return True
