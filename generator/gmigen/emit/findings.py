"""`findings.json`: what the last generation found, and since when an overlay corrects nothing."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from ..problems import Problem, problem_out
from ..schema.json_text import Unreadable, parse

FILE = "findings.json"


def dump(problems: Iterable[Problem], overlays: Mapping[str, str]) -> str:
    """The findings as text, sorted."""
    value = {
        "format": 1,
        "overlays": dict(sorted(overlays.items())),
        "problems": [problem_out(problem) for problem in sorted(problems)],
    }
    return json.dumps(value, indent=1, ensure_ascii=True) + "\n"


def overlays_of(text: bytes) -> dict[str, str]:
    """Every correction of the last generation, with the date it stopped to match where it did.

    What cannot be read says nothing: a date is all that is lost, and a correction that never
    matched is then told again.
    """
    value = parse(text)
    known = value.get("overlays") if isinstance(value, dict) else None
    if isinstance(value, Unreadable) or not isinstance(known, dict):
        return {}
    return {key: date for key, date in known.items() if isinstance(date, str)}
