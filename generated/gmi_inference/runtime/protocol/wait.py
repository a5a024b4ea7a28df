# fmt: off
# isort: skip_file
# ruff: noqa
"""Wait for a job: look at it at a sensible pace, and do not lose it over a bad minute."""

from __future__ import annotations

from .. import wire
from ..errors import GMIError, JobNotFoundError, JobTimeoutError, JobUnreachableError, ProtocolError
from ..events import Retrying
from ..records import Handle, Record
from .attempts import Undertaking
from .context import Context
from .crowd import compare, unchanged
from .effects import Emit, Reply, sleep
from .pacing import HINT_LIMIT, SERVER_PACE_LIMIT
from .poll import Inconclusive, JobSeen, look
from .progress import EMPTY_SUCCESS_PAUSE, PollState, take
from .replies import error_from
from .retry import Patience
from .throttle import COST, PACED_COST

# A pause that took so much longer than asked: the machine slept, and its network with it.
ASLEEP = 60.0
# A record may take a moment to be visible after the submission that made it.
NOT_YET_VISIBLE = 60.0
BLINK = 15.0
# So much nonsense in a row, and nothing else, is not the network's doing.
NONSENSE = 3
# Nothing was touched for so long: that is no queue, but the mark of a model that never runs.
NEVER_RUNS = 300.0


async def wait(ctx: Context, job: Handle, timeout: float | None) -> Record:
    """Look at `job` until it ends, emitting what changes, and return its last record.

    `timeout` is in seconds, None for ever. A failed job is returned like any other. Raises
    JobTimeoutError, JobUnreachableError, JobNotFoundError, ProtocolError, or what the API refuses
    with; any exception names the job.
    """
    now = ctx.world.now()
    patience = Patience(
        seconds=ctx.poll.tolerance, first=ctx.poll.min, most=max(10.0, ctx.poll.min)
    )
    state = PollState(began=now, changed=now, patience=patience, interval=ctx.poll.min)
    entered = ""
    try:
        if job.record is not None:
            state.seen = job.record.raw != {}
            state.looked = now
            record = await take(ctx, job, job.record, state)
            if record is not None:
                return record
            await _pause(ctx, job, state, timeout, ctx.poll.interval(0.0, ctx.world.draw()))
        while True:
            if job.model and not entered:
                entered = job.model
                ctx.waiters.enter(entered, job.id)
            record = await _look(ctx, job, state, timeout)
            if record is not None:
                return record
    except GeneratorExit:
        raise
    except BaseException as exception:
        Undertaking(job.model, job=job).explain(exception)
        raise
    finally:
        ctx.let_go(job)
        if entered:
            ctx.waiters.leave(entered, job.id)


async def _look(
    ctx: Context, job: Handle, state: PollState, timeout: float | None
) -> Record | None:
    """One look when it is due, and the pause after it; the record when the job has ended."""
    await _sit_out(ctx, job, state, timeout)
    ctx.throttle.latch.check(ctx.world.now(), job)
    if await unchanged(ctx, job, state, _left(ctx, state, timeout)):
        await _pause(ctx, job, state, timeout, _interval(ctx, state))
        return None
    began = ctx.world.now()
    before = job.record.state if job.record is not None else None
    answer = await look(ctx, job, _left(ctx, state, timeout))
    if isinstance(answer, JobSeen):
        ctx.throttle.budget.answered(state.patience.since is not None)
        state.all_is_well()
        record = await take(ctx, job, answer.record, state)
        compare(ctx, job, before, state)
        state.looked = began
        if record is not None:
            return record
        pause = _interval(ctx, state)
        if state.empty_looks:
            pause = max(pause, EMPTY_SUCCESS_PAUSE)
        pause = max(pause, min(answer.pause or 0.0, SERVER_PACE_LIMIT))
    elif answer.busy:
        pause = state.interval
    else:
        pause = await _endure(ctx, job, answer, state)
    await _pause(ctx, job, state, timeout, pause)
    return None


def _left(ctx: Context, state: PollState, timeout: float | None) -> float | None:
    """Seconds until the wait is over."""
    return None if timeout is None else state.began + timeout - ctx.world.now()


def _interval(ctx: Context, state: PollState) -> float:
    """Seconds to the next look when all is well."""
    elapsed = ctx.world.now() - state.began
    state.interval = ctx.poll.interval(elapsed, ctx.world.draw())
    return state.interval


async def _pause(
    ctx: Context, job: Handle, state: PollState, timeout: float | None, pause: float
) -> None:
    """Sleep, but never beyond the time given; at its end the wait is over."""
    before = ctx.world.now()
    if timeout is not None:
        left = state.began + timeout - before
        if left <= 0:
            raise _out_of_time(job, timeout)
        pause = min(pause, left)
    await sleep(pause)
    if ctx.world.now() - before > pause + ASLEEP:
        # Nobody could have been reached meanwhile, which says nothing against the API.
        state.patience.since = None


async def _sit_out(ctx: Context, job: Handle, state: PollState, timeout: float | None) -> None:
    """Sit out the pause the API asked for on this model, and a time when nobody can reach it."""
    left = ctx.throttle.paused(job.model, ctx.world.now())
    if left > 0:
        await _pause(ctx, job, state, timeout, min(left, HINT_LIMIT))
    while (left := ctx.throttle.budget.left(ctx.world.now(), ctx.world.draw())) > 0:
        await _pause(ctx, job, state, timeout, left)


async def _endure(ctx: Context, job: Handle, answer: Inconclusive, state: PollState) -> float:
    """How long to pause after an answer of no use; raises when there were too many for too long."""
    now = ctx.world.now()
    if answer.missing is not None:
        _expect_visible(ctx, job, answer.missing, state)
    else:
        state.missing_since = None
    state.nonsense = state.nonsense + 1 if answer.nonsense else 0
    if state.patience.since is None:
        elapsed = now - state.began
        seen = (job.id, job.model, job.status or "", elapsed)
        await Emit(Retrying(*seen, answer.reason, key=job.key))
    asked = None if answer.pause is None else min(answer.pause, HINT_LIMIT)
    since = now if state.patience.since is None else state.patience.since
    pause = state.patience.pause(ctx.world, asked)
    if now - since >= ctx.poll.tolerance:
        raise _too_long(job, answer, state, now - since)
    if pause is None:  # the last look, at the very end of what is tolerated
        pause = max(ctx.poll.tolerance - (now - since), 0.0)
    ctx.throttle.budget.spend(PACED_COST if answer.asked_to_wait else COST, now)
    if answer.asked_to_wait and asked is not None and job.model:
        ctx.throttle.pause(job.model, now + pause)
    return pause


def _too_long(job: Handle, answer: Inconclusive, state: PollState, seconds: float) -> GMIError:
    back = f"The job itself is not affected; come back with client.job({wire.quoted(job.id)})."
    if state.nonsense >= NONSENSE:
        return ProtocolError(
            f"Job {job.id} could not be asked about for {int(seconds)} s, because the answers make "
            f"no sense: {answer.reason}. Check GMI_BASE_URL and any proxy between. {back}",
            job=job,
        )
    return JobUnreachableError(
        f"Job {job.id} could not be asked about for {int(seconds)} s: {answer.reason}. {back}",
        job=job,
    )


def _expect_visible(ctx: Context, job: Handle, reply: Reply, state: PollState) -> None:
    """Put up with a 404 for a moment, when there is reason to believe the job exists."""
    now = ctx.world.now()
    if state.missing_since is None:
        state.missing_since = now
    submitted = job.submitted_at
    fresh = submitted is not None and ctx.world.unix() - submitted < NOT_YET_VISIBLE
    blinking = (state.seen or submitted is not None) and now - state.missing_since < BLINK
    if (fresh and not state.seen) or blinking:
        return
    error = error_from(reply, about=f"Asking for job {job.id}", job=job)
    if state.seen and isinstance(error, JobNotFoundError):
        error.args = (f"{error} It was seen before, as {job.status}; job.record keeps the last.",)
    raise error


def _out_of_time(job: Handle, timeout: float) -> JobTimeoutError:
    record = job.record
    state = f"It was last seen as {job.status or 'unknown'}."
    if record is not None and record.never_started and timeout >= NEVER_RUNS:
        state = (
            "It never left the queue: its record was not touched since it was made, which is how "
            "models look that accept jobs and never run them."
        )
    return JobTimeoutError(
        f"Job {job.id} did not end within {timeout:g} s. {state} It may still end, and may be "
        f"billed. Come back with client.job({wire.quoted(job.id)}).result().",
        job=job,
    )
