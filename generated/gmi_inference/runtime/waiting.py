# fmt: off
# isort: skip_file
# ruff: noqa
"""Wait for a job: look at it at a sensible pace, and do not lose it over a bad minute."""

from __future__ import annotations

from .api import Api
from .backoff import HINT_LIMIT
from .effects import Flow, clock, draw, sleep
from .enduring import endure
from .errors import GMIError, JobTimeoutError
from .handles import Handle
from .logs import annotate
from .looking import Sight
from .polling import SERVER_PACE_LIMIT
from .record import Record
from .sweeping import see
from .watching import EMPTY_SUCCESS_PAUSE, Watch, take

# A pause that took so much longer than asked: the machine slept, and its network with it.
ASLEEP = 60.0


def wait(api: Api, job: Handle, timeout: float | None) -> Flow[Record]:
    """Look at `job` until it ends, emitting what changes, and return its last record.

    `timeout` is in seconds, None for ever. A failed job is returned like any other. Raises
    JobTimeoutError, JobUnreachableError, JobNotFoundError, ProtocolError, or what the API refuses
    with.
    """
    began = yield from clock()
    watch = Watch(began=began, changed=began, interval=api.poll.min)
    entered = job.model
    if entered:
        api.watchlist.enter(entered, job.id)
    try:
        if job.record is not None:
            watch.seen = job.record.raw != {}
            watch.looked = began
            record = yield from take(api, job, job.record, watch)
            if record is not None:
                return record
            first = api.poll.interval(0.0, (yield from draw()))
            yield from _pause(job, watch, timeout, first)
        while True:
            if job.model and not entered:
                entered = job.model
                api.watchlist.enter(entered, job.id)
            yield from _sit_out(api, job, watch, timeout)
            left = None if timeout is None else timeout - ((yield from clock()) - began)
            answer = yield from see(api, job, watch, left)
            if isinstance(answer, Sight):
                api.budget.answered(watch.trouble_since is not None)
                watch.all_is_well()
                record = yield from take(api, job, answer.record, watch)
                if record is not None:
                    return record
                pause = yield from _usual_pause(api, watch, answer)
            elif isinstance(answer, (int, float)):
                pause = answer
            elif answer.busy:
                pause = watch.interval
            else:
                pause = yield from endure(api, job, answer, watch)
            yield from _pause(job, watch, timeout, pause)
    except (GMIError, GeneratorExit):
        raise
    except BaseException as interruption:
        annotate(
            interruption, f"Job {job.id} is still running and may be billed; gmi wait {job.id}"
        )
        raise
    finally:
        if entered:
            api.watchlist.leave(entered, job.id)


def _usual_pause(api: Api, watch: Watch, sight: Sight) -> Flow[float]:
    """Seconds to the next look when all is well; the pace the API asks for wins."""
    elapsed = (yield from clock()) - watch.began
    watch.interval = pause = api.poll.interval(elapsed, (yield from draw()))
    if watch.empty_looks:
        pause = max(pause, EMPTY_SUCCESS_PAUSE)
    if sight.pause is not None:
        pause = max(pause, min(sight.pause, SERVER_PACE_LIMIT))
    return pause


def _pause(job: Handle, watch: Watch, timeout: float | None, pause: float) -> Flow[None]:
    """Sleep, but never beyond the time given; at its end the wait is over."""
    before = yield from clock()
    if timeout is not None:
        left = watch.began + timeout - before
        if left <= 0:
            raise _out_of_time(job, timeout)
        pause = min(pause, left)
    yield from sleep(pause)
    if (yield from clock()) - before > pause + ASLEEP and watch.trouble_since is not None:
        # Nobody could have been reached meanwhile, which says nothing against the API.
        watch.trouble_since = None


def _sit_out(api: Api, job: Handle, watch: Watch, timeout: float | None) -> Flow[None]:
    """Sit out the pause the API asked for on this model, and a time when nobody can reach it."""
    now = yield from clock()
    left = min(api.pauses.left(job.model, now), max(SERVER_PACE_LIMIT, HINT_LIMIT))
    if left > 0:
        yield from _pause(job, watch, timeout, left)
    while (left := api.budget.left((yield from clock()), (yield from draw()))) > 0:
        yield from _pause(job, watch, timeout, left)


def _out_of_time(job: Handle, timeout: float) -> JobTimeoutError:
    record = job.record
    if record is not None and record.never_started:
        state = (
            "It never left the queue: its record was not touched since it was made, which is how "
            "models look that accept jobs and never run them."
        )
    else:
        state = f"It was last seen as {job.status or 'unknown'}, may still end, and may be billed."
    return JobTimeoutError(
        f"Job {job.id} did not end within {timeout:g} s. {state} "
        f'Come back with client.job("{job.id}").result(), or gmi wait {job.id}.',
        job=job,
    )
