"""Whole processes in turn: the median of each, and what memory it took at most.

What is compared is run by turns, because machines are busy: only a ratio taken in one run counts.
The first turn warms the byte code and the disk and is thrown away.
"""

from __future__ import annotations

import contextlib
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

LIMIT = 600.0
"""Seconds after which a process is ended and has failed."""


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
    may_fail: bool = False
    """Whether a failure is a result: a peer's is, ours is not."""

    def run(self) -> Spent:
        """Raises FailedError for a process that fails, with the last it said."""
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
        guard = threading.Timer(LIMIT, process.kill)
        guard.start()
        try:
            said = process.stderr.read()
            _, status, used = os.wait4(process.pid, 0)
        except BaseException:
            with contextlib.suppress(OSError):
                process.kill()
            raise
        finally:
            guard.cancel()
        took = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise FailedError(said.decode(errors="replace").strip() or f"exit {process.returncode}")
        kilobytes = used.ru_maxrss / (1024 if sys.platform != "darwin" else 1024**2)
        return Spent(took, used.ru_utime + used.ru_stime, kilobytes)


class FailedError(RuntimeError):
    """A process that was to be measured failed."""


class Turns(dict[str, Spent]):
    """The medians of what ran by turns, by name; `failed` says why others have none."""

    def __init__(self, spent: Mapping[str, Spent], failed: Mapping[str, str]) -> None:
        super().__init__(spent)
        self.failed = failed


def by_turns(commands: Mapping[str, Command], runs: int, warm: bool = True) -> Turns:
    """The medians of each command, run by turns. Raises FailedError for one that may not fail."""
    found: dict[str, list[Spent]] = {name: [] for name in commands}
    failed: dict[str, str] = {}
    for turn in range(runs + warm):
        for name, command in commands.items():
            if name in failed:
                continue
            try:
                spent = command.run()
            except FailedError as error:
                if not command.may_fail:
                    raise
                failed[name] = str(error)
                continue
            if turn or not warm:
                found[name].append(spent)
    medians = {
        name: Spent(
            statistics.median(spent.seconds for spent in each),
            statistics.median(spent.cpu for spent in each),
            max(spent.peak_mb for spent in each),
        )
        for name, each in found.items()
        if name not in failed
    }
    return Turns(medians, failed)
