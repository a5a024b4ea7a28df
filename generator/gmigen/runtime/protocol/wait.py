"""Wait for a job: look at it at a sensible pace, and do not lose it over a bad minute."""

from __future__ import annotations

from .. import wire
from ..errors import GMIError, JobNotFoundError, JobUnreachableError, ProtocolError
from ..events import Retrying
from ..records import Handle, Record
from .attempts import Undertaking
from .context import Context
from .crowd import compare, unchanged
from .effects import Reply
from .pacing import HINT_LIMIT, SERVER_PACE_LIMIT
from .poll import Inconclusive, JobSeen, look
from .replies import error_from
from .throttle import COST, PACED_COST
from .watch import Watch

EMPTY_SUCCESS_PAUSE = 6.0
# A record may take a moment to be visible after the submission that made it.
NOT_YET_VISIBLE = 60.0
BLINK = 15.0
# So much nonsense in a row, and nothing else, is not the network's doing.
NONSENSE = 3


async def wait(ctx: Context, job: Handle, timeout: float | None) -> Record:
    """Look at `job` until it ends, emitting what changes, and return its last record.

    `timeout` is in seconds, None for ever. A failed job is returned like any other. Raises
    JobTimeoutError, JobUnreachableError, JobNotFoundError, ProtocolError, or what the API refuses
    with; any exception names the job.
    """
    watch = Watch(ctx, job, timeout)
    record = None
    try:
        with Undertaking(job.model, job=job).explained():
            if job.record is not None:
                watch.seen = job.record.raw != {}
                watch.looked = watch.began
                record = await watch.take(job.record)
                if record is None:
                    await watch.pause(ctx.poll.interval(0.0, ctx.world.draw()))
            while record is None:
                record = await _look(watch)
            return record
    finally:
        ctx.let_go(job)
        if watch.group is not None:
            watch.group.leave(job.id)


async def _look(watch: Watch) -> Record | None:
    """One look when it is due, and the pause after it; the record when the job has ended."""
    ctx, job = watch.ctx, watch.job
    if watch.group is None and job.model:
        watch.group = ctx.waiters.enter(job.model, job.id)
    await _sit_out(watch)
    ctx.throttle.latch.check(ctx.world.now(), job)
    if await unchanged(watch):
        await watch.pause(watch.next_interval())
        return None
    began = ctx.world.now()
    before = job.record.state if job.record is not None else None
    answer = await look(ctx, job, watch.left)
    if isinstance(answer, JobSeen):
        ctx.throttle.tokens.answered(watch.patience.since is not None)
        watch.all_is_well()
        record = await watch.take(answer.record)
        compare(watch, before)
        watch.looked = began
        if record is not None:
            return record
        pause = max(watch.next_interval(), min(answer.pause or 0.0, SERVER_PACE_LIMIT))
        if watch.empty_looks:
            pause = max(pause, EMPTY_SUCCESS_PAUSE)
    elif answer.busy:
        pause = watch.interval
    else:
        pause = await _endure(watch, answer)
    await watch.pause(pause)
    return None


async def _sit_out(watch: Watch) -> None:
    """Sit out the pause the API asked for on this model, and a time when nobody can reach it."""
    throttle, world = watch.ctx.throttle, watch.ctx.world
    left = throttle.gate(watch.job.model).looks_from - world.now()
    if left > 0:
        await watch.pause(min(left, HINT_LIMIT))
    while (left := throttle.tokens.left(world.now(), world.draw())) > 0:
        await watch.pause(left)


async def _endure(watch: Watch, answer: Inconclusive) -> float:
    """How long to pause after an answer of no use; raises when there were too many for too long."""
    ctx, patience = watch.ctx, watch.patience
    now = ctx.world.now()
    if answer.missing is not None:
        _expect_visible(watch, answer.missing)
    else:
        watch.missing_since = None
    watch.nonsense = watch.nonsense + 1 if answer.nonsense else 0
    if patience.since is None:
        await watch.tell(Retrying, answer.reason)
    asked = None if answer.pause is None else min(answer.pause, HINT_LIMIT)
    lasted = 0.0 if patience.since is None else now - patience.since
    pause = patience.pause(ctx.world, asked)
    if lasted >= ctx.poll.tolerance:
        raise _too_long(watch, answer.reason, lasted)
    if pause is None:  # the last look, at the very end of what is tolerated
        pause = ctx.poll.tolerance - lasted
    ctx.throttle.tokens.spend(PACED_COST if answer.asked_to_wait else COST, now)
    if answer.asked_to_wait and asked is not None and watch.job.model:
        gate = ctx.throttle.gate(watch.job.model)
        gate.looks_from = max(gate.looks_from, now + pause)
    return pause


def _too_long(watch: Watch, reason: str, seconds: float) -> GMIError:
    job = watch.job
    told = f"Job {job.id} could not be asked about for {int(seconds)} s"
    back = f"The job itself is not affected; come back with client.job({wire.quoted(job.id)})."
    if watch.nonsense < NONSENSE:
        return JobUnreachableError(f"{told}: {reason}. {back}", job=job)
    why = f"because the answers make no sense: {reason}. Check GMI_BASE_URL and any proxy between."
    return ProtocolError(f"{told}, {why} {back}", job=job)


def _expect_visible(watch: Watch, reply: Reply) -> None:
    """Put up with a 404 for a moment, when there is reason to believe the job exists."""
    job, world = watch.job, watch.ctx.world
    if watch.missing_since is None:
        watch.missing_since = world.now()
    submitted = job.submitted_at
    fresh = submitted is not None and world.unix() - submitted < NOT_YET_VISIBLE
    lasted = world.now() - watch.missing_since
    blinking = (watch.seen or submitted is not None) and lasted < BLINK
    if (fresh and not watch.seen) or blinking:
        return
    error = error_from(reply, f"Asking for job {job.id}", job=job)
    if watch.seen and isinstance(error, JobNotFoundError):
        error.args = (f"{error} It was seen before, as {job.status}; job.record keeps the last.",)
    raise error
