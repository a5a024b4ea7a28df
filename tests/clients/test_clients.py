"""The visit that `make clients` lets every client make, made by this one alone: no network."""

from __future__ import annotations

import sys
from pathlib import Path

from clients import told, visit


def test_this_client_does_the_whole_visit(tmp_path: Path) -> None:
    read, running = visit(Path(sys.executable), "ours", tmp_path / "ours")
    report, good = told({"ours": read}, {"ours": running})
    assert good, report
    assert isinstance(read, dict)
    kinds = {refusal: words.partition(":")[0] for refusal, words in read["refusals"].items()}
    assert kinds == {
        "401": "AuthenticationError",
        "402": "InsufficientCreditsError",
        "404": "ModelNotFoundError",
        "429": "RateLimitError",
        "503": "SubmissionUnknownError",
        "504": "SubmissionUnknownError",
    }
    assert len(running.log.posts()) == 9
    assert running.log.auth_seen_on_foreign_host == ()
