# fmt: off
# isort: skip_file
# ruff: noqa
"""Ask something that is harmless to ask twice."""

from __future__ import annotations

from .api import Api, parsed
from .backoff import HINT_LIMIT, growing, hinted
from .effects import Flow, Reply, Send, Trouble, clock, draw, send, sleep
from .errors import ProtocolError
from .refusals import error_for, error_from, what_came

ATTEMPTS = 4


def ask(
    api: Api, request: Send, about: str, *, model: str | None = None, attempts: int = ATTEMPTS
) -> Flow[Reply]:
    """The first 2xx answer to `request`, asked up to `attempts` times. Raises what it got else."""
    began = yield from clock()
    for attempt in range(attempts):
        answer = yield from send(request)
        last = attempt + 1 == attempts
        wait = growing(attempt, (yield from draw()))
        if isinstance(answer, Trouble):
            if last or answer.kind in ("tls", "unsupported"):
                raise error_for(answer, about)
        elif 200 <= answer.status < 300:
            return answer
        else:
            passing = answer.status in (408, 429) or answer.status >= 500
            asked = hinted(answer.headers, parsed(answer.body))
            wait = max(wait, asked or 0.0)
            elapsed = (yield from clock()) - began
            if last or not passing or elapsed + wait > HINT_LIMIT:
                raise error_from(answer, api.scrub, about=about, model=model)
        yield from sleep(wait)
    raise AssertionError("unreachable: the last attempt returns or raises")


def nonsense(api: Api, reply: Reply, about: str) -> ProtocolError:
    """The error for a 2xx answer that does not hold what was asked for."""
    return ProtocolError(
        f"{about}: {what_came(reply, api.scrub)}. Check GMI_BASE_URL and any proxy between."
    )
