"""A recording: what one run against the API found, free of secrets, as a file that can be sent in.

The seal tells a file that was changed by accident or by hand; it is no signature.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from .. import disk
from ..errors import RecordingError
from ..schema.json_text import Unreadable, parse
from ..text.prose import line

FORMAT = 1
MOST_BYTES = 512 * 1024
MOST_FILES = 200
VERDICTS = ("as believed", "differs", "not seen")
SERVICE = "the service"
ASKED = (SERVICE, "an emulator", "another address")
"""What a recording may be of."""


@dataclass(frozen=True)
class Recorded:
    """What one check found. `also` are further beliefs that the same answer shows to hold."""

    id: str
    belief: str
    verdict: str
    came: str
    expected: str = ""
    source: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    also: Sequence[str] = ()


@dataclass(frozen=True)
class Recording:
    """date: the day, as `2026-11-29`. of: what was asked; only `SERVICE` proves anything.

    complete: whether the run came to its end. requests: how many were sent.
    """

    date: str
    of: str
    complete: bool
    requests: int
    findings: tuple[Recorded, ...]
    gmigen: str = ""

    def fact(self, check: str, name: str) -> Any:
        """A plain value that a check recorded; None where it was not seen."""
        for finding in self.findings:
            if finding.id == check and finding.verdict != "not seen":
                return finding.facts.get(name)
        return None


def written(recording: Recording) -> bytes:
    """The file of a recording, sealed."""
    told = {"gmigen_recording": FORMAT, **asdict(recording)}
    text = json.dumps({**told, "seal": _seal(told)}, indent=1, ensure_ascii=False)
    return text.encode("utf-8") + b"\n"


def read(path: Path) -> Recording:
    """The recording in a file.

    Raises:
        RecordingError: there is none that can be used; the message says why.
    """
    content = disk.read(path, MOST_BYTES)
    if content is None:
        raise RecordingError(f"There is no recording {path}; `gmigen conformance` makes one.")
    if len(content) > MOST_BYTES:
        raise RecordingError(
            f"{path} is larger than any recording ({MOST_BYTES // 1024} KiB at most), so it is "
            "none. Name a file that `gmigen conformance` wrote."
        )
    value = parse(content)
    if isinstance(value, Unreadable) or not isinstance(value, dict):
        why = value.reason if isinstance(value, Unreadable) else "it is no JSON object"
        raise RecordingError(f"{path} cannot be read as a recording: {why}. Make it anew.")
    if "gmigen_recording" not in value:
        raise RecordingError(f"{path} is JSON, and no recording of `gmigen conformance`.")
    if value["gmigen_recording"] != FORMAT:
        told = line(repr(value["gmigen_recording"]), 40)
        raise RecordingError(
            f"{path} was written by another version of gmigen (format {told}, and this one reads "
            f"{FORMAT}). Make it anew, or read it with that version."
        )
    seal = value.pop("seal", None)
    if seal != _seal(value):
        raise RecordingError(
            f"{path} was changed after it was written, so nobody can tell what the API said. "
            "Take the file as it was written, or make it anew."
        )
    return _read(path, value)


def read_all(folder: Path | None) -> tuple[Recording, ...]:
    """The recordings in a folder, by date; a folder that is not there is empty.

    Raises:
        RecordingError: when one of them cannot be used.
    """
    if folder is None or not folder.is_dir():
        return ()
    paths = sorted(path for path in folder.glob("*.json") if not path.name.startswith("."))
    if len(paths) > MOST_FILES:
        raise RecordingError(f"{folder} holds {len(paths)} recordings, more than {MOST_FILES}.")
    return tuple(sorted(map(read, paths), key=lambda one: one.date))


def _seal(value: Mapping[str, Any]) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _read(path: Path, value: Mapping[str, Any]) -> Recording:
    wrong = RecordingError(f"{path} lacks what every recording has. Make it anew.")
    found = value.get("findings")
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise wrong
    try:
        findings = tuple(_finding(one) for one in found)
        recording = Recording(
            **{
                **{key: value[key] for key in ("date", "of", "complete", "requests", "gmigen")},
                "findings": findings,
            }
        )
    except (KeyError, TypeError, ValueError):
        raise wrong from None
    texts = (recording.date, recording.of, recording.gmigen)
    if not all(isinstance(text, str) for text in texts) or recording.of not in ASKED:
        raise wrong
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", recording.date, re.ASCII):
        raise wrong
    return recording


def _finding(value: Mapping[str, Any]) -> Recorded:
    one = Recorded(**value)
    texts = (one.id, one.belief, one.verdict, one.came, *one.also)
    if not all(isinstance(text, str) for text in texts) or one.verdict not in VERDICTS:
        raise ValueError("no finding")
    if not isinstance(one.facts, dict):
        raise ValueError("no facts")
    return replace(one, also=tuple(one.also))


def of_the_service(recordings: Sequence[Recording]) -> Iterator[Recording]:
    """Those that prove something."""
    return (one for one in recordings if one.of == SERVICE)
