"""Workers that submit the same keyed rows at once, and are killed at random instants.

Arguments: the journal, how many rows, how many kills, a seed. The environment says where the API
is, and in STORM_JOURNAL the file and the class of another kind of journal. One process loads the
client and forks the workers, which it kills with SIGKILL and replaces; the last four are left to
end. Prints how many were killed; fails when a worker did.
"""

from __future__ import annotations

import os
import random
import runpy
import signal
import sys
import time
from typing import Any

from gmigen.client import Client, preload
from gmigen.runtime import errors
from gmigen.runtime.protocol import recovery

WORKERS = 4
recovery.PAUSE = 0.0  # the list of this API is never late


def opened(place: str) -> Any:
    """What `journal=` is given."""
    file, _, name = os.environ.get("STORM_JOURNAL", "").partition(":")
    return runpy.run_path(file)[name](place) if file else place


def work(journal: str, order: list[int]) -> None:
    """Submit every row; what is unknown stays so, and is no failure."""
    with Client(journal=opened(journal)) as client:
        for row in order:
            try:
                job = client.submit("clip-1", {"prompt": f"row-{row}"}, key=f"row-{row}")
            except errors.SubmissionUnknownError as unknown:
                same = unknown.key == f"row-{row}"
            else:
                same = job.key == f"row-{row}"
            assert same, row


def forked(journal: str, order: list[int]) -> int:
    child = os.fork()
    if child:
        return child
    try:
        work(journal, order)
    except BaseException as failure:
        sys.stderr.write(f"{failure!r}\n")
        sys.stderr.flush()
        os._exit(1)
    os._exit(0)


def main() -> None:
    journal, rows, kills = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    chance = random.Random(int(sys.argv[4]))
    preload()

    def start() -> int:
        # Each begins elsewhere in one order, so that they meet, and not all at once.
        first = chance.randrange(rows)
        return forked(journal, [*range(first, rows), *range(first)])

    crew = [start() for _ in range(WORKERS)]
    killed = failed = 0
    while killed < kills:
        time.sleep(chance.uniform(0.0, 0.06))
        place = chance.randrange(WORKERS)
        os.kill(crew[place], signal.SIGKILL)
        killed += os.WIFSIGNALED(status := os.waitpid(crew[place], 0)[1])
        failed += os.WIFEXITED(status) and os.WEXITSTATUS(status) != 0
        crew[place] = start()
    for child in crew:
        failed += os.waitpid(child, 0)[1] != 0
    sys.stdout.write(f"{killed}\n")
    sys.exit(failed)


if __name__ == "__main__":
    main()
