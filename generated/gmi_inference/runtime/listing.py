# fmt: off
# isort: skip_file
# ruff: noqa
"""Jobs of the account, as the API lists them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from .api import Api, parsed
from .asking import ask, nonsense
from .effects import Flow, Send
from .handles import Handle
from .record import Record, read_record

H = TypeVar("H", bound=Handle)
PAGE = 100


def list_jobs(
    api: Api, make: Callable[[Record], H], model: str | None, limit: int, offset: int = 0
) -> Flow[list[H]]:
    """Up to `limit` jobs from `offset` on, in the API's order, each once.

    Keys of one organisation see each other's jobs.
    """
    about = "Listing jobs"
    jobs: dict[str, H] = {}
    while len(jobs) < limit:
        asked = min(PAGE, limit - len(jobs))
        query = {"model_id": model} if model is not None else {}
        query |= {"limit": str(asked), "offset": str(offset)}
        url = api.url("requests", query=query)
        reply = yield from ask(
            api, Send("GET", url, "api", timeouts=api.ask_timeouts), about, model=model
        )
        body = parsed(reply.body)
        entries = body.get("requests") if isinstance(body, Mapping) else None
        if not isinstance(entries, list):
            raise nonsense(api, reply, about)
        known = len(jobs)
        for entry in entries:
            record = read_record(entry, model=model or "")
            if record is not None:
                jobs.setdefault(record.id, make(record))
        offset += len(entries)
        if len(jobs) == known or not body.get("has_more"):
            break
    return list(jobs.values())[:limit]
