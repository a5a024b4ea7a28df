"""Wait for a job: look at it at a sensible pace, and do not lose it over a bad minute."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeVar

from . import statuses
from .api import Api
from .backoff import HINT_LIMIT, growing
from .effects import (
    Clock,
    Flow,
    Reply,
    clock,
    draw,
    emit,
    sleep,
    wall_clock,
)
from .errors import (
    GMIError,
    JobNotFoundError,
    JobTimeoutError,
    JobUnreachableError,
    ProtocolError,
)
from .events import Done, Event, Queued, Retrying, Stalled, Started
from .handles import Handle
from .logs import logger
from .looking import Puzzle, Sight, look, observe
from .polling import SERVER_PACE_LIMIT
from .record import Record
from .refusals import error_from
from .submission import annotate

H = TypeVar("H", bound=Handle)
NOT_YET_VISIBLE = 15.0
EMPTY_SUCCESS_LOOKS = 5
EMPTY_SUCCESS_PAUSE = 6.0


@dataclass
class Watch:
    """What the waiter remembers from look to look; moments are of the monotonic clock."""

    began: float
    changed: float
    shown: str = ""
    seen: bool = False
    stalled: bool = False
    trouble_since: float | None = None
    missing_since: float | None = None
    troubles: int = 0
    empty_looks: int = 0
    unknown_words: set[str] = field(default_factory=set)

    def all_is_well(self) -> None:
        """The API answered about the job."""
        self.seen = True
        self.trouble_since = self.missing_since = None
        self.troubles = 0


def wait(api: Api, job: Handle, timeout: float | None) -> Flow[Record]:
    """Look at `job` until it ends, emitting what changes, and return its last record.

    `timeout` is in seconds, None for ever. A failed job is returned like any other. Raises
    JobTimeoutError, JobUnreachableError, JobNotFoundError, or what the API refuses with.
    """
    began = yield from clock()
    watch = Watch(began=began, changed=began)
    try:
        if job.record is not None:
            watch.seen = job.record.raw != {}
            record = yield from _take(api, job, job.record, watch)
            if record is not None:
                return record
            first = api.poll.interval(0.0, (yield from draw()))
            yield from _pause(api, job, watch, timeout, first)
        while True:
            yield from _sit_out(api, job, watch, timeout)
            left = None if timeout is None else timeout - ((yield from clock()) - began)
            answer = yield from look(api, job, within=left)
            if isinstance(answer, Sight):
                watch.all_is_well()
                record = yield from _take(api, job, answer.record, watch)
                if record is not None:
                    return record
                pause = yield from _usual_pause(api, watch, answer)
            else:
                pause = yield from _endure(api, job, answer, watch)
            yield from _pause(api, job, watch, timeout, pause)
    except (GMIError, GeneratorExit):
        raise
    except BaseException as interruption:
        annotate(
            interruption, f"Job {job.id} is still running and may be billed; gmi wait {job.id}"
        )
        raise


def _take(api: Api, job: Handle, record: Record, watch: Watch) -> Flow[Record | None]:
    """Learn from a record; the record itself when the job has ended."""
    before = job.record
    record = observe(job, record)
    now = yield from clock()
    if record.status == statuses.SUCCESS and not record.outcome:
        watch.empty_looks += 1
        if watch.empty_looks > EMPTY_SUCCESS_LOOKS:
            raise ProtocolError(
                f"Job {job.id} ended as a success, but the API shows no outcome for it. "
                "Ask again later with job.refresh(), then job.result().",
                job=job,
            )
        return None
    event = _event(job, record, now - watch.began)
    if record.status not in statuses.KNOWN and record.status not in watch.unknown_words:
        watch.unknown_words.add(record.status)
        logger.warning(
            "Job %s has an unknown status %r; taken as still running.", job.id, record.status
        )
    if watch.shown != f"{event.kind} {record.status}":
        if watch.shown.partition(" ")[0] != event.kind or event.kind == "started":
            yield from emit(event)
        watch.shown = f"{event.kind} {record.status}"
        watch.changed, watch.stalled = now, False
    elif before is not None and record.updated_at != before.updated_at:
        watch.changed, watch.stalled = now, False
    if record.ended:
        return record
    still = now - watch.changed
    if still >= api.poll.stalled_after and not watch.stalled:
        watch.stalled = True
        yield from emit(Stalled(job.id, job.model, record.status, now - watch.began, still))
    return None


def _event(job: Handle, record: Record, elapsed: float) -> Event:
    kind: type[Event] = Started
    if record.status in statuses.WAITING:
        kind = Queued
    elif record.ended:
        kind = Done
    return kind(job.id, job.model, record.status, elapsed)


def _usual_pause(api: Api, watch: Watch, sight: Sight) -> Flow[float]:
    """Seconds to the next look when all is well; the pace the API asks for wins."""
    elapsed = (yield from clock()) - watch.began
    pause = api.poll.interval(elapsed, (yield from draw()))
    if watch.empty_looks:
        pause = max(pause, EMPTY_SUCCESS_PAUSE)
    if sight.pause is not None:
        pause = max(pause, min(sight.pause, SERVER_PACE_LIMIT))
    return pause


def _endure(api: Api, job: Handle, puzzle: Puzzle, watch: Watch) -> Flow[float]:
    """How long to pause after an answer of no use; raises when there were too many for too long."""
    now = yield from clock()
    if puzzle.missing is not None:
        yield from _expect_visible(api, job, puzzle.missing, watch, now)
    else:
        watch.missing_since = None
    if watch.trouble_since is None:
        watch.trouble_since = now
        yield from emit(
            Retrying(job.id, job.model, job.status or "", now - watch.began, puzzle.reason)
        )
    if now - watch.trouble_since >= api.poll.tolerance:
        raise JobUnreachableError(
            f"Job {job.id} could not be asked about for {int(now - watch.trouble_since)} s: "
            f"{puzzle.reason}. The job itself is not affected; come back with "
            f'client.job("{job.id}").',
            job=job,
        )
    quickest = api.poll.min
    pause = growing(watch.troubles, (yield from draw()), first=quickest, most=max(10.0, quickest))
    watch.troubles += 1
    if puzzle.pause is None:
        return pause
    pause = max(pause, min(puzzle.pause, HINT_LIMIT))
    if puzzle.asked_to_wait and job.model:
        api.pauses.set(job.model, now + pause)
    return pause


def _expect_visible(api: Api, job: Handle, reply: Reply, watch: Watch, now: float) -> Flow[None]:
    """Put up with a 404 for a moment, when there is reason to believe the job exists."""
    if watch.missing_since is None:
        watch.missing_since = now
    submitted = job.submitted_at
    fresh = submitted is not None and (yield from wall_clock()) - submitted < NOT_YET_VISIBLE
    blinking = (watch.seen or submitted is not None) and (
        now - watch.missing_since < NOT_YET_VISIBLE
    )
    if fresh or blinking:
        return
    error = error_from(reply, api.scrub, about=f"Asking for job {job.id}", job=job)
    if watch.seen and isinstance(error, JobNotFoundError):
        error.args = (f"{error} It was seen before, as {job.status}; job.record keeps the last.",)
    raise error


def _pause(api: Api, job: Handle, watch: Watch, timeout: float | None, pause: float) -> Flow[None]:
    """Sleep, but never beyond the time given; at its end the wait is over."""
    now: float = yield Clock()
    if timeout is None:
        yield from sleep(pause)
        return
    left = watch.began + timeout - now
    if left <= 0:
        raise _out_of_time(job, timeout)
    yield from sleep(min(pause, left))


def _sit_out(api: Api, job: Handle, watch: Watch, timeout: float | None) -> Flow[None]:
    """Sit out the pause the API asked for on this model."""
    left = min(api.pauses.left(job.model, (yield from clock())), max(SERVER_PACE_LIMIT, HINT_LIMIT))
    if left > 0:
        yield from _pause(api, job, watch, timeout, left)


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
