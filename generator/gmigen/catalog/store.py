"""Collected details -> the snapshot on disk, losing nothing that was there and is still wanted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from .. import disk
from ..errors import FetchError
from ..problems import Problem
from ..schema.json_text import MAX_BYTES, identity, parse
from ..schema.spellings import SPELLINGS
from ..schema.types import Json
from .fetch import Collected
from .files import document_text, file_names
from .lock import LOCK, Lock, Source, dump, listing, read_lock

SHRINK_LIMIT = 0.2
"""The part of the known models that may be gone before a fetch asks whether that is meant."""


@dataclass(frozen=True)
class Stored:
    """What a fetch did to the snapshot: ids by what happened to them."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    kept_old: tuple[str, ...]
    problems: tuple[Problem, ...]


def store(
    folder: Path,
    collected: Collected,
    *,
    today: str,
    wants: Callable[[str], bool] = lambda model_id: True,
    allow_shrink: bool = False,
    provenance: str | None = None,
) -> Stored:
    """Bring the snapshot in `folder` to what was collected. Only for whoever holds the folder.

    A model whose document could not be had keeps its old one, and so does everything that a list
    that is not whole leaves out. One that left the catalogue is
    remembered with today's date, unless `wants` says that it is not wanted any more. The date of
    the lock moves only when a document does, so that fetching an unchanged catalogue changes no
    file.

    Raises:
        FetchError: when the catalogue is empty, or lost more than a fifth of the known models.
        SnapshotError: when the lock that is there cannot be used.
        PublishError: when the disk refuses.
    """
    lock = read_lock(folder)
    known = dict(lock.files)
    old = {model_id: disk.read(folder / name, MAX_BYTES) for model_id, name in known.items()}
    _check_size(collected, old, allow_shrink)
    names = file_names(collected.listed, known)
    new = {m: _settled(text, old.get(m)) for m, text in collected.documents.items()}
    unlisted = old.keys() - set(collected.listed)
    failed = {*collected.listed, *(() if collected.whole else unlisted)} - new.keys()
    kept = {m: text for m in sorted(failed) if (text := old.get(m)) is not None}
    documents = {**new, **kept}
    removed = tuple(sorted(unlisted)) if collected.whole else ()
    changed = tuple(sorted(m for m in new if m in old and old[m] != new[m]))
    added = tuple(sorted(new.keys() - old.keys()))

    source = _source(lock, collected.source, provenance)
    if added or changed or removed or not source.date:
        source = source.on(today)
    gone_for_good = {m: today for m in removed if wants(m)}
    new_lock = listing(
        replace(
            lock,
            source=source,
            removed={
                m: d for m, d in {**gone_for_good, **lock.removed}.items() if m not in documents
            },
            unfetched=collected.problems,
        ),
        {m: (names[m], text) for m, text in documents.items()},
    )
    wanted = {names[m]: text for m, text in documents.items() if old.get(m) != text}
    wanted |= {LOCK: dump(new_lock), ".gitattributes": disk.ATTRIBUTES.encode("ascii")}
    files = {
        name: content
        for name, content in wanted.items()
        if disk.read(folder / name, max(MAX_BYTES, len(content))) != content
    }
    gone = [known[model_id] for model_id in removed if (folder / known[model_id]).exists()]
    if files or gone:
        disk.write_folder(folder, files, gone)
    return Stored(added, changed, removed, tuple(kept), collected.problems)


def _settled(text: bytes, old: bytes | None) -> bytes:
    """The document as it is kept; the old one where only an order moved that means nothing."""
    new = _details(text)
    told = document_text(new)
    if old is not None and told != old and _meaning(told) == _meaning(old):
        return old
    return told


_ATOMS = frozenset({*SPELLINGS["default"], *SPELLINGS["options"], "const"})
"""Keys whose values are JSON of the model's own: their insides are left alone."""

_UNORDERED = frozenset({*SPELLINGS["options"], "tags", "modalities", "input", "output", "required"})


def _meaning(text: bytes) -> str:
    """A document without the orders that mean nothing: of keys, tags, options and parameters."""
    return identity(_unordered(_details(text)))


def _unordered(value: Json, key: str = "") -> Json:
    if isinstance(value, dict) and key not in _ATOMS:
        return {name: _unordered(part, name) for name, part in value.items()}
    if not isinstance(value, list):
        return value
    parts = value if key in _ATOMS else [_unordered(part) for part in value]
    named = all(isinstance(part, dict) and isinstance(part.get("name"), str) for part in parts)
    free = key in _UNORDERED or (named and key not in _ATOMS)
    return sorted(map(identity, parts)) if free else parts


def _details(text: bytes) -> Mapping[str, Json]:
    value = parse(text)
    return value if isinstance(value, dict) else {}


def _check_size(collected: Collected, old: Mapping[str, object], allow_shrink: bool) -> None:
    if not collected.listed:
        raise FetchError("The catalogue lists no model that is wanted; the snapshot is unchanged.")
    lost = len(old.keys() - set(collected.listed))
    if collected.whole and old and lost / len(old) > SHRINK_LIMIT and not allow_shrink:
        raise FetchError(
            f"The catalogue lost {lost} of {len(old)} known models; the snapshot is unchanged. "
            "If that is right, fetch again with --allow-shrink."
        )


def _source(lock: Lock, new: Source, provenance: str | None) -> Source:
    """What the lock says of the origin: today's, yet with the old date until a document moves."""
    if provenance is not None:
        new = Source(new.origin, provenance, new.date)
    if not lock.files:
        return new
    if new.origin == "files" and provenance is None:
        return lock.source
    return new.on(lock.source.date)
