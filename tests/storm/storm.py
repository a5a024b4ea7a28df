"""Batches under kills: `make storm`. Every figure is counted by the log of the API.

One and three workers, killed with SIGKILL at random instants, on SQLite and on PostgreSQL: that is
Debian's, installed where it can be, and started in a temporary folder by a user that is not root.
Then PostgreSQL goes away for a minute in the middle of a batch. Fails when a request is billed
twice, lost, or torn, and when one that may have been paid is not listed.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "support")]

from batch_storm import Left, storm  # noqa: E402
from postgres_server import Server, found, server  # noqa: E402

from gmigen.emulator import Emulator  # noqa: E402


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def installed() -> bool:
    """Whether there is a PostgreSQL, installed by now where that is possible."""
    if found() is None and shutil.which("apt-get") and os.geteuid() == 0:
        say("Installing postgresql; this happens once.")
        command = ["apt-get", "install", "-y", "-qq", "postgresql"]
        subprocess.run(command, capture_output=True, check=False)
    return found() is not None


def one(name: str, **how: object) -> bool:
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        left: Left = storm(Path(folder), **how)  # type: ignore[arg-type]
    say(
        f"{name}: {how['kills']} kills, {left.requests} requests, {left.done} done, "
        f"{left.unknown} listed as unknown ({left.unknown_billed} of them billed); billed "
        f"{left.billed}, twice {left.twice}, lost {left.lost}, torn {left.torn}; "
        f"{time.monotonic() - began:.0f} s"
    )
    return left.twice == left.lost == left.torn == left.again == 0


def away(running: Server, seconds: float) -> bool:
    """The server is stopped for so long when a third of the requests were submitted."""

    def absent(api: Emulator) -> None:
        while len(api.log.posts()) < 40:
            time.sleep(0.05)
        running.stop()
        time.sleep(seconds)
        running.start()

    how = {"rows": 120, "workers": 2, "kills": 0, "seed": 1, "database_url": running.url}
    return one(f"PostgreSQL away for {seconds:.0f} s, 2 workers", meanwhile=absent, **how)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=60, help="in each of the four storms")
    parser.add_argument("--rows", type=int, default=300)
    parser.add_argument("--away", type=float, default=60.0, help="seconds")
    parser.add_argument("--seed", type=int, default=15)
    given = parser.parse_args()
    how = {"rows": given.rows, "kills": given.kills, "seed": given.seed}
    passed = [one(f"SQLite, {n} worker(s)", workers=n, **how) for n in (1, 3)]
    if not installed():
        say("NOT RUN on PostgreSQL: it is not here, and cannot be installed. As root: apt-get")
        say("install postgresql.")
        return 1
    for workers in (1, 3):
        with server() as running:
            url = {"database_url": running.url}
            passed.append(one(f"PostgreSQL, {workers} worker(s)", workers=workers, **url, **how))
    with server() as running:
        passed.append(away(running, given.away))
    say("all as it should be" if all(passed) else "NOT as it should be")
    return 0 if all(passed) else 1


if __name__ == "__main__":
    sys.exit(main())
