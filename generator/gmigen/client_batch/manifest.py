"""What a batch leaves: `manifest.jsonl`, a line for each line of the input, and the report."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from . import states
from .steps import key_of
from .store import Store
from .summary import Summary, dollars

NAME = "manifest.jsonl"


def write(store: Store, folder: Path) -> Path:
    """Write the manifest whole, in the place of the one before. Raises OSError."""
    place = folder / NAME
    part = place.with_name(f".{NAME}.{os.getpid()}")
    try:
        with part.open("w", encoding="utf-8") as stream:
            for row in store.rows():
                for entry in entries(row):
                    stream.write(f"{json.dumps(entry, ensure_ascii=False)}\n")
        part.replace(place)
    finally:
        part.unlink(missing_ok=True)
    return place


def entries(row: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """One entry for each line that asked for this request; the first is the one that pays."""
    for number, line in enumerate((row["line"], *(row["more_lines"] or ()))):
        low, high = (
            None if row[end] is None else str(dollars(row[end])) for end in ("low", "high")
        )
        yield {
            "line": line,
            "key": key_of(row),
            "model": row["model"],
            "payload": row["payload"],
            "payload_sha256": row["payload_sha256"],
            "state": row["state"],
            "job": row["job"],
            "paid_by_line": row["line"] if number else None,
            "estimate": {"low": low, "high": high} if not number else None,
            "files": row["files"] or [],
            "worker": row["worker"],
            "told": row["told"],
        }


def summary(store: Store) -> Summary:
    """How a batch stands now."""
    batch = store.batch()
    undecided = tuple(
        {
            "line": row["line"],
            "key": key_of(row),
            "model": row["model"],
            "job": row["job"],
            "told": row["told"],
        }
        for row in store.rows(states.UNKNOWN)
    )
    return Summary(
        place=str(store.database.place),
        states=store.counts(),
        spent=dollars(batch["spent"]) or Summary.spent,
        budget=dollars(batch["budget"]),
        halted=batch["halted"],
        whole=bool(batch["whole"]),
        workers=tuple(worker["id"] for worker in store.workers()),
        undecided=undecided,
        reasons=tuple(one for one in store.reasons() if one[0] != states.UNKNOWN),
    )
