"""How the disk stands to the output, file by file. Every decision about a file is made here."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from ..emit.generate import Key
from .manifest import Manifest, plain, print_of

State = Literal["same", "new", "changed", "edited", "foreign", "stale", "stale-edited", "kept"]
"""How a file on disk stands to the output:

- `same`: nothing to do. `new`: absent on disk. `changed`: ours, to be replaced.
- `edited`: ours, changed by hand since. `foreign`: never ours, and in the way.
- `stale`: ours, no longer wanted. `stale-edited`: the same, but changed by hand.
- `kept`: of a model that cannot be made now; nobody can say whether it is right.
"""


@dataclass(frozen=True)
class Change:
    """How one file stands to the output."""

    key: Key
    state: State


def compare(
    wanted: Mapping[Key, str],
    on_disk: Mapping[Key, bytes | None],
    old: Mapping[str, Manifest],
    kept: Collection[Key],
) -> Iterator[Change]:
    """Every file of the output and of the last one, with its state, in order of its path.

    Args:
        wanted: the output.
        on_disk: what is there; None for something that is no plain file.
        old: the manifest of each area.
        kept: files that no one may touch.
    """
    owned = {(area, path): h for area, held in old.items() for path, h in held.files.items()}
    for key in sorted({*wanted, *owned}):
        if key in wanted:
            yield Change(key, _state(wanted[key].encode("utf-8"), key, on_disk, owned.get(key)))
        elif key in kept:
            yield Change(key, "kept")
        elif (there := on_disk.get(key)) is not None:
            yield Change(key, "stale" if print_of(there) == owned[key] else "stale-edited")


def _state(text: bytes, key: Key, on_disk: Mapping[Key, bytes | None], owned: str | None) -> State:
    if key not in on_disk:
        return "new"
    there = on_disk[key]
    if there is None:
        return "foreign"
    if plain(there) == text:
        return "same"
    if key[0] == "snapshot":
        return "changed"  # the ledger was read and understood; it has no manifest
    if owned is None:
        return "foreign"
    return "changed" if print_of(there) == owned else "edited"
