# fmt: off
# isort: skip_file
# ruff: noqa
"""What may keep `gmi` from working, looked at one after the other: only GETs, nothing is spent."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from ..client.jobs import Job
from ..journal.places import journal_at
from ..runtime import urls, wire
from ..runtime.config import (
    BASE_URL_VARIABLE,
    DEFAULT_BASE_URL,
    KEY_VARIABLE,
    ORGANIZATION_VARIABLE,
    Secret,
    Settings,
    settings,
)
from ..runtime.errors import APIStatusError, GMIError
from ..runtime.protocol.catalog import listed_models
from ..runtime.protocol.recovery import resume
from ..runtime.protocol.retry import Patience
from ..runtime.session import Session
from ..runtime.version import VERSION
from .endings import UNREACHABLE, USAGE
from .models import bundled
from .setup import JOURNAL_VARIABLE, OFF, state_folder
from .words import command, said

OK, WARN, FAIL = "ok", "warn", "fail"

SKEW = 30.0
"""Seconds by which the clocks may differ: unknown submissions are looked for by time."""

_LIBRARIES = ("httpx", "pydantic", "click", "rich")


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. `code` is the exit code where it fails."""

    name: str
    state: str
    message: str
    code: int = USAGE


def findings() -> Iterator[Finding]:
    """Everything there is to look at; what needs the API is asked last."""
    yield _versions()
    yield _journal()
    key = Secret()
    problem = key.problem()
    whose = f", organisation from {ORGANIZATION_VARIABLE}" if _set(ORGANIZATION_VARIABLE) else ""
    there = f"set, from {KEY_VARIABLE}{whose}"
    yield Finding("key", FAIL if problem else OK, said(problem) if problem else there)
    try:
        known = settings(key, keyless=True)
    except GMIError as wrong:
        yield Finding("address", FAIL, said(str(wrong)))
        return
    yield _address(known)
    try:
        yield Finding("proxy", OK, _proxy(known.proxy_of(known.base_url)))
    except GMIError as wrong:
        yield Finding("proxy", FAIL, said(str(wrong)))
        return
    if problem:
        yield Finding("host", WARN, "not asked, for want of a key")
        return
    yield from _answers(key)


def _versions() -> Finding:
    told, missing = [f"gmi-inference {VERSION}", f"Python {platform.python_version()}"], []
    for name in _LIBRARIES:
        try:
            told.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            missing.append(name)
    how = f"; without {' and '.join(missing)}: pip install 'gmi-inference[cli]'" if missing else ""
    return Finding("versions", WARN if missing else OK, ", ".join(told) + how)


def _journal() -> Finding:
    """Whether it can be kept, and what stands open in it."""
    given = os.environ.get(JOURNAL_VARIABLE, "")
    if given.casefold() == OFF:
        return Finding("journal", WARN, f"off, by {JOURNAL_VARIABLE}: nothing outlives a crash")
    try:
        place = Path(given) if given else state_folder() / "journal.jsonl"
        if not place.exists():
            return Finding("journal", OK, f"none yet; the first submission begins {place}")
        if not os.access(place, os.R_OK | os.W_OK):
            moved = f"{JOURNAL_VARIABLE}=PATH moves it"
            return Finding("journal", FAIL, f"{place} cannot be read and written; {moved}")
        session = Session(Secret(), handle=Job, journal=journal_at(place), keyless=True)
        open_ = session.sync.run(resume(session.context, session.job, session))
    except (GMIError, OSError, RuntimeError) as refusal:
        return Finding("journal", FAIL, f"{said(str(refusal))}; {JOURNAL_VARIABLE}=PATH moves it")
    told = f"{place}, {len(open_.jobs)} jobs whose end nobody saw"
    if open_.jobs:
        told += f" (see {command('resume')})"
    if not open_.unknown:
        return Finding("journal", OK, told)
    many = f"{len(open_.unknown)} submissions that may have arrived"
    return Finding("journal", WARN, f"{told}, {many}: {command('reconcile')}")


def _answers(key: Secret) -> Iterator[Finding]:
    """What the list of models tells of the host, the clock and the key."""
    session = Session(key)
    try:
        ids, reply = session.sync.run(listed_models(session.context, patience=Patience(tries=2)))
    except APIStatusError as refusal:
        yield Finding("host", OK, f"answers, with {refusal.status_code}")
        yield Finding("models", FAIL, said(str(refusal)), UNREACHABLE)
        return
    except GMIError as trouble:
        yield Finding("host", FAIL, said(str(trouble)), UNREACHABLE)
        return
    finally:
        session.close()
    yield Finding("host", OK, "answers")
    yield _clock(wire.date_header(reply.headers.get("date")), time.time())
    here = len({*bundled()} & {*ids})
    told = f"the key lists {len(ids)}, {here} of them with a request class here"
    none = "the key lists none: ask who gave it what it may use"
    yield Finding("models", OK if ids else WARN, told if ids else none)


def _clock(theirs: float | None, ours: float) -> Finding:
    if theirs is None:
        return Finding("clock", WARN, "not compared: the host sent no date")
    ahead = ours - theirs
    if abs(ahead) <= SKEW:
        return Finding("clock", OK, "right, as far as a date in whole seconds tells")
    way = "ahead of" if ahead > 0 else "behind"
    advice = "set it, as unknown submissions are looked for by time"
    return Finding("clock", WARN, f"{abs(ahead):.0f} s {way} that of the host; {advice}")


def _address(known: Settings) -> Finding:
    source = f", from {BASE_URL_VARIABLE}" if _set(BASE_URL_VARIABLE) else ""
    if known.loopback:
        here = "an emulator, or another program of this machine"
        return Finding("address", OK, f"{known.base_url}, {here}{source}")
    if urls.origin(known.base_url) == urls.origin(DEFAULT_BASE_URL):
        return Finding("address", OK, f"{known.base_url}{source}")
    foreign = "is not GMI Cloud's own, and is shown the key"
    return Finding("address", WARN, f"{known.base_url}{source}, {foreign}")


def _proxy(given: str | None) -> str:
    """The proxy without the name and the password that may stand in its address."""
    parts = urls.split(given) if given else None
    if parts is None:
        return "none"
    return f"{parts.scheme}://{parts.hostname}{f':{parts.port}' if parts.port else ''}"


def _set(variable: str) -> bool:
    return bool(os.environ.get(variable, "").strip())
