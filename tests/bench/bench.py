"""Speed, side by side with the peers, in one run: `make bench`. Nothing here fails; it prints.

The peers are installed into a throwaway environment under build/. What is compared runs by turns,
and only the ratios mean anything. The table goes to tests/bench/results.md, what is lost included.
"""

from __future__ import annotations

import argparse
import datetime
import os
import platform
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import editors
import environment
import flight
import generation
import imports
import looking
import overhead
import polling
from table import HEAD, Row, markdown

ROOT = Path(__file__).parents[2]
BUILD = ROOT / "build" / "bench"
RESULTS = Path(__file__).with_name("results.md")
PARTS = ("imports", "polling", "looking", "overhead", "editors", "generation", "flight")


def parts(
    python: Path, runs: int, counts: list[int], jobs: int
) -> dict[str, Callable[[], list[Row]]]:
    """What can be measured, by name."""
    return {
        "generation": lambda: [
            row
            for count in counts
            for row in generation.rows(BUILD, python, count, min(runs, 1 + 1500 // count))
        ],
        "imports": lambda: imports.rows(python, runs),
        "polling": polling.rows,
        "looking": lambda: looking.rows(python),
        "overhead": lambda: overhead.rows(python, runs),
        "editors": lambda: editors.rows(BUILD, min(runs, 3)),
        "flight": lambda: flight.rows(jobs),
    }


def report(rows: list[Row], runs: int, seconds: float) -> str:
    """What results.md says: the table, and where, when and with what it was measured."""
    where = f"Python {platform.python_version()}, {os.cpu_count()} cores"
    where += f", load {os.getloadavg()[0]:.1f}"
    tools = ", ".join(f"{tool} {version(tool)}" for tool in ("black", "datamodel-code-generator"))
    peers = ", ".join(line for line in environment.PINNED.read_text().splitlines() if "==" in line)
    return (
        "# Measured by `make bench`\n\n"
        f"{datetime.date.today()}, {where}, {seconds:.0f} s; {tools}; beside {peers}. "
        f"Medians of {runs} runs by turns (fewer above 324 models), of CPU the least; of seconds "
        f"only ratios mean anything.\n\n{markdown(rows)}\n"
    )


def _tried(name: str, measured: Callable[[], list[Row]]) -> list[Row]:
    """The rows of a part; one that says why where it cannot be measured here."""
    try:
        return measured()
    except Exception as error:
        why = " ".join(f"{type(error).__name__}: {error}".split())[-200:]
        return [Row(f"{name}: not measured", float("nan"), "", note=why.replace("|", "/"))]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("only", nargs="*", help=f"of {', '.join(PARTS)}; all without any")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--models", type=int, nargs="*", default=[109, 324, 1000, 3000])
    parser.add_argument("--jobs", type=int, default=10_000)
    given = parser.parse_args()
    BUILD.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    python = environment.peers(BUILD / "peers")
    environment.compiled()
    rows: list[Row] = []
    print(" | ".join(HEAD))
    for name, measured in parts(python, given.runs, given.models, given.jobs).items():
        if not given.only or name in given.only:
            for row in _tried(name, measured):
                rows.append(row)
                print(" | ".join(row.cells()), flush=True)
            # After each part, so that a run that is ended early leaves what it measured.
            RESULTS.write_text(report(rows, given.runs, time.monotonic() - began))
    lost = [row.what for row in rows if row.verdict == "LOST"]
    print(f"{len(rows)} rows, {len(lost)} lost{': ' if lost else ''}{'; '.join(lost)}")


if __name__ == "__main__":
    sys.exit(main())
