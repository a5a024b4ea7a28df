"""Adding what changed to a changelog, newest first, below its title."""

from __future__ import annotations

from pathlib import Path

from ..disk import write_file
from ..errors import ChangelogError


def add(path: Path, date: str, notes: str) -> None:
    """Put `notes` under a heading for the snapshot of `date`, above all earlier entries.

    Adding the same notes twice adds them once.

    Raises:
        ChangelogError: when the file is no text.
        PublishError: when it cannot be written.
    """
    entry = f"## Models, snapshot of {date}\n\n{notes}\n"
    try:
        old = path.read_text("utf-8") if path.exists() else "# Changelog\n"
    except UnicodeDecodeError:
        raise ChangelogError(f"{path} was left as it is: it is not UTF-8 text.") from None
    if entry not in old:
        write_file(path, merged(old, entry).encode("utf-8"))


def merged(old: str, entry: str) -> str:
    """`old` with `entry` before its first second-level heading, or at its end."""
    lines = old.splitlines(keepends=True)
    place = next((n for n, told in enumerate(lines) if told.startswith("## ")), len(lines))
    before, after = "".join(lines[:place]).rstrip("\n"), "".join(lines[place:])
    parts = (before, entry.rstrip("\n"), after.rstrip("\n"))
    return "\n\n".join(part for part in parts if part) + "\n"
