# fmt: off
# isort: skip_file
# ruff: noqa
"""A file on its way: written by one attempt alone, and under its name only when it is whole."""

from __future__ import annotations

import base64
import contextlib
import errno
import gzip
import hashlib
import json
import os
import shutil
import stat
import tempfile
from pathlib import Path
from typing import IO, Any

from .. import wire
from ..local import sync
from ..media_types import SNIFFED
from .paths import digest, fitting

CHUNK = 256 * 1024
_NOTE_LIMIT = 65536
# No link is followed, and nothing is waited for, should somebody have put something else there.
_SAFELY = sum(getattr(os, flag, 0) for flag in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY"))


class Arrival:
    """The bytes so far, in a file without a name, and what is needed to go on with them."""

    partial_path: Path | None = None
    """Where bytes stay that a later call can go on with."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self.source = self.etag = ""
        self.total: int | None = None

    def resumable(self, url: str) -> tuple[int, str] | None:
        """How many bytes of `url` there are and the validator they came with; None for none."""
        size = self.size()
        return (size, self.etag) if size and self.etag and self.source == digest(url) else None

    def begin(self, url: str, etag: str, total: int | None) -> None:
        """Forget what there is: the whole content of `url` comes next."""
        self.file.seek(0)
        self.file.truncate()
        # A signed address is never written down.
        self.source, self.etag, self.total = digest(url) if url else "", etag, total

    def size(self) -> int:
        """How many bytes there are; what comes next goes behind them."""
        return self.file.seek(0, os.SEEK_END)

    def start(self) -> bytes:
        """The first bytes, enough to tell what it is."""
        self.file.seek(0)
        return self.file.read(SNIFFED)

    def md5(self) -> str:
        """The MD5 in base64, as `x-goog-hash` states it; against damage, not against malice."""
        found = hashlib.md5(usedforsecurity=False)
        self.file.seek(0)
        while piece := self.file.read(CHUNK):
            found.update(piece)
        return base64.b64encode(found.digest()).decode()

    def unpack(self, limit: int) -> None:
        """Put what the bytes unpack to in their place; not much more than `limit` of them.

        Raises EOFError, zlib.error or gzip.BadGzipFile for what is no gzip.
        """
        with tempfile.SpooledTemporaryFile(max_size=64 * CHUNK) as packed:
            self.file.seek(0)
            shutil.copyfileobj(self.file, packed)
            packed.seek(0)
            self.file.truncate(0)
            with gzip.GzipFile(mode="rb", fileobj=packed) as plain:  # type: ignore[arg-type,unused-ignore]
                while self.size() <= limit and (piece := plain.read(CHUNK)):
                    self.file.write(piece)

    def drop(self) -> None:
        """Forget what has arrived."""
        self.begin("", "", None)


class PartialFile(Arrival):
    """The unfinished file of `final`: `name.part`, and beside it a note of whose bytes these are.

    While one attempt writes the part it holds a lock on it. Who comes second, or finds there a
    link or a file that is not ours, writes one under a name of its own, made of `token`, that does
    not stay. Raises OSError.
    """

    def __init__(self, final: Path, token: str) -> None:
        self._stand_at(final, "")
        final.parent.mkdir(parents=True, exist_ok=True)
        self.named, self.stays = False, True
        try:
            super().__init__(self._claimed())
            told = self._told()
            self.source = wire.text(told.get("url_sha256")) or ""
            self.etag = wire.text(told.get("etag")) or ""
            self.total = wire.whole(told.get("size"))
        except (OSError, ImportError):
            self.stays = False
            self._stand_at(final, f".{token[:16]}")
            super().__init__(self.path.open("x+b"))

    def _stand_at(self, final: Path, infix: str) -> None:
        self.path = final.with_name(fitting(final.name, f"{infix}.part"))
        self.note = final.with_name(fitting(final.name, f"{infix}.part.json"))

    @property
    def partial_path(self) -> Path | None:  # type: ignore[override]
        """Where bytes stay that a later call can go on with."""
        return self.path if self.stays and self.etag else None

    def _claimed(self) -> IO[bytes]:
        """The part, locked. Raises OSError when it is another's, ImportError without locks."""
        import fcntl

        file = os.fdopen(os.open(self.path, _SAFELY | os.O_RDWR | os.O_CREAT, 0o666), "r+b")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            there = os.fstat(file.fileno())
            # It may have got its name, or have been dropped, in this moment.
            same = os.path.samestat(there, os.lstat(self.path)) and there.st_nlink == 1
            ours = not there.st_size or isinstance(self._told().get("url_sha256"), str)
            if same and ours and stat.S_ISREG(there.st_mode):
                return file
            raise FileExistsError(self.path)
        except OSError:
            file.close()
            raise

    def _told(self) -> Any:
        """What the note says; empty when there is none that can be read."""
        try:
            with os.fdopen(os.open(self.note, _SAFELY | os.O_RDONLY), "rb") as stream:
                return wire.json_mapping(stream.read(_NOTE_LIMIT) or b"")
        except OSError:
            return {}

    def begin(self, url: str, etag: str, total: int | None) -> None:
        """Forget what there is, and write down whose bytes come next."""
        super().begin(url, etag, total)
        self.note.unlink(missing_ok=True)
        if url:
            with self.note.open("x", encoding="ascii") as stream:
                json.dump({"url_sha256": self.source, "etag": etag, "size": total}, stream)

    def finish(self, final: Path, overwrite: bool) -> None:
        """Give the file its name, complete or not at all. Raises FileExistsError, OSError."""
        self.file.flush()
        sync(self.file.fileno())
        if not os.path.samestat(os.fstat(self.file.fileno()), self.path.lstat()):
            raise OSError(errno.ESTALE, "somebody replaced the unfinished file")
        # The note goes first: with the name of the part, another attempt takes over both.
        self.note.unlink(missing_ok=True)
        self.etag = ""
        if os.name == "nt":
            self.file.close()  # an open file cannot be renamed there
        rename = os.replace if overwrite else _named_once
        rename(self.path, final)
        self.named = True

    def close(self) -> None:
        """Let go of the part. It stays when it can be gone on with later."""
        with contextlib.suppress(OSError, ValueError):
            if not self.named and not (self.partial_path and self.size()):
                self.note.unlink(missing_ok=True)
                self.path.unlink()
        with contextlib.suppress(OSError):
            self.file.close()


def _named_once(path: Path, final: Path) -> None:
    """Move `path` to a name that nothing has yet. Raises FileExistsError."""
    try:
        os.link(path, final)
    except OSError:  # it is taken, which claiming it tells again; or there are no links here
        final.touch(exist_ok=False)
        path.replace(final)
    else:
        path.unlink()
