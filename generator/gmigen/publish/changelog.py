"""Adding what changed to a changelog: every byte that is there stays where it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from .. import disk
from ..errors import ChangelogError

MAX_BYTES = 64 * 1024 * 1024

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")


def add(path: Path, date: str, notes: str) -> None:
    """Put `notes` under a heading for the snapshot of `date`, above all earlier entries.

    What is not released yet stays first. Adding the same notes twice adds them once. A link is
    followed.

    Raises:
        ChangelogError: when the file is no text.
        PublishError: when it cannot be written.
    """
    entry = f"## Models, snapshot of {date}\n\n{notes}\n" if date else f"## Models\n\n{notes}\n"
    target = path.resolve() if path.is_symlink() else path
    if target.exists() and not target.is_file():
        raise ChangelogError(f"{path} was left as it was: it is no plain file.")
    content = disk.read(target, MAX_BYTES)
    try:
        old = "# Changelog\n" if content is None else content.decode("utf-8")
    except UnicodeDecodeError:
        raise ChangelogError(f"{path} was left as it is: it is not UTF-8 text.") from None
    if entry not in old.replace("\r\n", "\n"):
        disk.write_file(target, merged(old, entry).encode("utf-8"))


def merged(old: str, entry: str) -> str:
    """`old` with `entry` before its first released section, or at its end."""
    end = "\r\n" if "\r\n" in old else "\n"
    lines = old.splitlines(keepends=True)
    headings = list(_headings(lines))
    released = [n for n in headings if not re.match(r"## +\[?unreleased\b", lines[n], re.I)]
    place = released[0] if released else len(lines)
    before, after = "".join(lines[:place]), "".join(lines[place:])
    text = entry.rstrip("\n").replace("\n", end) + end
    if before and not before.endswith(("\n", "\r")):
        before += end
    if before.strip("\ufeff") and not re.search(r"\n[ \t]*\r?\n\Z", before):
        text = end + text
    return before + text + (end + after if after else "")


def _headings(lines: list[str]) -> Iterator[int]:
    """Where second-level headings are, outside code blocks and comments."""
    fence = ""
    comment = False
    for number, told in enumerate(lines):
        mark = _FENCE.match(told)
        if fence:
            if mark and mark[1].startswith(fence) and not told[mark.end() :].strip():
                fence = ""
        elif comment:
            comment = "-->" not in told
        elif mark:
            fence = mark[1]
        elif told.lstrip().startswith("<!--"):
            comment = "-->" not in told
        elif told.startswith("## "):
            yield number
