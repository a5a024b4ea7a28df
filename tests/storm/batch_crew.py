"""Workers of one batch that are killed at random instants, and replaced.

Arguments: the folder, the file of requests, how many workers, how many kills, a seed, and the URL
of a database or nothing. The environment says where the API is. The first worker runs the file, and
runs it again when it was killed; the others help. One process loads everything and forks them. The
last crew is left to end. Prints how many were killed; fails when a worker did.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
import traceback
from pathlib import Path
from typing import Any

from gmi_inference import batch
from gmi_inference.batch import api, worker
from gmi_inference.client import Poll, preload
from gmi_inference.models import request_class
from gmi_inference.runtime import errors
from gmi_inference.runtime.protocol import recovery

recovery.PAUSE = 0.0  # the list of this API is never late
worker.BEAT, worker.RESCUE, worker.POLLING = 0.05, 0.2, 0.05


def work(place: int, folder: Path, file: Path, how: dict[str, Any]) -> None:
    if place == 0:
        return batch.run(file, folder, concurrency=4, **how) and None
    while True:
        try:
            batch.work(folder, **how)
        except errors.ConfigurationError:
            time.sleep(0.05)  # there is no batch yet
        else:
            return None


def forked(*what: Any) -> int:
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        work(*what)
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def main() -> None:
    folder, file = Path(sys.argv[1]), Path(sys.argv[2])
    workers, kills, chance = int(sys.argv[3]), int(sys.argv[4]), random.Random(int(sys.argv[5]))
    how = {"database_url": sys.argv[6] or None, "poll": Poll(min=0.05, max=0.2)}
    preload()
    request_class("Veo3")
    _ = api

    def start(place: int) -> int:
        return forked(place, folder, file, how)

    crew = [start(place) for place in range(workers)]
    killed = failed = 0
    while killed < kills:
        time.sleep(chance.uniform(0.0, 0.8))
        place = chance.randrange(workers)
        os.kill(crew[place], signal.SIGKILL)
        status = os.waitpid(crew[place], 0)[1]
        killed += os.WIFSIGNALED(status)
        failed += os.WIFEXITED(status) and os.WEXITSTATUS(status) != 0
        crew[place] = start(place)
    for child in crew:
        failed += os.waitpid(child, 0)[1] != 0
    sys.stdout.write(f"{killed}\n")
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
