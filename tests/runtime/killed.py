"""A child process that submits, waits and saves, and dies where it is told to.

Arguments: `before N` dies at the N-th fsync, before it is done; `after N` right after it;
`never 0` lives. Then the folder for the journal and the file; the environment says where the API
is.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from gmigen.client import Client


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> None:
    how, number = sys.argv[1], int(sys.argv[2])
    folder = Path(sys.argv[3])
    real = os.fsync
    calls = 0

    def fsync(descriptor: int) -> None:
        nonlocal calls
        calls += 1
        if how == "before" and calls == number:
            os.kill(os.getpid(), signal.SIGKILL)
        real(descriptor)
        if how == "after" and calls == number:
            os.kill(os.getpid(), signal.SIGKILL)

    os.fsync = fsync
    with Client(poll=0.02, journal=folder / "journal.jsonl") as client:
        job = client.submit("clip-1", {"prompt": "a paper boat"})
        say(job.id)
        job.result().save(folder / "boat.mp4")
    say(f"saved {calls}")


if __name__ == "__main__":
    main()
