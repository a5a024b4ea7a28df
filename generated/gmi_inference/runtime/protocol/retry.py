# fmt: off
# isort: skip_file
# ruff: noqa
"""Asking again: for how long, after which answers, and when to give up. One rule for everybody."""

from __future__ import annotations

from dataclasses import dataclass, replace

from .context import Context
from .effects import Failure, Reply, Send, World, send, sleep
from .pacing import HINT_LIMIT, growing, hinted
from .replies import document, error_from


def is_transient(answer: Reply | Failure) -> bool:
    """Whether the same question may be answered a moment later."""
    if isinstance(answer, Failure):
        return answer.kind not in ("tls", "unsupported", "too large")
    return answer.status in (408, 425, 429) or answer.status >= 500


@dataclass
class Patience:
    """How much trouble in a row is put up with: so many tries, within so many seconds.

    `first` and `most` bound the pauses between. Progress gives the seconds back.
    """

    seconds: float = HINT_LIMIT
    tries: float = float("inf")
    first: float = 0.5
    most: float = 10.0
    failures: int = 0
    since: float | None = None

    def pause(self, world: World, asked: float | None = None) -> float | None:
        """Seconds before the next try, `asked` at least; None when it is time to give up."""
        now = world.now()
        self.since = now if self.since is None else self.since
        wait = growing(self.failures, world.draw(), first=self.first, most=self.most)
        wait = max(wait, asked or 0.0)
        self.failures += 1
        is_over = self.failures >= self.tries or now - self.since + wait > self.seconds
        return None if is_over else wait

    def progress(self) -> None:
        """It goes on: the trouble is over."""
        self.failures = 0
        self.since = None


QUESTION = Patience(seconds=HINT_LIMIT, tries=4)


async def ask(
    ctx: Context,
    request: Send,
    about: str,
    *,
    model: str | None = None,
    patience: Patience = QUESTION,
) -> Reply:
    """The first 2xx answer to what is harmless to ask twice. Raises what came instead."""
    patience = replace(patience)
    while True:
        answer = await send(request)
        if isinstance(answer, Reply) and 200 <= answer.status < 300:
            return answer
        pause = None
        if is_transient(answer):
            pause = patience.pause(ctx.world, asked_for(ctx, answer))
        if pause is None:
            raise error_from(answer, about, model=model, unix=ctx.world.unix())
        await sleep(pause)


def asked_for(ctx: Context, answer: Reply | Failure) -> float | None:
    """The pause an answer asks for, in seconds."""
    if isinstance(answer, Failure):
        return None
    return hinted(answer.headers, document(answer), unix=ctx.world.unix())
