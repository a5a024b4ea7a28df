"""Finished files against the disk: the only writer of output, and it never loses a file."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..disk import read, recover, told, write_file, write_folder
from ..emit.generate import Key
from ..errors import PublishError
from ..settings import Settings
from .compare import Change, compare
from .manifest import FILE, Manifest, dump, load, plain, print_of

AREAS = ("snapshot", "package", "docs")
"""In the order they are written: names are on record before anything is published under them."""

OURS = ("package", "docs")
"""The areas that are wholly ours, each with a manifest of its own."""

SHARED = "snapshot"
"""Holds the ledger only, which was read and understood before it is written."""

MAX_BYTES = 8 * 1024 * 1024
"""Of one file of ours; whatever is larger was not written by us."""


@dataclass(frozen=True)
class Wanted:
    """What should be on the disk."""

    files: Mapping[Key, str]
    made_from: Mapping[str, str] = field(default_factory=dict)
    tools: Mapping[str, str] = field(default_factory=dict)
    kept: Collection[Key] = ()

    def manifest(self, area: str, old: Manifest) -> Manifest:
        """The manifest that goes into `area`: kept files stand in it as they did."""
        prints = {
            path: print_of(text.encode("utf-8"))
            for (where, path), text in self.files.items()
            if where == area
        }
        prints |= {p: old.files[p] for where, p in self.kept if where == area and p in old.files}
        return Manifest(prints, self.made_from, self.tools)


@dataclass(frozen=True)
class Published:
    """What a generation did to the disk."""

    written: tuple[Change, ...]
    kept: tuple[Change, ...]
    """Files of ours that someone changed and that are no longer wanted; they stay."""


def folders(settings: Settings) -> dict[str, Path]:
    """The folder each area is written into."""
    every = {
        "snapshot": settings.snapshot_folder,
        "package": settings.package_folder,
        "docs": settings.docs_folder,
    }
    return {area: folder for area, folder in every.items() if folder is not None}


def read_manifests(settings: Settings) -> dict[str, Manifest]:
    """The manifest of each area that has one that can be read."""
    found = {}
    for area in OURS:
        folder = folders(settings).get(area)
        content = read(folder / FILE, MAX_BYTES) if folder else None
        manifest = load(content) if content is not None else None
        if manifest is not None:
            found[area] = manifest
    return found


def changes(settings: Settings, wanted: Wanted) -> list[Change]:
    """How the disk stands to the output, manifests included, leaving out what is the same."""
    old = read_manifests(settings)
    places = folders(settings)
    files = {key: text for key, text in wanted.files.items() if key[0] in places}
    on_disk: dict[Key, bytes | None] = {}
    for area, path in {*files, *((a, p) for a, held in old.items() for p in held.files)}:
        place = places[area] / path
        if place.is_symlink() or place.exists():
            content = read(place, MAX_BYTES)
            on_disk[area, path] = None if _through_link(places[area], path) else content
    found = list(compare(files, on_disk, old, wanted.kept))
    for area in OURS:
        if area in places:
            text = dump(wanted.manifest(area, old.get(area, Manifest())))
            there = read(places[area] / FILE, MAX_BYTES)
            if there is None or plain(there) != text.encode("utf-8"):
                found.append(Change((area, FILE), "new" if there is None else "changed"))
    return [change for change in found if change.state != "same"]


def publish(settings: Settings, wanted: Wanted, *, force: bool = False) -> Published:
    """Bring the disk to the output. Only for whoever holds the folders.

    Raises:
        PublishError: when a file in the way is not ours or was edited by hand (unless `force`),
            an output folder is a link, or the disk refuses. Nothing is lost then.
    """
    places = folders(settings)
    for area, folder in places.items():
        if folder.is_symlink():
            raise PublishError(f"{folder} is a link; name the folder it points to instead.")
        with told(area):
            recover(folder)
    old = read_manifests(settings)
    found = changes(settings, wanted)
    if not force:
        _refuse_hands(settings, found, old)
    kept = tuple(c for c in found if c.state == "stale-edited" and not force)
    todo = [c for c in found if c not in kept and c.state != "kept"]
    for area in AREAS:
        mine = [change for change in todo if change.key[0] == area]
        if not mine:
            continue
        new = {
            change.key[1]: wanted.files[change.key].encode("utf-8")
            for change in mine
            if change.key in wanted.files
        }
        if area == SHARED:
            for path, content in new.items():
                write_file(places[area] / path, content)
            continue
        manifest = wanted.manifest(area, old.get(area, Manifest()))
        new[FILE] = dump(manifest).encode("utf-8")
        gone = {c.key[1] for c in mine if c.key not in wanted.files} - {FILE}
        write_folder(places[area], new, gone)
    return Published(tuple(todo), kept)


def _refuse_hands(settings: Settings, found: list[Change], old: Mapping[str, Manifest]) -> None:
    for state, told_of in (
        ("edited", "was changed by hand since it was generated"),
        ("foreign", "is in the way and was not written by gmigen"),
    ):
        mine = [c for c in found if c.state == state and c.key[0] != SHARED]
        if mine:
            others = f" (and {len(mine) - 1} more)" if len(mine) > 1 else ""
            unknown = "" if mine[0].key[0] in old else " There is no manifest that knows it."
            raise PublishError(
                f"{settings.place_of(mine[0].key)}{others} {told_of}; nothing was written."
                f"{unknown} Move it away, or overwrite it on purpose with --force."
            )


def _through_link(folder: Path, path: str) -> bool:
    """Whether the way to a file leads through a link."""
    return any((folder / part).is_symlink() for part in Path(path).parents if part != Path())
