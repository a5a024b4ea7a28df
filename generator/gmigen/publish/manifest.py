"""The manifest: what the last generation wrote, and with what; and how the disk compares with it.

Every decision about a file is made here, as a value; `publish.py` only carries it out.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from ..catalog.snapshot import LOCK, MANIFEST, sha256

FILE = MANIFEST
FORMAT = 1

SHARED = frozenset({("snapshot", LOCK), ("snapshot", "names.json")})

Key = tuple[str, str]
"""An area (`package`, `docs`, `snapshot`) and a path inside it."""

State = Literal["same", "new", "changed", "edited", "foreign", "stale", "stale-edited"]
"""How a file on disk stands to the output:

- `same`: nothing to do. `new`: absent on disk. `changed`: ours, to be replaced.
- `edited`: ours, changed by hand since. `foreign`: never ours, and in the way.
- `stale`: ours, no longer wanted. `stale-edited`: the same, but changed by hand.
"""


@dataclass(frozen=True)
class Manifest:
    """Hashes of what was written, of what it was made from, and versions of what made it."""

    files: Mapping[Key, str] = field(default_factory=dict)
    made_from: Mapping[str, str] = field(default_factory=dict)
    """Hashes of the inputs: `templates`, `runtime`, `settings`, and `model:<id>` for each one."""
    tools: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict)
    """Where each area was written, relative to the project."""

    def at(self, places: Mapping[str, str]) -> Manifest:
        """The same, owning nothing in areas that are now written somewhere else."""
        moved = {area for area, place in places.items() if self.places.get(area) != place}
        if not moved:
            return self
        files = {key: hash_ for key, hash_ in self.files.items() if key[0] not in moved}
        return replace(self, files=files, made_from={}, places=places)


@dataclass(frozen=True)
class Change:
    """How one file stands to the output."""

    key: Key
    state: State


class ManifestError(Exception):
    """The manifest cannot be used; the message is a sentence for the user."""


def compare(
    wanted: Mapping[Key, str], on_disk: Mapping[Key, bytes], old: Manifest
) -> Iterator[Change]:
    """Every file of the output and of the last one, with its state, in order of its path."""
    for key in sorted({*wanted, *old.files}):
        there = on_disk.get(key)
        if key in wanted:
            state = _state(wanted[key].encode("utf-8"), there, old.files.get(key))
            # Lock and ledger were read and understood; fetch writes the lock too.
            shared = key in SHARED and state in ("edited", "foreign")
            yield Change(key, "changed" if shared else state)
        elif there is not None:
            untouched = sha256(there) == old.files[key]
            yield Change(key, "stale" if untouched else "stale-edited")


def _state(text: bytes, there: bytes | None, owned: str | None) -> State:
    if there is None:
        return "new"
    if there == text:
        return "same"
    if owned is None:
        return "foreign"
    return "changed" if sha256(there) == owned else "edited"


def dump(manifest: Manifest) -> str:
    """The manifest as text, sorted."""
    value = {
        "format": FORMAT,
        "places": dict(manifest.places),
        "tools": dict(manifest.tools),
        "made_from": dict(manifest.made_from),
        "files": {"/".join(key): hash_ for key, hash_ in manifest.files.items()},
    }
    return json.dumps(value, indent=1, sort_keys=True, ensure_ascii=True) + "\n"


def load(text: bytes) -> Manifest:
    """Read what `dump` wrote.

    Raises:
        ManifestError: when the text is something else, or comes from a newer version.
    """
    try:
        value: dict[str, Any] = json.loads(text)
        if value["format"] > FORMAT:
            raise ManifestError(
                f"{FILE} was written by a newer gmigen: upgrade gmi-inference[codegen]."
            )
        files = {_key(path): str(hash_) for path, hash_ in value["files"].items()}
        return Manifest(
            files, dict(value["made_from"]), dict(value["tools"]), dict(value["places"])
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        raise ManifestError(
            f"{FILE} in the snapshot is not a manifest: restore it from version control, or "
            "delete it and run `gmigen generate --force`."
        ) from None


def _key(path: str) -> Key:
    area, _, rest = path.partition("/")
    if area not in ("package", "docs", "snapshot") or not rest or ".." in rest.split("/"):
        raise ValueError(path)
    return area, rest
