# fmt: off
# isort: skip_file
# ruff: noqa
"""Many jobs of one model: one `GET /requests` tells about a hundred of them.

Nobody promises that the list is complete or up to date. So it is held against a look at one job,
before it is believed and once a minute; whatever it leaves out is looked at by itself; and a list
that fails or lags is left alone for a while, longer each time.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import statuses
from .api import Api, parsed
from .backoff import growing, hinted
from .effects import Flow, Reply, Send, clock, draw, send, sleep
from .errors import AuthenticationError, GMIError
from .handles import Handle
from .looking import Puzzle, Sight, look
from .record import Record, read_record
from .refusals import error_from
from .watching import Watch
from .watchlist import AUDIT_EVERY, PAGE, Group

BUSY = 0.05
ATTEMPTS = 3
_RANKS = {statuses.CREATED: 0, statuses.QUEUED: 1, statuses.DISPATCHED: 2}


def see(api: Api, job: Handle, watch: Watch, within: float | None) -> Flow[Sight | Puzzle | float]:
    """What there is to know about `job` now, from a list or a look of its own.

    A number is the seconds after which a list that is under way should have come.
    """
    now = yield from clock()
    api.latch.check(now, job)
    group = api.watchlist.groups.get(job.model)
    own_is_due = group is not None and now - watch.looked >= group.own_look_every()
    if group is None or not group.worth_a_list(now) or (own_is_due and watch.seen):
        return (yield from _own_look(api, job, watch, within))
    news = group.news(job.id, max(watch.looked, now - group.fresh_for(watch.interval)))
    if news is None:
        if group.sweeping:
            return BUSY * group.pages
        group.sweeping = True
        try:
            audited = now - group.audited < AUDIT_EVERY
            sure = None if audited else (yield from _own_look(api, job, watch, within))
            if isinstance(sure, Puzzle):
                return sure
            refused = yield from _sweep(api, job, group, sure, within)
        finally:
            group.sweeping = False
        if sure is not None:
            return sure
        if refused is not None:
            return refused
        news = group.news(job.id, max(watch.looked, now - group.fresh_for(watch.interval)))
    if news is None or (news.ended and not news.outcome):
        return (yield from _own_look(api, job, watch, within))
    return Sight(news)


def _own_look(api: Api, job: Handle, watch: Watch, within: float | None) -> Flow[Sight | Puzzle]:
    began = yield from clock()
    try:
        answer = yield from look(api, job, within=within)
    except AuthenticationError as refusal:
        api.latch.shut(refusal, (yield from clock()))
        raise
    if isinstance(answer, Sight):
        watch.looked = began
    return answer


def _sweep(
    api: Api, job: Handle, group: Group, sure: Sight | None, within: float | None
) -> Flow[Puzzle | None]:
    """Ask for the list, page by page, until every job of the group is found in it."""
    missing = set(group.jobs)
    wanted = len(missing)
    offset = 0
    for _ in range(wanted // PAGE + 2):
        began = yield from clock()
        page = yield from _page(api, job, offset, within)
        if isinstance(page, Puzzle):
            return page
        if page is None:
            group.doubt(began)
            return None
        entries, more = page
        for entry in entries:
            record = read_record(entry, model=job.model)
            if record is not None and record.id in missing and record.status:
                missing.discard(record.id)
                group.told[record.id] = (began, record)
        offset += len(entries)
        if not missing or not more or not entries:
            break
    now = yield from clock()
    listed = group.told.get(job.id)
    if 2 * len(missing) > wanted or (sure is not None and _lags(listed, sure.record)):
        group.told.clear()
        group.doubt(now)
    elif sure is not None:
        group.believe(now, firmly=_rank(sure.record) > 1)
    return None


def _page(
    api: Api, job: Handle, offset: int, within: float | None
) -> Flow[tuple[list[Any], bool] | Puzzle | None]:
    """One page and whether there are more; None when there is no having it."""
    query = {"model_id": job.model, "limit": str(PAGE), "offset": str(offset)}
    url = api.url("requests", query=query)
    for attempt in range(ATTEMPTS):
        answer = yield from send(Send("GET", url, "api", timeouts=api.ask_timeouts.within(within)))
        if isinstance(answer, Reply):
            body = parsed(answer.body)
            if answer.status == 429:
                pause = hinted(answer.headers, body)
                return Puzzle("the list is rate limited", pause, asked_to_wait=True)
            if answer.status == 401:
                raise (yield from _shut_out(api, answer, job))
            entries = body.get("requests") if isinstance(body, Mapping) else None
            if answer.status == 200 and isinstance(entries, list):
                return entries, bool(body.get("has_more"))
            if 400 <= answer.status < 500 and answer.status not in (408, 425):
                return None
        if attempt + 1 < ATTEMPTS:
            yield from sleep(growing(attempt, (yield from draw()), first=0.2))
    return None


def _shut_out(api: Api, answer: Reply, job: Handle) -> Flow[GMIError]:
    error = error_from(answer, api.scrub, about=f"Asking for job {job.id}", job=job)
    if isinstance(error, AuthenticationError):
        api.latch.shut(error, (yield from clock()))
    return error


def _lags(listed: tuple[float, Record] | None, sure: Record) -> bool:
    """Whether the list shows less than what a look before it has shown."""
    if listed is None:
        return True
    record = listed[1]
    if record.updated_at is not None and sure.updated_at is not None:
        return record.updated_at < sure.updated_at
    return _rank(record) < _rank(sure)


def _rank(record: Record) -> int:
    return 4 if record.ended else _RANKS.get(record.status, 3)
