"""What a journal is: three words, and lines that tell of attempts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Protocol, get_args

from .. import wire
from ..records import Attempt, Ending

Entry = Mapping[str, Any]
"""One line: plain JSON. `key` is the caller's name of the submission, where it has one."""

VERSION = 1
_ENDINGS: dict[str, Ending] = {**{word: word for word in get_args(Ending)}, "found": "accepted"}


class Claim(Protocol):
    """The right to submit under a key, until it is closed or its holder has died."""

    def close(self) -> object:
        """Give it back; at once, and as often as one likes."""
        ...


class JournalStore(Protocol):
    """Where a client notes its submissions; `journal=` takes any object with these three words.

    They are called from several threads. Whatever one raises, nothing is submitted.
    """

    def append(self, entry: Entry, /) -> object:
        """Keep an entry after all that are there, and return when a crash cannot lose it."""
        ...

    def find(self, key: str | None = None, /) -> Iterable[Entry]:
        """The entries with this key, or all of them, in the order in which they were appended."""
        ...

    def claim(self, key: str, /) -> Claim | None:
        """The right to submit under this key; None, without waiting, while somebody has it."""
        ...


def intent(attempt: Attempt) -> Entry:
    """The line for what is about to be sent."""
    return _line(
        v=VERSION,
        event="intent",
        attempt_id=attempt.id,
        key=attempt.key,
        model=attempt.model,
        payload_sha256=attempt.payload_sha256,
        given_sha256=attempt.given_sha256,
        t=attempt.started_at,
    )


def ending(attempt: Attempt) -> Entry:
    """The line for what became of it."""
    return _line(
        event=attempt.ending,
        attempt_id=attempt.id,
        key=attempt.key,
        request_id=attempt.job_id,
        t=attempt.ended_at,
    )


def job_ended(job_id: str, key: str | None, status: str, unix: float) -> Entry:
    """The line for how a job ended, at this unix second."""
    return _line(event="ended", request_id=job_id, key=key, status=status, t=unix)


def _line(**members: Any) -> Entry:
    return {name: value for name, value in members.items() if value is not None}


def check_version(entry: Entry) -> None:
    """Raise ValueError for an entry of a version that is not understood."""
    version = wire.finite(entry.get("v"))
    if version is not None and version > VERSION:
        raise ValueError(
            f"it was written by a newer gmi-inference, as version {version:g}; this one reads "
            f"version {VERSION}"
        )


def attempts(entries: Iterable[Any]) -> list[Attempt]:
    """The attempts these entries tell of, oldest first.

    Raises ValueError for entries of a version that is not understood.
    """
    found: dict[str, Attempt] = {}
    by_job: dict[str, str] = {}
    for line in entries:
        if not isinstance(line, Mapping):
            continue
        check_version(line)
        identity = wire.identity(line.get("attempt_id"))
        job_id = wire.identity(line.get("request_id"))
        event, when = line.get("event"), wire.moment(line.get("t"))
        if event == "ended":
            if job_id in by_job:
                status = wire.word(line.get("status"))
                found[by_job[job_id]] = replace(found[by_job[job_id]], job_status=status)
        elif identity is None:
            continue
        elif event == "intent":
            found[identity] = Attempt(
                identity,
                wire.text(line.get("model")) or "",
                wire.word(line.get("payload_sha256")) or "",
                when or 0.0,
                key=wire.identity(line.get("key")),
                given_sha256=wire.word(line.get("given_sha256")),
            )
        elif identity in found and isinstance(event, str) and event in _ENDINGS:
            found[identity] = replace(
                found[identity], ending=_ENDINGS[event], job_id=job_id, ended_at=when
            )
            if job_id:
                by_job[job_id] = identity
    return list(found.values())
