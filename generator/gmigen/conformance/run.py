"""One run: ask everything within bounds, judge what came, and say so even when interrupted."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Literal

from ..runtime import urls
from ..runtime.config import DEFAULT_BASE_URL
from .answer import Answer, Answers
from .ask import Ask
from .caller import Caller
from .finding import Finding, found
from .gate import admit
from .private import private
from .questions import questions
from .scrub import scrubbed
from .suite import READ_ONLY

Of = Literal["the service", "an emulator", "another address"]

Progress = Callable[[str], object]
"""Called with the name of what is asked now."""


@dataclass(frozen=True)
class Report:
    """What a run found. of: what was asked; only a run of the service proves anything.

    requests: how many were sent. complete: whether the run came to its end.
    """

    of: Of
    findings: tuple[Finding, ...]
    requests: int
    complete: bool = True

    @property
    def differs(self) -> bool:
        return any(finding.verdict == "differs" for finding in self.findings)


def run(
    caller: Caller,
    *,
    secrets: Collection[str] = (),
    on_ask: Progress = lambda name: None,
) -> Report:
    """Ask and judge. Ctrl-C ends the asking; what came until then is judged.

    Args:
        caller: what asks; its bounds hold for the whole run.
        secrets: texts that are to stand nowhere in the report.
        on_ask: told what is asked.

    Raises:
        NotTheApiError: what answers is not the API, or does not take the key.
    """
    answers: dict[str, Answer] = {}
    complete = True
    try:
        for ask in questions():
            _ask(caller, ask, answers, on_ask)
    except KeyboardInterrupt:
        complete = False
    theirs = {*secrets, *private(answers)}
    findings = tuple(_safe(finding, theirs) for finding in found(READ_ONLY, answers))
    return Report(what_answered(caller, answers), findings, caller.sent, complete)


def _ask(caller: Caller, ask: Ask, answers: dict[str, Answer], on_ask: Progress) -> None:
    on_ask(ask.name)
    answer = caller.ask(ask, answers)
    if answer is None:
        return
    answers[ask.name] = answer
    if ask.name == "models":
        admit(answer)


def what_answered(caller: Caller, answers: Answers) -> Of:
    """The service where its own address was asked and nothing calls itself an emulator."""
    if any(answer.header("x-emulator") is not None for answer in answers.values()):
        return "an emulator"
    ours = urls.origin(caller.settings.base_url) == urls.origin(DEFAULT_BASE_URL)
    return "the service" if ours else "another address"


def _safe(finding: Finding, secrets: Collection[str]) -> Finding:
    return replace(
        finding, came=scrubbed(finding.came, secrets), facts=scrubbed(finding.facts, secrets)
    )
