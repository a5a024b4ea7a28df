# fmt: off
# isort: skip_file
# ruff: noqa
"""Jobs of the account, as the API lists them, a page at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from .. import wire
from ..errors import InvalidRequestError
from ..records import Handle, Record, read_record
from .context import Context
from .effects import Reply, Send
from .payload import check_id
from .replies import document, nonsense
from .retry import ask

H = TypeVar("H", bound=Handle)
PAGE = 100
ABOUT = "Listing jobs"


@dataclass(frozen=True)
class Page:
    """Some jobs in the API's order. `ahead` is by how many seconds the API's clock is before ours,
    as far as its answer tells.
    """

    records: list[Record]
    length: int
    more: bool
    ahead: float = 0.0


def page_request(
    ctx: Context, model: str | None, limit: int, offset: int, within: float | None = None
) -> Send:
    """What asks for a page."""
    query = {} if model is None else {"model_id": model}
    place = {"limit": str(limit), "offset": str(offset)}
    return ctx.get("requests", query={**query, **place}, within=within)


async def page(ctx: Context, model: str | None, limit: int, offset: int) -> Page:
    """Up to `limit` jobs from `offset` on. Raises what the API refuses with, and ProtocolError."""
    reply = await ask(ctx, page_request(ctx, model, limit, offset), ABOUT, model=model)
    found = read_page(ctx, reply, model)
    if found is None:
        raise nonsense(reply, ABOUT)
    return found


def read_page(ctx: Context, reply: Reply, model: str | None) -> Page | None:
    """The page in an answer, None when it is none."""
    body = document(reply)
    entries = body.get("requests") if isinstance(body, Mapping) else None
    if not isinstance(entries, list):
        return None
    records = [read_record(entry, model=model or "") for entry in entries]
    known = [record for record in records if record is not None]
    more = bool(entries) and body.get("has_more") is True
    theirs = wire.date_header(reply.headers.get("date"))
    return Page(known, len(entries), more, 0.0 if theirs is None else theirs - ctx.world.unix())


async def list_jobs(
    ctx: Context, make: Callable[[Record], H], model: str | None, limit: int, offset: int = 0
) -> list[H]:
    """Up to `limit` jobs from `offset` on, in the API's order, each once.

    Keys of one organisation see each other's jobs.
    """
    if model is not None:
        check_id(model, "model")
    for name, value in (("limit", limit), ("offset", offset)):
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise InvalidRequestError.of(name, "it is a whole number of 0 or more")
    jobs: dict[str, H] = {}
    while len(jobs) < limit:
        known = len(jobs)
        found = await page(ctx, model, min(PAGE, limit - known), offset)
        for record in found.records:
            jobs.setdefault(record.id, make(record))
        offset += found.length
        if len(jobs) == known or not found.more:
            break
    return list(jobs.values())[:limit]
