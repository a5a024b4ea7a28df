"""The snapshot: model details on disk, the lock that says where they came from, the ledger.

Reading is here, and it believes nothing: only plain files count, none larger than it may be.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from .. import disk, resources
from ..errors import SnapshotError
from ..naming import ledger as ledger_file
from ..naming.names import Ledger
from ..problems import Problem
from ..schema import read_document
from ..schema.json_text import MAX_BYTES
from .lock import LOCK, Lock, print_of, read_lock

NOT_DOCUMENTS = frozenset({LOCK, ledger_file.FILE, "manifest.json", "findings.json"})
"""The files of a snapshot that hold no model."""


NAMED = "known_ids.txt"
"""The ids of models that are known by name only, one a line, in the bundled snapshot."""


@dataclass(frozen=True)
class Document:
    """One model's details as they stand on disk.

    `text` is None where the file is missing, or is no plain file. `model_id` is None where no
    lock knows it.
    """

    file: str
    text: bytes | None
    model_id: str | None = None


@dataclass(frozen=True)
class Snapshot:
    """Everything `generate` reads: what the lock lists, then what it does not, each by file name.

    `ledger` is None where there is none.
    """

    documents: tuple[Document, ...] = ()
    lock: Lock = field(default_factory=Lock)
    ledger: Ledger | None = None

    def with_ledger(self, ledger: Ledger) -> Snapshot:
        """The same with another ledger."""
        return replace(self, ledger=ledger)


def load(folder: Path) -> Snapshot:
    """Read a snapshot folder. Without a lock, every JSON file in it is a document.

    Raises:
        SnapshotError: when there is no folder, or its lock or ledger cannot be used.
    """
    if not folder.is_dir():
        raise SnapshotError(
            f"There is no snapshot in {folder}: run `gmigen fetch`, or `gmigen fetch --bundled` "
            "for the one that came with gmigen, which needs no key."
        )
    lock = read_lock(folder)
    listed = [
        Document(file, disk.read(folder / file, MAX_BYTES), model_id)
        for model_id, file in sorted(lock.files.items(), key=lambda item: item[1])
    ]
    strays = [
        Document(name, disk.read(folder / name, MAX_BYTES))
        for name in document_names(folder)
        if name not in lock.files.values()
    ]
    return Snapshot((*listed, *strays), lock, read_ledger(folder))


def document_names(folder: Path) -> list[str]:
    """The files of a folder that may hold a model: visible, and of the right kind."""
    return sorted(
        path.name
        for path in folder.glob("*.json")
        if path.name not in NOT_DOCUMENTS and not path.name.startswith(".")
    )


def read_ledger(folder: Path) -> Ledger | None:
    """The ledger of names, or None where there is none.

    Raises:
        LedgerError: when there is one that cannot be used.
    """
    content = disk.read(folder / ledger_file.FILE, ledger_file.MAX_BYTES)
    return None if content is None else ledger_file.load(content)


def known_by_name() -> set[str]:
    """The ids that the API had in public lists and pages, with bundled details or without."""
    folder = resources.snapshot()
    listed = disk.read(folder / NAMED, MAX_BYTES) or b""
    lines = listed.decode("utf-8", "replace").splitlines()
    named = {line for line in lines if line and not line.startswith("#")}
    return named | {*read_lock(folder).files}


def documents(folder: Path) -> dict[str, bytes]:
    """The details in a snapshot by model id, as they stand on disk; unreadable ones are left out.

    Raises:
        SnapshotError: when there is no snapshot in `folder`.
    """
    found: dict[str, bytes] = {}
    for document in load(folder).documents:
        if document.text is None:
            continue
        model = read_document(document.text, model_id=document.model_id)
        if not isinstance(model, Problem):
            found.setdefault(model.id, document.text)
    return found


def edited(source: Snapshot) -> list[str]:
    """Files of documents that are there and are not what was fetched, line endings aside."""
    return [
        document.file
        for document in source.documents
        if document.text is not None
        and document.model_id is not None
        and source.lock.hashes.get(document.model_id) != print_of(document.text)
    ]


def entries(documents: Iterable[Document]) -> Mapping[str, tuple[str, bytes]]:
    """What a lock lists of these documents."""
    return {
        document.model_id: (document.file, document.text)
        for document in documents
        if document.model_id is not None and document.text is not None
    }
