"""The folders of the user's own overlays and templates; what is in them and not read is named."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from pathlib import Path

from .. import __version__, disk, resources
from ..pricing.files import FOLDER
from ..problems import Problem
from ..schema.overlays import Overlay, load
from ..settings import Settings
from .lock import print_of

MAX_BYTES = 1024 * 1024
SUFFIX = ".jinja"

_MARK = re.compile(rb"\{# Ejected from gmigen ([\w.]{1,40}), ([0-9a-f]{16}) #\}\n")


def ejected(bundled: bytes) -> bytes:
    """A bundled template as it is ejected: with a line that says which one it was, and that no
    page shows."""
    return b"{# Ejected from gmigen %s, %s #}\n" % (__version__.encode(), _print(bundled)) + bundled


def _print(template: bytes) -> bytes:
    return print_of(template)[:16].encode()


def read_overlays(settings: Settings) -> tuple[list[Overlay], list[Problem]]:
    """The bundled overlays and, after them, the user's own; and what of the user's is not read.

    Raises:
        OverlayError: when one of them cannot be used.
    """
    overlays = [
        load(path.name, path.read_bytes(), bundled=True)
        for path in sorted(resources.overlays().glob("*.toml"))
    ]
    own = settings.overlays_folder
    if own is None:
        return overlays, []
    if not own.is_dir():
        return overlays, [_empty(own, "overlays")]
    problems = []
    for path in _visible(own):
        if path.parent == own / FOLDER and path.suffix == ".toml":
            continue  # the room of prices reads it
        if path.parent == own and path.suffix == ".toml":
            content = disk.read(path, MAX_BYTES)
            if content is not None:
                overlays.append(load(path.name, content))
                continue
        if path.suffix.lower() in (".toml", ".tml") or path.parent == own:
            reason = "overlays are plain files called NAME.toml, in the folder itself"
            problems.append(_unread(path.relative_to(own).as_posix(), reason))
    return overlays, problems


def template_folders(settings: Settings) -> tuple[list[Path], list[Problem]]:
    """Where templates are looked for, the user's own first; and what of the user's is not read."""
    bundled = resources.templates()
    if not settings.templates:
        return [bundled], []
    own = settings.root / settings.templates
    if not own.is_dir():
        return [bundled], [_empty(own, "templates")]
    known = sorted(path.relative_to(bundled).as_posix() for path in bundled.rglob(f"*{SUFFIX}"))
    problems = []
    for path in _visible(own):
        name = path.relative_to(own).as_posix()
        if name not in known and not path.name.startswith("_"):
            close = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
            hint = f"; did you mean {close[0]}?" if close else ""
            problems.append(_unread(name, f"no template has this path{hint}"))
        elif name in known:
            problems += _outdated(name, path, bundled / name)
    return [own, bundled], problems


def _outdated(name: str, own: Path, bundled: Path) -> Iterator[Problem]:
    """A warning for a template whose bundled one has changed since it was ejected."""
    mark = _MARK.search((disk.read(own, MAX_BYTES) or b"").replace(b"\r\n", b"\n"))
    if mark and mark[2] != _print(bundled.read_bytes()):
        message = (
            f"{name} was ejected from gmigen {mark[1].decode()}, and the bundled one is another "
            "now: eject it into an empty folder, compare the two, and take over its first line"
        )
        yield Problem("warning", "", "", "template-outdated", message)


def _visible(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder).parts
        if not path.is_dir() and not any(part.startswith(".") for part in inside):
            yield path


def _empty(folder: Path, setting: str) -> Problem:
    message = f"there is no folder {folder}, which `{setting}` names; it counts as empty"
    return Problem("note", "", "", "folder-absent", message)


def _unread(name: str, reason: str) -> Problem:
    return Problem("warning", "", "", "file-unread", f"{name} is not read: {reason}")
