"""The report of a run, for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from ..text.prose import line
from .judgement import Verdict
from .run import Report

_SIGNS: Mapping[Verdict, str] = {
    "as believed": "  ok    ",
    "differs": "DIFFERS ",
    "not seen": "  --    ",
}


def told(report: Report) -> Iterator[str]:
    """Line by line: what was asked, every finding, the sum of it."""
    yield f"Asked {report.of} with {report.requests} requests."
    for finding in report.findings:
        yield f"{_SIGNS[finding.verdict]}{finding.id}: {line(finding.came, 200)}"
        if finding.verdict == "differs":
            yield f"          believed ({finding.source}): {finding.expected}"
    counts = Counter(finding.verdict for finding in report.findings)
    sums = ", ".join(f"{counts[verdict]} {verdict}" for verdict in _SIGNS)
    yield f"{len(report.findings)} checks: {sums}."
    if report.spending:
        yield line(report.spending, 600)
    if not report.complete:
        yield "It was interrupted: what is not seen was not asked for."
