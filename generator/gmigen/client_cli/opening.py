"""Opening what a job made with the program the desktop has for it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .output import note

if TYPE_CHECKING:
    from ..runtime.results import Result


def launch(result: Result, saved: Sequence[Path]) -> None:
    """Open the first file that was saved, else the first that has an address."""
    addresses = [url for url in result.urls if url.startswith(("https://", "http://"))]
    # Absolute, so that no name can be read as an option.
    places = [str(path.resolve()) for path in saved] or addresses
    if not places:
        note("gmi: there is nothing that could be opened; save it with -o.")
    elif click.launch(places[0], wait=False) != 0:
        note(f"gmi: no program was found to open {places[0]} with.")
