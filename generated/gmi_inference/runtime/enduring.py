# fmt: off
# isort: skip_file
# ruff: noqa
"""Put up with answers of no use: for a time, not for a number of attempts."""

from __future__ import annotations

from .api import Api
from .backoff import HINT_LIMIT, growing
from .budget import COST, PACED_COST
from .effects import Flow, Reply, clock, draw, emit, wall_clock
from .errors import GMIError, JobNotFoundError, JobUnreachableError, ProtocolError
from .events import Retrying
from .handles import Handle
from .looking import Puzzle
from .refusals import error_from
from .watching import Watch

# A record may take a moment to be visible after the submission that made it.
NOT_YET_VISIBLE = 60.0
BLINK = 15.0
# So much nonsense in a row, and nothing else, is not the network's doing.
NONSENSE = 3


def endure(api: Api, job: Handle, puzzle: Puzzle, watch: Watch) -> Flow[float]:
    """How long to pause after an answer of no use; raises when there were too many for too long."""
    now = yield from clock()
    if puzzle.missing is not None:
        yield from _expect_visible(api, job, puzzle.missing, watch, now)
    else:
        watch.missing_since = None
    watch.nonsense = watch.nonsense + 1 if puzzle.nonsense else 0
    if watch.trouble_since is None:
        watch.trouble_since = now
        yield from emit(
            Retrying(job.id, job.model, job.status or "", now - watch.began, puzzle.reason)
        )
    if now - watch.trouble_since >= api.poll.tolerance:
        raise _too_long(job, puzzle, watch, now - watch.trouble_since)
    api.budget.spend(PACED_COST if puzzle.asked_to_wait else COST, now)
    quickest = api.poll.min
    pause = growing(watch.troubles, (yield from draw()), first=quickest, most=max(10.0, quickest))
    watch.troubles += 1
    if puzzle.pause is None:
        return pause
    pause = max(pause, min(puzzle.pause, HINT_LIMIT))
    if puzzle.asked_to_wait and job.model:
        api.pauses.set(job.model, now + pause)
    return pause


def _too_long(job: Handle, puzzle: Puzzle, watch: Watch, seconds: float) -> GMIError:
    back = f'The job itself is not affected; come back with client.job("{job.id}").'
    if watch.nonsense >= NONSENSE:
        return ProtocolError(
            f"Job {job.id} could not be asked about for {int(seconds)} s, because the answers make "
            f"no sense: {puzzle.reason}. Check GMI_BASE_URL and any proxy between. {back}",
            job=job,
        )
    return JobUnreachableError(
        f"Job {job.id} could not be asked about for {int(seconds)} s: {puzzle.reason}. {back}",
        job=job,
    )


def _expect_visible(api: Api, job: Handle, reply: Reply, watch: Watch, now: float) -> Flow[None]:
    """Put up with a 404 for a moment, when there is reason to believe the job exists."""
    if watch.missing_since is None:
        watch.missing_since = now
    submitted = job.submitted_at
    fresh = submitted is not None and (yield from wall_clock()) - submitted < NOT_YET_VISIBLE
    blinking = (watch.seen or submitted is not None) and now - watch.missing_since < BLINK
    if (fresh and not watch.seen) or blinking:
        return
    error = error_from(reply, api.scrub, about=f"Asking for job {job.id}", job=job)
    if watch.seen and isinstance(error, JobNotFoundError):
        error.args = (f"{error} It was seen before, as {job.status}; job.record keeps the last.",)
    raise error
