"""Adding what changed to a changelog, newest first, below its title."""

from __future__ import annotations

import os
from pathlib import Path


class ChangelogError(Exception):
    """The changelog was left as it was; the message is a sentence for the user."""


def add(path: Path, date: str, notes: str) -> None:
    """Put `notes` under a heading for the snapshot of `date`, above all earlier entries.

    Adding the same notes twice adds them once.

    Raises:
        ChangelogError: when the file is no text, or cannot be written.
    """
    entry = f"## Models, snapshot of {date}\n\n{notes}\n"
    try:
        old = path.read_text("utf-8") if path.exists() else "# Changelog\n"
        if entry in old:
            return
        beside = path.with_name(f".{path.name}.gmigen-new")
        beside.write_text(merged(old, entry), "utf-8")
        os.replace(beside, path)
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise ChangelogError(f"{path} could not be changed: {reason}.") from None


def merged(old: str, entry: str) -> str:
    """`old` with `entry` before its first second-level heading, or at its end."""
    lines = old.splitlines(keepends=True)
    place = next((n for n, told in enumerate(lines) if told.startswith("## ")), len(lines))
    before, after = "".join(lines[:place]).rstrip("\n"), "".join(lines[place:])
    return "\n\n".join(part for part in (before, entry.rstrip("\n"), after) if part).rstrip("\n") + "\n"
