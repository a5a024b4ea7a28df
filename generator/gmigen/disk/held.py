"""One run at a time: whoever wants to write first takes hold of the places it writes into."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

from .files import told


@contextlib.contextmanager
def held(folders: Collection[Path], on_wait: Callable[[], object]) -> Iterator[None]:
    """Keep every other run of ours out of these folders for the length of the block.

    A second run waits; `on_wait` is called when this one has to. No file is left behind, and
    a process that dies lets go.

    Raises:
        PublishError: when a folder above one of them cannot be made.
    """
    with contextlib.ExitStack() as stack:
        for parent in sorted({folder.parent.resolve() for folder in folders}):
            with told(parent.name):
                parent.mkdir(parents=True, exist_ok=True)
                stack.enter_context(_locked(parent, on_wait))
        yield


@contextlib.contextmanager
def _locked(folder: Path, on_wait: Callable[[], object]) -> Iterator[None]:
    try:
        import fcntl
    except ImportError:  # Windows itself refuses to exchange a folder somebody else works in.
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            on_wait()
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
