"""`{path: text}` against the disk. The only writer of output, and it never loses a file.

A changed area is built beside the old one (equal files are linked, so their times stay) and
swapped in with one rename, so that a kill at any moment leaves the old tree or the new one.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ..settings import Settings
from .manifest import FILE, Change, Key, Manifest, ManifestError, compare, dump, load

AREAS = ("package", "docs", "snapshot")
"""In the order they are swapped in; the snapshot is last because it holds the manifest."""


class PublishError(Exception):
    """Nothing was written; the message is a sentence that says why."""


@dataclass(frozen=True)
class Published:
    """What a generation did to the disk."""

    written: tuple[Change, ...]
    kept: tuple[Change, ...]
    """Files of ours that someone changed and that are no longer wanted; they stay."""


def write_file(path: Path, text: str) -> None:
    """Give one file a new content, all of it or none.

    Raises:
        PublishError: when the disk refuses.
    """
    beside = path.with_name(f".{path.name}.gmigen-new")
    with _told(path.name):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            beside.write_text(text, "utf-8")
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)


def folder_of(settings: Settings, area: str) -> Path:
    """The folder an area (`package`, `docs`, `snapshot`) is written into."""
    folders = {
        "package": settings.package_folder,
        "docs": settings.docs_folder,
        "snapshot": settings.snapshot_folder,
    }
    return folders[area]


def read_manifest(settings: Settings, *, forgiving: bool = False) -> Manifest:
    """The manifest of the last generation into these folders, or an empty one.

    Raises:
        ManifestError: when there is one that cannot be used, unless `forgiving`.
    """
    path = settings.snapshot_folder / FILE
    try:
        return load(path.read_bytes()).at(settings.places) if path.exists() else Manifest()
    except ManifestError:
        if not forgiving:
            raise
        return Manifest()


def changes(settings: Settings, wanted: Mapping[Key, str], old: Manifest) -> list[Change]:
    """How the disk stands to the output, file by file, leaving out what is the same."""
    on_disk = {}
    for key in {*wanted, *old.files}:
        path = folder_of(settings, key[0]) / key[1]
        with contextlib.suppress(FileNotFoundError, NotADirectoryError, IsADirectoryError):
            on_disk[key] = path.read_bytes()
    return [change for change in compare(wanted, on_disk, old) if change.state != "same"]


def publish(
    settings: Settings, wanted: Mapping[Key, str], manifest: Manifest, *, force: bool = False
) -> Published:
    """Bring the disk to the output.

    Raises:
        PublishError: when a file in the way is not ours or was edited by hand (unless `force`),
            an output folder is a link, or the disk refuses. Nothing is lost then.
        ManifestError: when the last manifest cannot be used (unless `force`).
    """
    old = read_manifest(settings, forgiving=force)
    _refuse_links(settings)
    for area in AREAS:
        with _told(area):
            _recover(folder_of(settings, area))
    found = changes(settings, wanted, old)
    _refuse_hands(settings, found, force)
    kept = tuple(change for change in found if change.state == "stale-edited" and not force)
    todo = [change for change in found if change not in kept]
    texts = {**wanted, ("snapshot", FILE): dump(manifest)}
    for area in AREAS:
        mine = [change for change in todo if change.key[0] == area]
        new = {change.key[1]: texts[change.key] for change in mine if change.key in wanted}
        gone = {change.key[1] for change in mine if change.key not in wanted}
        if area == "snapshot" and _differs(settings.snapshot_folder / FILE, dump(manifest)):
            new[FILE] = dump(manifest)
        if new or gone:
            with _told(area):
                _swap(folder_of(settings, area), new, gone)
    return Published(tuple(todo), kept)


def write_folder(folder: Path, files: Mapping[str, bytes], gone: Iterable[str] = ()) -> None:
    """Bring single files of one folder to new contents, all of them or none.

    Raises:
        PublishError: when the disk refuses.
    """
    with _told(folder.name):
        _recover(folder)
        _swap(folder, files, set(gone))


def _refuse_links(settings: Settings) -> None:
    for area in AREAS:
        folder = folder_of(settings, area)
        if folder.is_symlink():
            raise PublishError(f"{folder} is a link; name the folder it points to instead.")


def _refuse_hands(settings: Settings, found: list[Change], force: bool) -> None:
    if force:
        return
    for state, told in (
        ("edited", "was changed by hand since it was generated"),
        ("foreign", "is in the way and was not written by gmigen"),
    ):
        paths = [settings.place_of(change.key) for change in found if change.state == state]
        if paths:
            others = f" (and {len(paths) - 1} more)" if len(paths) > 1 else ""
            raise PublishError(
                f"{paths[0]}{others} {told}; nothing was written. Move it away, or overwrite it "
                "on purpose with --force."
            )


def _differs(path: Path, text: str) -> bool:
    return not path.exists() or path.read_bytes() != text.encode("utf-8")


@contextlib.contextmanager
def _told(what: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise PublishError(
            f"The {what} could not be written: {reason}. What was there before is still there."
        ) from None


def _recover(folder: Path) -> None:
    """Clear away what a run that was killed left beside a folder."""
    beside, aside = _beside(folder)
    if aside.exists() and not folder.exists():
        aside.rename(folder)
    for left in (beside, aside):
        if left.exists():
            shutil.rmtree(left)


def _swap(folder: Path, new: Mapping[str, str | bytes], gone: set[str]) -> None:
    """Build the new state of `folder` beside it and exchange the two."""
    beside, _ = _beside(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        beside.mkdir()
        _link_tree(folder, beside, {*new, *gone})
        for name, text in new.items():
            path = beside / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
        _exchange(beside, folder)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _link_tree(source: Path, target: Path, without: set[str]) -> None:
    """Everything below `source` but the files named in `without`, sharing content and times."""
    if not source.is_dir():
        return
    for path in sorted(source.rglob("*")):
        name = path.relative_to(source).as_posix()
        if "__pycache__" in name or name in without or (path.is_dir() and not path.is_symlink()):
            continue
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        if path.is_symlink():
            (target / name).symlink_to(path.readlink())
            continue
        try:
            os.link(path, target / name)
        except OSError:
            shutil.copy2(path, target / name)


def _exchange(new: Path, old: Path) -> None:
    """Put `new` where `old` is, in one step where the system has one."""
    if not old.exists():
        new.rename(old)
        return
    if sys.platform == "linux" and _renameat2(new, old):
        return
    _, aside = _beside(old)
    old.rename(aside)
    new.rename(old)
    shutil.rmtree(aside)


def _beside(folder: Path) -> tuple[Path, Path]:
    """Where the new state is built, and where the old one waits for a moment."""
    parent, name = folder.parent, folder.name
    return parent / f".{name}.gmigen-new", parent / f".{name}.gmigen-old"


def _renameat2(one: Path, other: Path) -> bool:
    """Linux's atomic exchange of two paths; False where kernel or C library lack it."""
    at_cwd, exchange = -100, 2
    try:
        call = ctypes.CDLL(None).renameat2
    except (OSError, AttributeError):
        return False
    return bool(call(at_cwd, os.fsencode(one), at_cwd, os.fsencode(other), exchange) == 0)
