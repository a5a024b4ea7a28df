"""A child that submits, waits and saves, one request after the other, until somebody kills it.

Arguments: the folder, then `number:model` for each request. The environment says where the API is.
"""

from __future__ import annotations

import sys
from pathlib import Path

from gmigen.client import Client, GMIError, Poll


def main() -> None:
    folder = Path(sys.argv[1])
    requests = [(model, {"prompt": f"boat {number}"}) for number, _, model in (
        argument.partition(":") for argument in sys.argv[2:]
    )]  # fmt: skip
    with Client(poll=Poll(min=0.01, max=0.02), journal=folder / "journal.jsonl") as client:
        client.models.list()
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        for ending in client.map(requests[:6], concurrency=3, timeout=2):
            if not isinstance(ending, GMIError):
                save(ending, folder)
        for model, payload in requests[6:]:
            try:
                save(client.run(model, payload, timeout=2), folder)
            except GMIError:
                continue


def save(result: object, folder: Path) -> None:
    try:
        result.save(folder / "files", timeout=1)  # type: ignore[attr-defined]
    except GMIError:
        return


if __name__ == "__main__":
    main()
