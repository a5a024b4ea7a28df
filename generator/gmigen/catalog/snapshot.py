"""The snapshot: model details on disk, the lock that says where they came from, the ledger.

Reading is here; writing goes through `publish.py`, so that what a later stage sees is what was
checked.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ..naming import ledger as ledger_file
from ..naming.names import Ledger, digest, slug
from ..problems import Problem
from ..schema.types import Json

LOCK = "lock.json"
MANIFEST = "manifest.json"
NOT_DOCUMENTS = frozenset({LOCK, MANIFEST, ledger_file.FILE})
"""The files of a snapshot that hold no model."""
FORMAT = 1

KEPT_FIELDS = (
    "model",
    "org_id",
    "display_name",
    "brief_description",
    "detailed_description",
    "model_type",
    "modalities",
    "tags",
    "price_info",
    "pricing_details",
    "parameters",
)
"""The fields of a model's details that are kept: none that names a user, a queue or a moment."""


class SnapshotError(Exception):
    """The snapshot as a whole cannot be used; the message is a sentence for the user."""


@dataclass(frozen=True)
class Document:
    """One model's details as they stand on disk. `model_id` is None where no lock knows it."""

    file: str
    text: bytes
    model_id: str | None = None


@dataclass(frozen=True)
class Source:
    """Where a snapshot came from, in the words of the lock."""

    origin: str = "unknown"
    provenance: str = "No lock says where these details came from."
    date: str = ""


@dataclass(frozen=True)
class Lock:
    """What `lock.json` holds: where the documents came from, and what was found in them."""

    source: Source = field(default_factory=Source)
    files: Mapping[str, str] = field(default_factory=dict)
    """The file of each model, by id."""
    hashes: Mapping[str, str] = field(default_factory=dict)
    removed: Mapping[str, str] = field(default_factory=dict)
    overlays: Mapping[str, str] = field(default_factory=dict)
    """Every correction (`file#parameter`), with the date it stopped to match where it did."""
    unfetched: tuple[Problem, ...] = ()
    """What the last fetch could not get."""
    problems: tuple[Problem, ...] = ()
    """What the last generation found."""


@dataclass(frozen=True)
class Snapshot:
    """Everything `generate` reads: documents in the order of their file names."""

    documents: tuple[Document, ...] = ()
    lock: Lock = field(default_factory=Lock)
    ledger: Ledger = field(default_factory=Ledger)


def load(folder: Path) -> Snapshot:
    """Read a snapshot folder. Without a lock, every JSON file in it is a document.

    Raises:
        SnapshotError: when there is no folder, or its lock or ledger cannot be used.
    """
    if not folder.is_dir():
        raise SnapshotError(f"There is no snapshot in {folder}: run `gmigen fetch` first.")
    lock = read_lock(folder)
    ids = {file: model_id for model_id, file in lock.files.items()}
    files = sorted(path.name for path in folder.glob("*.json"))
    documents = tuple(
        Document(name, (folder / name).read_bytes(), ids.get(name))
        for name in files
        if name not in NOT_DOCUMENTS
    )
    names = folder / ledger_file.FILE
    try:
        known = ledger_file.load(names.read_text("utf-8")) if names.exists() else Ledger()
    except ledger_file.LedgerError as error:
        raise SnapshotError(str(error)) from None
    return Snapshot(documents, lock, known)


def document_text(details: Mapping[str, Json]) -> bytes:
    """Details as they are kept: known fields in a fixed order, ASCII, one element a line."""
    kept = {name: details[name] for name in KEPT_FIELDS if name in details}
    return (json.dumps(kept, indent=2, ensure_ascii=True) + "\n").encode("ascii")


def file_names(model_ids: Iterable[str], known: Mapping[str, str]) -> dict[str, str]:
    """A file for each id: the one it has (`known`, by id), else its slug, else slug and hash."""
    names = dict(known)
    taken = {name.casefold() for name in names.values()} | NOT_DOCUMENTS
    for model_id in sorted(set(model_ids) - names.keys()):
        name = f"{slug(model_id)}.json"
        if name.casefold() in taken:
            name = f"{slug(model_id)}_{digest(model_id)}.json"
        taken.add(name.casefold())
        names[model_id] = name
    return names


def lock_text(lock: Lock, documents: Iterable[tuple[str, Document]]) -> str:
    """`lock` as text, with the files and hashes of these documents."""
    value: dict[str, Any] = {
        "format": FORMAT,
        "origin": lock.source.origin,
        "provenance": lock.source.provenance,
        "date": lock.source.date,
        "models": {
            model_id: {"file": document.file, "sha256": sha256(document.text)}
            for model_id, document in sorted(documents, key=lambda item: item[0])
        },
        "removed": dict(sorted(lock.removed.items())),
        "overlays": dict(sorted(lock.overlays.items())),
        "unfetched": [_problem(problem) for problem in sorted(lock.unfetched)],
        "problems": [_problem(problem) for problem in sorted(lock.problems)],
    }
    return json.dumps(value, indent=1, ensure_ascii=True) + "\n"


def _problem(problem: Problem) -> dict[str, str]:
    return {
        "model": problem.model,
        "parameter": problem.parameter,
        "level": problem.level,
        "code": problem.code,
        "message": problem.message,
    }


def edited(source: Snapshot) -> list[str]:
    """Files of documents that are not, to the byte, what was fetched."""
    return [
        document.file
        for document in source.documents
        if document.model_id is not None
        and source.lock.hashes.get(document.model_id) != sha256(document.text)
    ]


def without_removed(folder: Path, model_ids: Iterable[str]) -> str:
    """The lock of `folder` as text, no longer remembering these removed models.

    Raises:
        SnapshotError: when the lock cannot be used.
    """
    loaded = load(folder)
    forgotten = set(model_ids)
    removed = {m: date for m, date in loaded.lock.removed.items() if m not in forgotten}
    known = {d.model_id: d for d in loaded.documents if d.model_id is not None}
    return lock_text(replace(loaded.lock, removed=removed), known.items())


def sha256(content: bytes) -> str:
    """The hash the lock and the manifest hold."""
    return hashlib.sha256(content).hexdigest()


def dated(source: Source, date: str) -> Source:
    """The same source, on another day (`YYYY-MM-DD`)."""
    return replace(source, date=date)


def read_lock(folder: Path) -> Lock:
    """The lock of a snapshot, empty where there is none yet.

    Raises:
        SnapshotError: when there is one that cannot be used.
    """
    path = folder / LOCK
    if not path.exists():
        return Lock()
    try:
        value = json.loads(path.read_bytes())
        if value["format"] > FORMAT:
            raise SnapshotError(
                f"{path} was written by a newer gmigen: upgrade gmi-inference[codegen]."
            )
        return Lock(
            source=Source(str(value["origin"]), str(value["provenance"]), str(value["date"])),
            files={str(name): _file(entry["file"]) for name, entry in value["models"].items()},
            hashes={str(name): str(entry["sha256"]) for name, entry in value["models"].items()},
            removed=_texts(value["removed"]),
            overlays=_texts(value["overlays"]),
            unfetched=tuple(Problem(**problem) for problem in value["unfetched"]),
            problems=tuple(Problem(**problem) for problem in value["problems"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        raise SnapshotError(
            f"{path} is not a lock: restore it from version control or fetch again."
        ) from None


def _texts(value: Mapping[str, Any]) -> dict[str, str]:
    return {str(key): str(text) for key, text in value.items()}


def _file(name: Any) -> str:
    """A plain file name of a document; anything else would reach outside the snapshot."""
    if not isinstance(name, str) or not re.fullmatch(r"[a-z0-9_]+\.json", name):
        raise ValueError(name)
    return name
