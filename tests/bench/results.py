"""results.md: a section for each part, with when and where it was measured; parts come and go."""

from __future__ import annotations

import datetime
import os
import platform
import re
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

import environment
from table import Row, markdown

PLACE = Path(__file__).with_name("results.md")
_SECTION = re.compile(r"^## (\w+)\n(.*?)(?=^## |\Z)", re.M | re.S)


def write(order: Sequence[str], part: str, rows: list[Row], runs: int, seconds: float) -> None:
    """Put what was measured of `part` in place of what stood there; other parts stay."""
    told = PLACE.read_text("utf-8") if PLACE.is_file() else ""
    sections = {found[1]: found[2].strip("\n") for found in _SECTION.finditer(told)}
    sections[part] = f"{_where(runs, seconds)}\n\n{markdown(rows)}"
    body = "".join(f"\n## {name}\n\n{sections[name]}\n" for name in order if name in sections)
    PLACE.write_text(f"{_head()}{body}", "utf-8")


def _head() -> str:
    tools = ", ".join(
        f"{tool} {version(tool)}"
        for tool in ("black", "datamodel-code-generator", "mypy", "pyright", "jedi")
    )
    peers = ", ".join(line for line in environment.PINNED.read_text().splitlines() if "==" in line)
    return (
        "# Measured by `make bench`\n\n"
        f"With {tools}; beside {peers}. Medians of runs by turns, of CPU the least; of seconds "
        "only ratios mean anything, and of those of a busy machine the ones of CPU.\n"
    )


def _where(runs: int, seconds: float) -> str:
    return (
        f"{datetime.date.today()}, Python {platform.python_version()}, {os.cpu_count()} cores, "
        f"load {os.getloadavg()[0]:.1f}; at most {runs} runs each, {seconds:.0f} s in all."
    )
