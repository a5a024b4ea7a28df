"""`lock.json`: where the documents of a snapshot came from, and which models are gone."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from .. import disk
from ..errors import SnapshotError
from ..problems import Problem, problem_in, problem_out
from ..schema.json_text import Unreadable, parse_large

LOCK = "lock.json"
FORMAT = 1
MAX_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True)
class Source:
    """Where a snapshot came from, in the words of the lock."""

    origin: str = "unknown"
    provenance: str = "No lock says where these details came from."
    date: str = ""

    def on(self, date: str) -> Source:
        """The same source, on another day (`YYYY-MM-DD`)."""
        return replace(self, date=date)


@dataclass(frozen=True)
class Lock:
    """What `lock.json` holds. Only fetching and pruning write it."""

    source: Source = field(default_factory=Source)
    files: Mapping[str, str] = field(default_factory=dict)
    """The file of each model, by id."""
    hashes: Mapping[str, str] = field(default_factory=dict)
    removed: Mapping[str, str] = field(default_factory=dict)
    """The models that left the catalogue, with the date they did."""
    unfetched: tuple[Problem, ...] = ()
    """What the last fetch could not get."""


def print_of(content: bytes) -> str:
    """The hash of a document, whatever line endings a checkout gave it."""
    return hashlib.sha256(content.replace(b"\r\n", b"\n")).hexdigest()


def listing(lock: Lock, documents: Mapping[str, tuple[str, bytes]]) -> Lock:
    """`lock`, listing exactly these documents: file and content by model id."""
    return replace(
        lock,
        files={model_id: file for model_id, (file, _) in documents.items()},
        hashes={model_id: print_of(text) for model_id, (_, text) in documents.items()},
    )


def dump(lock: Lock) -> bytes:
    """The lock as text: sorted, ASCII."""
    value: dict[str, Any] = {
        "format": FORMAT,
        "origin": lock.source.origin,
        "provenance": lock.source.provenance,
        "date": lock.source.date,
        "models": {
            model_id: {"file": file, "sha256": lock.hashes[model_id]}
            for model_id, file in sorted(lock.files.items())
        },
        "removed": dict(sorted(lock.removed.items())),
        "unfetched": [problem_out(problem) for problem in sorted(lock.unfetched)],
    }
    return (json.dumps(value, indent=1, ensure_ascii=True) + "\n").encode("ascii")


def read_lock(folder: Path) -> Lock:
    """The lock of a snapshot, empty where there is none yet.

    Raises:
        SnapshotError: when there is one that cannot be used.
    """
    content = disk.read(folder / LOCK, MAX_BYTES)
    if content is None:
        return Lock()
    path = folder / LOCK
    value = parse_large(content, MAX_BYTES)
    if isinstance(value, Unreadable):
        raise SnapshotError(
            f"{path} is not a lock: {value.reason}. Restore it from version control, or "
            "remove it and fetch again."
        )
    try:
        return _read(value)
    except _NewerError:
        raise SnapshotError(
            f"{path} was written by a newer gmigen: upgrade gmi-inference[codegen]."
        ) from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise SnapshotError(
            f"{path} is not a lock: restore it from version control, or remove it and fetch again."
        ) from None


class _NewerError(Exception):
    pass


def _read(value: Any) -> Lock:
    if not isinstance(value["format"], int) or value["format"] > FORMAT:
        raise _NewerError if isinstance(value["format"], int) else ValueError
    files = {name: _file(entry["file"]) for name, entry in value["models"].items()}
    if len({file.casefold() for file in files.values()}) != len(files):
        raise ValueError("one file for two models")
    return Lock(
        source=Source(*(_text(value[key]) for key in ("origin", "provenance", "date"))),
        files=files,
        hashes={name: _text(entry["sha256"]) for name, entry in value["models"].items()},
        removed={name: _text(date) for name, date in value["removed"].items()},
        unfetched=tuple(problem_in(problem) for problem in value["unfetched"]),
    )


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(value)
    return value


def _file(name: Any) -> str:
    """A plain file name of a document; anything else would reach outside the snapshot."""
    if not isinstance(name, str) or not re.fullmatch(r"[a-z0-9_]{1,200}\.json", name):
        raise ValueError(name)
    return name
