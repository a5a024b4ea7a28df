"""A whole folder brought to a new state: built beside the old one and exchanged with it.

Equal files are linked, so their times stay. What somebody else writes into the old state in the
meantime is carried over, and a kill at any moment leaves the old state or the new one.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path

from ..errors import PublishError
from .exchange import exchange
from .files import is_half, told, write_file
from .mounts import holds_mount
from .staging import Entry, abandoned, entry, staging_beside

ROUNDS = 8
"""How often the old state is searched for what somebody wrote into it just now."""


def write_folder(folder: Path, files: Mapping[str, bytes], gone: Collection[str] = ()) -> None:
    """Bring single files of one folder to new contents; everything else in it stays as it is.

    Only for whoever holds the folder (see `held`).

    Args:
        folder: where; it need not exist.
        files: new contents by path inside the folder.
        gone: paths of files that are to go.

    Raises:
        PublishError: when the disk refuses, or something that is no file is in the way.
    """
    with told(folder.name):
        recover(folder)
        _check_room(folder, files)
        if holds_mount(folder):
            _one_by_one(folder, files, gone)
            return
        folder.parent.mkdir(parents=True, exist_ok=True)
        with staging_beside(folder) as staging:
            seen = _copied(folder, staging.tree, {*files, *gone})
            for name, content in files.items():
                path = staging.tree / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
                if name in seen:
                    shutil.copymode(folder / name, path)
            _drop_emptied(staging.tree, gone)
            for inside in _folders(folder):
                if (staging.tree / inside).is_dir():
                    shutil.copymode(folder / inside, staging.tree / inside)
            staging.ready(seen)
            exchange(staging.tree, folder, staging.aside)
            if staging.old.is_dir():
                _drain(staging.old, folder, seen)


def recover(folder: Path) -> None:
    """Finish or undo what a run that was killed left beside `folder` and in it; nothing else is
    touched."""
    for _, path in _files(folder):
        if is_half(path):
            path.unlink()
    for staging in abandoned(folder):
        if staging.aside.is_dir() and not folder.exists():
            staging.aside.rename(folder)
        elif staging.exchanged(folder) and staging.old.is_dir():
            _drain(staging.old, folder, staging.seen())
        staging.remove()


def _drain(old: Path, folder: Path, seen: Mapping[str, Entry]) -> None:
    """Empty `old`, carrying into `folder` what was written after its files were `seen`."""
    for _ in range(ROUNDS):
        for name, path in _files(old):
            target = folder / name
            if seen.get(name) == entry(path) or (target.exists() and target.samefile(path)):
                path.unlink()
            else:
                target.parent.mkdir(parents=True, exist_ok=True)
                path.replace(target)
        for inside, _, _ in os.walk(old, topdown=False):
            with contextlib.suppress(OSError):
                Path(inside).rmdir()
        if not old.exists():
            return


def _check_room(folder: Path, files: Iterable[str]) -> None:
    if folder.is_symlink():
        raise PublishError(f"{folder} is a link; name the folder it points to instead.")
    if folder.exists() and not folder.is_dir():
        raise PublishError(f"{folder} is a file where a folder should go: move it away.")
    for name in files:
        if (folder / name).is_dir():
            raise PublishError(f"{folder / name} is a folder where a file should go: move it away.")
        for parent in Path(name).parents:
            above = folder / parent
            if parent != Path() and (above.is_symlink() or above.is_file()):
                raise PublishError(f"{above} is no folder, and one should go there: move it away.")


def _one_by_one(folder: Path, files: Mapping[str, bytes], gone: Collection[str]) -> None:
    """What something is mounted on cannot be exchanged; its files can."""
    for name in gone:
        (folder / name).unlink(missing_ok=True)
    _drop_emptied(folder, gone)
    for name, content in files.items():
        write_file(folder / name, content)


def _copied(source: Path, target: Path, without: Collection[str]) -> dict[str, Entry]:
    """Link everything below `source` into `target` but `without`, and say what was seen there."""
    seen: dict[str, Entry] = {}
    for folder in _folders(source):
        (target / folder).mkdir(exist_ok=True)
    for name, path in _files(source):
        seen[name] = entry(path)
        if name not in without:
            _link(path, target / name)
    return seen


def _link(path: Path, target: Path) -> None:
    if path.is_symlink():
        target.symlink_to(path.readlink())
        return
    try:
        os.link(path, target)
    except OSError:
        if not path.is_file():
            raise
        shutil.copy2(path, target)


def _drop_emptied(folder: Path, gone: Iterable[str]) -> None:
    for name in gone:
        for parent in Path(name).parents:
            if parent != Path():
                with contextlib.suppress(OSError):
                    (folder / parent).rmdir()


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    """Everything below `folder` that is no folder, links included, by its path inside."""
    for inside, folders, files in os.walk(folder):
        for name in [*files, *folders]:
            path = Path(inside, name)
            if name in files or path.is_symlink():
                yield path.relative_to(folder).as_posix(), path


def _folders(folder: Path) -> Iterator[Path]:
    """`folder` and everything below it that is a folder, by its path inside."""
    for inside, folders, _ in os.walk(folder):
        yield Path(inside).relative_to(folder)
        folders[:] = [name for name in folders if not Path(inside, name).is_symlink()]
