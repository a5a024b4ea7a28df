"""One run: ask everything within bounds, judge what came, and say so even when interrupted."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Literal

from ..runtime import urls
from ..runtime.config import DEFAULT_BASE_URL
from .answer import Answer, Answers
from .ask import Ask
from .buying import Buying, Progress, Spend
from .caller import Caller
from .finding import Finding, found
from .gate import admit
from .paid import checks
from .private import private
from .purchase import job_id
from .questions import questions
from .scrub import scrubbed
from .suite import READ_ONLY

Of = Literal["the service", "an emulator", "another address"]


@dataclass(frozen=True)
class Report:
    """What a run found. of: what was asked; only a run of the service proves anything.

    requests: how many were sent. complete: whether the run came to its end. spending: what was
    done with the money that might be spent, "" where none might. job: the id of the job that was
    paid for, which stands in no recording.
    """

    of: Of
    findings: tuple[Finding, ...]
    requests: int
    complete: bool = True
    spending: str = ""
    job: str = ""

    @property
    def differs(self) -> bool:
        return any(finding.verdict == "differs" for finding in self.findings)


def run(
    caller: Caller,
    *,
    secrets: Collection[str] = (),
    spend: Spend | None = None,
    on_ask: Progress = lambda name: None,
) -> Report:
    """Ask and judge. Ctrl-C ends the asking; what came until then is judged.

    Args:
        caller: what asks; its bounds hold for the whole run.
        secrets: texts that are to stand nowhere in the report.
        spend: what may be bought; nothing unless given.
        on_ask: told what is asked.

    Raises:
        NotTheApiError: what answers is not the API, or does not take the key.
    """
    answers: dict[str, Answer] = {}
    buying = None if spend is None else Buying(spend)
    complete = True
    try:
        for ask in questions():
            _ask(caller, ask, answers, on_ask)
        if buying is not None:
            buying.run(caller, answers, on_ask)
    except KeyboardInterrupt:
        complete = False
    theirs = {*secrets, *private(answers)}
    paid = checks(buying.offer) if buying is not None and buying.offer is not None else ()
    every = found((*READ_ONLY, *paid), answers)
    return Report(
        what_answered(caller, answers),
        tuple(_safe(finding, theirs) for finding in every),
        caller.sent,
        complete,
        "" if buying is None else buying.told,
        job_id(answers) or "",
    )


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
