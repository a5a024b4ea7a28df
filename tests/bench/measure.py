"""Whole processes in turn: the median of each, and what memory it took at most.

What is compared is run by turns, because machines are busy: only a ratio taken in one run counts.
The first turn warms the byte code and the disk and is thrown away.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Spent:
    """What a process took."""

    seconds: float
    cpu: float
    peak_mb: float


@dataclass(frozen=True)
class Command:
    """A process to measure; `prepare` is done before each run and takes no part in it."""

    arguments: Sequence[str]
    cwd: Path | None = None
    path: Path | None = None
    """A folder that is searched for programs and modules first."""
    prepare: Callable[[], None] | None = None

    def run(self) -> Spent:
        if self.prepare:
            self.prepare()
        variables = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
        if self.path:
            variables["PATH"] = f"{Path(self.arguments[0]).parent}:{variables.get('PATH', '')}"
            variables["PYTHONPATH"] = str(self.path)
        began = time.perf_counter()
        process = subprocess.Popen(
            list(self.arguments),
            cwd=self.cwd,
            env=variables,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        assert process.stderr is not None
        said = process.stderr.read()
        _, status, used = os.wait4(process.pid, 0)
        took = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise RuntimeError(f"{self.arguments}: {said.decode(errors='replace')[-400:]}")
        kilobytes = used.ru_maxrss / (1024 if sys.platform != "darwin" else 1024**2)
        return Spent(took, used.ru_utime + used.ru_stime, kilobytes)


def by_turns(commands: Mapping[str, Command], runs: int, warm: bool = True) -> dict[str, Spent]:
    """The medians of each command, run by turns."""
    found: dict[str, list[Spent]] = {name: [] for name in commands}
    for turn in range(runs + warm):
        for name, command in commands.items():
            spent = command.run()
            if turn or not warm:
                found[name].append(spent)
    return {
        name: Spent(
            statistics.median(spent.seconds for spent in each),
            statistics.median(spent.cpu for spent in each),
            max(spent.peak_mb for spent in each),
        )
        for name, each in found.items()
    }
