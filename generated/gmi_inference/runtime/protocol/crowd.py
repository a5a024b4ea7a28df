# fmt: off
# isort: skip_file
# ruff: noqa
"""Many jobs of one model: one `GET /requests` tells of a hundred which have not moved.

Nobody promises that the list is complete, up to date or true. So it is a hint and no more: whom it
shows as he was seen last need not be looked at yet. What changed, and every ending, is learned from
a look at the job itself; and a list that fails, dawdles or leaves jobs out is done without.
"""

from __future__ import annotations

from .context import Context
from .effects import Reply, send
from .job_list import PAGE, page_request, read_page
from .waiters import Group, Shown
from .watch import Watch

AT_LEAST = 4
SECONDS = 5.0
LOOK_AT_LEAST_EVERY = 30.0
LOOKS_PER_SECOND = 20
PAGES_PER_SECOND = 10


async def unchanged(watch: Watch) -> bool:
    """Whether a list shows the job as it was seen last, so that a look can wait."""
    ctx, job, group = watch.ctx, watch.job, watch.group
    now = ctx.world.now()
    if group is None or len(group.jobs) < AT_LEAST or job.record is None or not watch.seen:
        return False
    if now - watch.looked >= max(LOOK_AT_LEAST_EVERY, len(group.jobs) / LOOKS_PER_SECOND):
        return False
    # A long list is asked for less often: no crowd asks for more than ten pages a second.
    fresh = max(watch.interval / 2, len(group.jobs) / PAGE / PAGES_PER_SECOND)
    if now - group.asked >= fresh and not group.listing and now >= group.rests_until:
        group.listing = True
        try:
            await _list(ctx, job.model, group, min(SECONDS, watch.left))
        finally:
            group.listing = False
    if ctx.world.now() - group.asked > 2 * fresh + SECONDS:
        return False
    return group.told.get(job.id) == job.record.state


async def _list(ctx: Context, model: str, group: Group, seconds: float) -> None:
    """Ask for the list, page by page, until every job of the group is found in it."""
    asked = ctx.world.now()
    missing = set(group.jobs)
    wanted = len(missing)
    told: dict[str, Shown] = {}
    offset = 0
    for _ in range(wanted // PAGE + 2):
        left = asked + seconds - ctx.world.now()
        answer = await send(page_request(ctx, model, PAGE, offset, left))
        found = None
        if isinstance(answer, Reply) and answer.status == 200 and left > 0:
            found = read_page(ctx, answer, model)
        if found is None:
            group.doubt(ctx.world.now())
            return
        for record in found.records:
            if record.id in missing:
                missing.discard(record.id)
                told[record.id] = record.state
        offset += found.length
        if not missing or not found.more:
            break
    if 2 * len(missing) > wanted:
        group.doubt(ctx.world.now())
    else:
        group.believe(asked, told)


def compare(watch: Watch, before: Shown | None) -> None:
    """Hold a look at the job against the list that spared it looks: one that lags is found out."""
    job, group = watch.job, watch.group
    if group is None or job.record is None or before is None:
        return
    now = watch.ctx.world.now()
    relied = now - watch.looked > 2 * watch.interval + SECONDS
    if relied and group.told.get(job.id) == before != job.record.state:
        group.doubt(now)
