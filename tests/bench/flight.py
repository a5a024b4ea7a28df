"""Ten thousand jobs in flight in one process; the soak test runs them, and its figures are read."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from table import Row

SOAK = Path(__file__).parents[1] / "soak" / "soak.py"


def rows(jobs: int) -> list[Row]:
    """Memory, sockets and fairness; nothing without jobs."""
    if not jobs:
        return []
    told = subprocess.run(
        [sys.executable, str(SOAK), "--jobs", str(jobs), "--polls", "0", "--kills", "0"],
        capture_output=True,
        text=True,
        check=False,
    ).stdout

    def figure(pattern: str) -> float:
        found = re.search(pattern, told)
        return float(found[1].replace(",", "")) if found else float("nan")

    fair = 2 * max(60.0, jobs / 20) + 10
    return [
        Row(f"{jobs:,} jobs in flight, memory", figure(r"process ([\d,]+) MB"), "MB", target=200),
        Row(f"{jobs:,} jobs in flight, sockets", figure(r"at most ([\d,]+)"), "", target=25),
        Row(
            f"{jobs:,} jobs in flight, longest time unseen",
            figure(r"at one job ([\d.]+) s"),
            "s",
            target=fair,
        ),
    ]
