"""A child whose journal may grow no further: nothing is submitted that is not written down.

Arguments: a folder. For each size the journal is allowed, one client submits until it is refused.
"""

from __future__ import annotations

import contextlib
import resource
import signal
import sys
from pathlib import Path

from gmigen.client import Client, GMIError

SIZES = range(0, 1000, 37)


def main() -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # what is too long is then refused, or cut short
    folder = Path(sys.argv[1])
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    for size in SIZES:
        with Client(journal=folder / f"{size}.jsonl") as client:
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, most))
            for number in range(4):
                with contextlib.suppress(GMIError):
                    client.submit("clip-1", {"prompt": f"{size} {number}"})
            resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))


if __name__ == "__main__":
    main()
