"""Random faults in virtual time, against a reference that knows only what the service really did.

Whatever happens, no submission of the user is billed twice, and every handle is in exactly one of
five states: success, failed, cancelled, unknown, still running. When the troubles are over, every
job that was billed comes to the end the service gave it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule
from virtual_world import DROPPED, PAGE, WALL, Answer, World, reply

from gmigen.runtime import errors
from gmigen.runtime.protocol.attempts import Undertaking
from gmigen.runtime.protocol.effects import Failure, Send
from gmigen.runtime.protocol.recovery import reconcile
from gmigen.runtime.protocol.submit import submit
from gmigen.runtime.protocol.wait import wait
from gmigen.runtime.records import CANCELLED, FAILED, SUCCESS, Handle, Record

ENDS = (SUCCESS, FAILED, CANCELLED)
STATES = {*ENDS, "unknown", "still running"}


@dataclass
class TrueJob:
    """A job as the service has it."""

    id: str
    born: float
    seconds: float
    end: str

    def record(self, now: float) -> dict[str, Any]:
        age = now - self.born
        status = self.end if age >= self.seconds else "processing" if age > 2 else "queued"
        done = age >= self.seconds
        return {
            "request_id": self.id,
            "model": "Veo3",
            "status": status,
            "outcome": {"video_url": f"https://m.example/{self.id}.mp4"} if done else None,
            "created_at": WALL + self.born,
            "updated_at": WALL + min(age, self.seconds),
            "payload": {},
        }


# What may become of one POST: was a job made, and what does the client get to see?
POSTS = {
    "accepted": (True, None),
    "rate limited": (False, reply(429, {}, {"retry-after": "1"})),
    "never sent": (False, Failure("connect", False, "refused")),
    "lost before": (False, DROPPED),
    "lost after": (True, DROPPED),
    "no answer in time": (True, Failure("timeout", True, "silence")),
    "gateway gave up": (True, reply(504, b"<html>")),
    "upstream full": (False, reply(503, {"error": "capacity"})),
    "a page": (True, PAGE),
    "torn": (True, reply(200, b'{"request_id": "j')),
    "refused": (False, reply(400, {"error": "bad"})),
    "upstream refused": (False, reply(500, {"error": "Backend error (400)."})),
}
SAFE = {"rate limited", "never sent"}
LOOKS = st.sampled_from(
    [None, None, DROPPED, PAGE, reply(503, b""), reply(429, {}, {"retry-after": "2"})]
)


@dataclass
class Service:
    """The reference: jobs by id, a script for the next calls, and a count of POSTs."""

    jobs: dict[str, TrueJob] = field(default_factory=dict)
    script: list[str] = field(default_factory=list)
    looks: list[Answer | None] = field(default_factory=list)
    posts: int = 0
    kind: tuple[float, str] = (0.0, SUCCESS)

    def __call__(self, sent: Send, now: float) -> Answer:
        if sent.method == "POST":
            return self._post(now)
        trouble = self.looks.pop(0) if self.looks else None
        if trouble is not None:
            return trouble
        parts = urlsplit(sent.url)
        if parts.path.endswith("/requests"):
            query = parse_qs(parts.query)
            offset, limit = int(query["offset"][0]), int(query["limit"][0])
            page = list(self.jobs.values())[::-1][offset : offset + limit]
            more = offset + limit < len(self.jobs)
            return reply(200, {"requests": [j.record(now) for j in page], "has_more": more})
        job = self.jobs.get(parts.path.rpartition("/")[2])
        return reply(404, {"error": "not found"}) if job is None else reply(200, job.record(now))

    def _post(self, now: float) -> Answer:
        self.posts += 1
        creates, seen = POSTS[self.script.pop(0) if self.script else "accepted"]
        if creates:
            job = TrueJob(f"j{len(self.jobs)}", now, *self.kind)
            self.jobs[job.id] = job
            return seen or reply(200, {**job.record(now), "outcome": None, "status": "created"})
        assert seen is not None
        return seen


def expected(script: list[str]) -> tuple[str, int]:
    """What the rules say about a submission that meets this script, and after how many POSTs."""
    unsent = paced = 0
    for number, met in enumerate([*script, "accepted"], 1):
        if met == "never sent" and unsent < 2:
            unsent += 1
        elif met == "rate limited" and paced < 3:
            paced += 1
        elif met == "accepted":
            return "accepted", number
        elif met in SAFE or met in ("refused", "upstream refused"):
            return "rejected", number
        else:
            return "unknown", number
    raise AssertionError("a script ends in an acceptance")


class Policy(RuleBasedStateMachine):
    handles: Any = Bundle("handles")
    unknowns: Any = Bundle("unknowns")

    def __init__(self) -> None:
        super().__init__()
        self.service = Service()
        self.world = World(self.service)
        self.api = self.world.ctx()
        self.submits = 0
        self.posts_allowed = 0
        self.states: dict[str, str] = {}

    @rule(
        target=handles,
        script=st.lists(st.sampled_from(sorted(POSTS)), max_size=5),
        seconds=st.sampled_from([0.0, 1.0, 30.0, 400.0, 5000.0]),
        end=st.sampled_from(ENDS),
    )
    def submits_once(self, script: list[str], seconds: float, end: str) -> Any:
        self.service.script, self.service.kind = list(script), (seconds, end)
        self.submits += 1
        outcome, posts = expected(script)
        self.posts_allowed += posts
        made = len(self.service.jobs)
        try:
            undertaking = Undertaking("Veo3")
            handle = self.world.run(submit(self.api, "Veo3", {"prompt": "x"}, _handle, undertaking))
        except errors.SubmissionUnknownError as error:
            assert outcome == "unknown"
            return error
        except errors.GMIError:
            assert outcome == "rejected"
            # An error that is not "unknown" promises that nothing was started.
            assert len(self.service.jobs) == made
            return None
        finally:
            self.service.script = []
        assert outcome == "accepted"
        self.states[handle.id] = "still running"
        return handle

    @rule(handle=handles, looks=st.lists(LOOKS, max_size=60), timeout=st.floats(0.0, 600.0))
    def waits(self, handle: Any, looks: list[Answer | None], timeout: float) -> None:
        if not isinstance(handle, Handle):
            return
        self.service.looks = list(looks)
        before = self.states[handle.id]
        try:
            record = self.world.run(wait(self.api, handle, timeout))
        except (errors.JobTimeoutError, errors.JobUnreachableError, errors.ProtocolError) as error:
            assert error.job is handle  # noqa: PT017  # it may or may not be raised
            assert before == "still running"
            return
        finally:
            self.service.looks = []
        assert record.status in ENDS
        assert before in ("still running", record.status)
        self.states[handle.id] = record.status

    @rule(error=handles, looks=st.lists(LOOKS, max_size=3))
    def reconciles(self, error: Any, looks: list[Answer | None]) -> None:
        if not isinstance(error, errors.SubmissionUnknownError):
            return
        self.service.looks = list(looks)
        try:
            found = self.world.run(reconcile(self.api, error, _handle))
        except errors.GMIError:
            return
        finally:
            self.service.looks = []
        assert {job.id for job in found.jobs} <= set(self.service.jobs)

    @rule(seconds=st.floats(0.0, 1000.0))
    def time_passes(self, seconds: float) -> None:
        self.world.now += seconds

    @invariant()
    def nothing_is_billed_twice(self) -> None:
        assert len(self.service.jobs) <= self.submits
        assert self.service.posts == self.posts_allowed

    @invariant()
    def every_handle_is_in_one_state(self) -> None:
        assert set(self.states.values()) <= STATES
        for job, state in self.states.items():
            if state in ENDS:
                assert self.service.jobs[job].end == state

    def teardown(self) -> None:
        """The troubles are over: everything accepted comes to its true end."""
        for job in self.states:
            record = self.world.run(wait(self.api, Handle(job, model="Veo3"), None))
            assert record.status == self.service.jobs[job].end


def _handle(record: Record) -> Handle:
    return Handle(record.id, record=record)


TestPolicy = Policy.TestCase
TestPolicy.settings = settings(max_examples=120, stateful_step_count=25, deadline=None)
