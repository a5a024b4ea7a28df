"""Speed, side by side with the peers, in one run: `make bench`. Nothing here fails; it prints.

The peers are installed into a throwaway environment under build/. What is compared runs by turns,
and only the ratios mean anything. The table goes to tests/bench/results.md, what is lost included:
a section for each part, written row by row, so that a run that is ended leaves what it measured.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import editors
import environment
import flight
import generation
import imports
import looking
import overhead
import polling
import results
from table import HEAD, Row

ROOT = Path(__file__).parents[2]
BUILD = ROOT / "build" / "bench"
PARTS = ("imports", "polling", "looking", "overhead", "editors", "generation", "flight")
INTERRUPTED = 130


def parts(
    python: Path, runs: int, counts: list[int], jobs: int
) -> dict[str, Callable[[], Iterable[Row]]]:
    """What can be measured, by name."""
    return {
        "imports": lambda: imports.rows(python, runs),
        "polling": polling.rows,
        "looking": lambda: looking.rows(python),
        "overhead": lambda: overhead.rows(python, runs),
        "editors": lambda: editors.rows(BUILD, min(runs, 3)),
        "generation": lambda: (
            row
            for count in counts
            for row in generation.rows(BUILD, python, count, min(runs, 1 + 1500 // count))
        ),
        "flight": lambda: flight.rows(jobs),
    }


def measured(name: str, rows: Callable[[], Iterable[Row]], runs: int) -> list[Row]:
    """The rows of a part, told as they come; a part that breaks off keeps those it has."""
    began = time.monotonic()
    found: list[Row] = []
    try:
        for row in rows():
            found.append(row)
            print(" | ".join(row.cells()), flush=True)
    except Exception as error:  # The other parts are measured all the same.
        print(f"{name} broke off: {type(error).__name__}: {error}"[:600], flush=True)
        found.append(Row(f"{name} broke off", float("nan"), "", note=type(error).__name__))
    finally:
        if found:
            results.write(PARTS, name, found, runs, time.monotonic() - began)
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("only", nargs="*", help=f"of {', '.join(PARTS)}; all without any")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--models", type=int, nargs="*", default=[109, 324, 1000, 3000])
    parser.add_argument("--jobs", type=int, default=10_000)
    parser.add_argument("--minutes", type=float, default=60, help="begin no part after so many")
    given = parser.parse_args()
    if unknown := {*given.only} - {*PARTS}:
        parser.error(f"no part is called {min(unknown)}; there are {', '.join(PARTS)}")
    BUILD.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    python = environment.peers(BUILD / "peers")
    environment.compiled()
    rows: list[Row] = []
    print(" | ".join(HEAD))
    for name, measure in parts(python, given.runs, given.models, given.jobs).items():
        if given.only and name not in given.only:
            continue
        if time.monotonic() - began > 60 * given.minutes:
            print(f"{name}: not begun, {given.minutes:g} minutes are over")
            continue
        try:
            rows += measured(name, measure, given.runs)
        except KeyboardInterrupt:
            print(f"Ended during {name}; results.md has the rows before.")
            return INTERRUPTED
    lost = [f"{row.what}, {row.verdict}" for row in rows if row.is_lost]
    print(f"{len(rows)} rows, {len(lost)} lost{': ' if lost else ''}{'; '.join(lost)}")
    print(f"{(time.monotonic() - began) / 60:.0f} minutes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
