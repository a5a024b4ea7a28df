"""Checks of what carries the answers: headers, clocks, TLS, HTTP, sizes."""

from __future__ import annotations

import re

from ..runtime import wire
from .answer import Answer, Answers
from .bounds import MOST_BYTES
from .judgement import Check, Judgement, judged, unseen
from .plain import plain

SKEW = 120.0
"""Seconds by which clocks may differ."""

NOTHING = "nothing answered"
_LIMITS = re.compile(r"(x-)?rate-?limit(-.*)?|retry-after(-ms)?")


def rate_limits(answers: Answers) -> Judgement:
    came = _came(answers)
    names = {name for one in came if one.status != 429 for name, _ in one.headers}
    found = sorted(plain(name) for name in names if _LIMITS.fullmatch(name))
    if not came:
        return unseen(NOTHING)
    told = ", ".join(found[:6]) or f"none on {len(came)} answers"
    return judged(not found, told, {"headers": found[:20]})


def clock(answers: Answers) -> Judgement:
    skews = [
        moment - one.at
        for one in _came(answers)
        if (moment := wire.date_header(one.header("date"))) is not None
    ]
    if not skews:
        return unseen("no answer has a Date")
    worst = max(skews, key=abs)
    way, size = "ahead" if worst > 0 else "behind", abs(worst)
    told = f"{way} by {size / 60:.0f} minutes" if size > SKEW else f"right within {SKEW:.0f} s"
    return judged(size <= SKEW, told, {"seconds": round(worst)})


def tls(answers: Answers) -> Judgement:
    versions = sorted({one.tls for one in _came(answers) if one.tls})
    if not versions:
        return unseen("no connection used TLS")
    holds = set(versions) <= {"TLSv1.2", "TLSv1.3"}
    return judged(holds, ", ".join(versions), {"versions": versions})


def http(answers: Answers) -> Judgement:
    versions = sorted({plain(one.version) for one in _came(answers)})
    if not versions:
        return unseen(NOTHING)
    return judged(versions == ["HTTP/1.1"], ", ".join(versions), {"versions": versions})


def sizes(answers: Answers) -> Judgement:
    came = {name: one for name, one in answers.items() if not one.trouble}
    if not came:
        return unseen(NOTHING)
    name, largest = max(came.items(), key=lambda item: len(item[1].body))
    size = f"more than {MOST_BYTES:,}" if largest.cut else f"{len(largest.body):,}"
    told = f"the largest, of `{plain(name)}`, has {size} bytes"
    return judged(not largest.cut, told, {"largest": len(largest.body)})


def _came(answers: Answers) -> list[Answer]:
    return [answer for answer in answers.values() if not answer.trouble]


CHECKS = (
    Check("rate-limit-headers", "rule:no answer has rate-limit headers", rate_limits),
    Check("clock", "rule:the Date of answers is right", clock),
    Check("tls", "rule:TLS 1.2 or newer", tls),
    Check("http-version", "rule:HTTP/1.1", http),
    Check("sizes", "rule:answers are below 8 MiB", sizes),
)
