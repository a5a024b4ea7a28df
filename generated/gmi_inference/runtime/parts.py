# fmt: off
# isort: skip_file
# ruff: noqa
"""A download under way on disk: `name.part`, and beside it what is needed to go on with it."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path

_NOTE_LIMIT = 65536


@dataclass(frozen=True)
class Part:
    """The unfinished file of `final`, and its note."""

    final: Path

    @property
    def path(self) -> Path:
        """The bytes so far."""
        return self.final.with_name(self.final.name + ".part")

    @property
    def note(self) -> Path:
        """Which file the bytes belong to; it holds a hash of the URL, not the URL."""
        return self.final.with_name(self.final.name + ".part.json")

    def prepare(self, resume: bool) -> None:
        """Make the folder, and drop older bytes when they are not to be used."""
        self.final.parent.mkdir(parents=True, exist_ok=True)
        if not resume:
            self.drop()

    def resumable(self, url: str) -> tuple[int, str] | None:
        """The bytes there are and the validator they came with, when both are of `url`."""
        try:
            with self.note.open("rb") as stream:
                note = json.loads(stream.read(_NOTE_LIMIT))
            size = self.path.stat().st_size
        except (OSError, ValueError):
            return None
        if not isinstance(note, dict) or note.get("url_sha256") != _digest(url) or size == 0:
            return None
        etag = note.get("etag")
        return (size, etag) if isinstance(etag, str) and etag else None

    def describe(self, url: str, etag: str) -> None:
        """Write down whose bytes these are."""
        self.note.write_text(json.dumps({"url_sha256": _digest(url), "etag": etag}), "utf-8")

    def start_of(self, size: int = 512) -> bytes:
        """The first bytes."""
        with self.path.open("rb") as stream:
            return stream.read(size)

    def size(self) -> int:
        """How many bytes there are."""
        return self.path.stat().st_size if self.path.exists() else 0

    def md5(self) -> str:
        """The MD5 in base64, as `x-goog-hash` states it; against damage, not against malice."""
        digest = hashlib.md5(usedforsecurity=False)
        with self.path.open("rb") as stream:
            while piece := stream.read(1024 * 1024):
                digest.update(piece)
        return base64.b64encode(digest.digest()).decode()

    def write(self, data: bytes) -> None:
        """Put the whole content there at once."""
        self.path.write_bytes(data)

    def finish(self, overwrite: bool) -> None:
        """Give the file its name, complete or not at all. Raises FileExistsError, OSError."""
        with self.path.open("rb+") as stream:
            os.fsync(stream.fileno())
        if overwrite:
            self.path.replace(self.final)
        else:
            self._name_once()
        with contextlib.suppress(OSError):
            self.note.unlink()

    def _name_once(self) -> None:
        try:
            os.link(self.path, self.final)
        except FileExistsError:
            raise
        except OSError:  # a file system without links
            if self.final.exists():
                raise FileExistsError(str(self.final)) from None
            self.path.replace(self.final)
        else:
            self.path.unlink()

    def drop(self) -> None:
        """Forget what has arrived."""
        for path in (self.path, self.note):
            with contextlib.suppress(FileNotFoundError):
                path.unlink()


def _digest(url: str) -> str:
    return hashlib.sha256(url.encode("utf-8", "surrogatepass")).hexdigest()
