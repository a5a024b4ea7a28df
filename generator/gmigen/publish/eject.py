"""Copying a bundled template out, so that it can be changed."""

from __future__ import annotations

import difflib
from pathlib import Path

from ..catalog.overlays import SUFFIX, ejected
from ..disk import write_file
from ..errors import TemplateNameError


def names(bundled: Path) -> list[str]:
    """The path of every template, as `eject` takes it."""
    return sorted(path.relative_to(bundled).as_posix() for path in bundled.rglob(f"*{SUFFIX}"))


def eject(bundled: Path, target: Path, name: str) -> Path:
    """Copy the template `name` below `target` and return where it is.

    Raises:
        TemplateNameError: when there is no such template, or it was ejected before.
    """
    known = names(bundled)
    if name not in known:
        close = difflib.get_close_matches(name, known, n=1, cutoff=0.3)
        hint = f" Did you mean {close[0]}?" if close else ""
        raise TemplateNameError(f"There is no template {name}.{hint}")
    path = target / name
    if path.exists():
        raise TemplateNameError(f"{path} is there already; change it, or remove it first.")
    write_file(path, ejected((bundled / name).read_bytes()))
    return path
