"""Buys one job at most: the cheapest within the limit, by one POST that is never repeated."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ..pricing.claim import Claim
from ..pricing.words import dollars
from ..runtime.protocol.pacing import HINT_LIMIT, Poll, hinted
from ..schema.types import Model
from .answer import Answer
from .ask import Ask
from .caller import Caller
from .offers import Offer, cheapest, most_now
from .purchase import LOOK, afterwards, ended, job_id, look, price_now, submission
from .readings import listed

Progress = Callable[[str], object]
"""Called with the name of what is asked now."""

RESERVED = 3
"""Requests kept for what is asked after the end."""

SLOWER = 0.35
"""The share of the time waited that a pause has at least, so that few looks last for minutes."""

LONGEST = 60.0
"""Seconds of a pause at most."""


@dataclass(frozen=True)
class Spend:
    """What may be bought. limit: US dollars. models: of the snapshot, with their prices."""

    limit: Decimal
    models: Sequence[Model]
    claims: Sequence[Claim] = ()


class Buying:
    """One purchase. `offer` is what was chosen, `told` what became of it."""

    def __init__(self, spend: Spend) -> None:
        self._spend = spend
        self.offer: Offer | None = None
        self.told = ""

    def run(self, caller: Caller, answers: dict[str, Answer], on_ask: Progress) -> None:
        """Buy, look until the end, and ask what there is to ask afterwards."""

        def ask(one: Ask, *, once: bool = False) -> Answer | None:
            on_ask(one.name)
            answer = caller.ask(one, answers, submission=once)
            if answer is not None:
                answers[one.name] = answer
            return answer

        offer = self._choose(listed(answers.get("models"))[2])
        if offer is None:
            return
        now = ask(price_now(offer))
        if (why := self._too_dear(now, offer)) or caller.requests_left <= RESERVED + 1:
            self.told = f"Nothing was bought: {why or 'too few requests were left'}."
            return
        self.offer = offer
        self.told = (
            f"One job of {offer.model.id} was asked for, which costs {usd(offer.most)} at most; "
            "nobody knows whether it was made"
        )
        made = ask(submission(offer), once=True)
        self.told = self._became(made, job_id(answers), offer)
        if job_id(answers) is None:
            return
        self._follow(caller, answers, ask)
        for one in afterwards(offer):
            ask(one)

    def _choose(self, ids: Sequence[str]) -> Offer | None:
        limit = self._spend.limit
        offer = cheapest(self._spend.models, set(ids), limit)
        if offer is None:
            self.told = (
                f"Nothing was bought: no listed model has a job that is sure to cost {usd(limit)} "
                "or less by the snapshot's prices. A larger --spend may find one."
            )
        return offer

    def _too_dear(self, now: Answer | None, offer: Offer) -> str:
        """Why not, by what the API says at this moment; "" where nothing speaks against it."""
        if now is None or now.status != 200:
            return f"the price of {offer.model.id} could not be asked for"
        most = most_now(now.body, offer, self._spend.claims)
        if most is None:
            return f"the details of {offer.model.id} leave open what it costs now"
        if most > self._spend.limit:
            return f"{offer.model.id} may cost {usd(most)} now, more than {usd(self._spend.limit)}"
        return ""

    def _became(self, made: Answer | None, job: str | None, offer: Offer) -> str:
        told = f"One job of {offer.model.id}, {usd(offer.most)} at most"
        if made is None or (job is None and (made.trouble or made.status >= 500)):
            return (
                f"{told}: nobody can know whether it was made ({made.told if made else 'not asked'}"
                "). It was not sent again; `gmi jobs` lists what there is."
            )
        if job is None:
            return f"{told}: it was refused ({made.told})."
        return f"{told}: it was made; `gmi wait {job}` comes back to it."

    def _follow(
        self, caller: Caller, answers: dict[str, Answer], ask: Callable[[Ask], Answer | None]
    ) -> None:
        """Look at the job until its end, with the client's pauses or longer ones."""
        poll, waited, number = Poll(), 0.0, 0
        begun = caller.clock()
        while caller.requests_left > RESERVED and caller.left > 0:
            answer = ask(look(f"{LOOK}{number}"))
            if ended(answers) is not None:
                return
            hint = hinted(dict(answer.headers), answer.json, unix=answer.at) if answer else None
            waited = max(caller.clock() - begun, waited)
            pause = max(poll.interval(waited, caller.draw()), min(SLOWER * waited, LONGEST))
            pause = max(pause, min(hint or 0.0, HINT_LIMIT))
            caller.sleep(min(pause, max(caller.left, 0.0)))
            waited, number = waited + pause, number + 1


def usd(amount: Decimal) -> str:
    """An amount in US dollars as people write it."""
    return dollars(int(amount.scaleb(6)))
