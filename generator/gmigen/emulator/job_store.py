"""The jobs of one account: made, failed, found again, and counted against rate and credit."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Mapping
from typing import Any

from ..schema import Model
from .artifacts import Artifacts
from .billing import bill
from .clock import Clock
from .faults import Lie, Script
from .jobs import File, Job, request_id
from .options import Options
from .ordered import Kind, ordered
from .outcomes import Made, outcome

ROUNDED_DOWN = "hy-image"
"""Models that deliver sides rounded down to a multiple of 16, as recorded in public."""


class JobStore:
    """`files_url` is the origin of the files' host, known once it is bound."""

    def __init__(self, options: Options, clock: Clock, script: Script, seed: int) -> None:
        self.jobs: dict[str, Job] = {}
        self.files_url = ""
        self.artifacts = Artifacts(options.artifacts)
        self._options = options
        self._clock = clock
        self._script = script
        self._seed = seed
        self._accepted: dict[str, deque[float]] = defaultdict(deque)
        self._billed = 0

    def create(self, model: Model, kind: Kind, payload: Mapping[str, Any], *, sync: bool) -> Job:
        """A job that is accepted, runs and is billed."""
        options = self._options
        job_id, files = request_id(self._seed, len(self.jobs)), dict[str, File]()
        job = Job(
            id=job_id,
            model=model.id,
            created=self._clock.now(),
            seconds=options.sync_seconds if sync else options.job_seconds,
            outcome=outcome(kind, self._made(job_id, model, kind, payload, files)),
            files=files,
            lies=[lie for lie in self._script.take("job", model.id) if isinstance(lie, Lie)],
            echo=payload if options.echo_payload else {},
        )
        self.jobs[job.id] = job
        if options.rate_limit is not None:
            self._accepted[model.id].append(job.created)
        self._billed += bill(model, payload)
        return job

    def fail(self, model_id: str, payload: Mapping[str, Any], error: object) -> Job:
        """The record that a refused submission leaves: failed from the start, and not billed."""
        job = Job(
            id=request_id(self._seed, len(self.jobs)),
            model=model_id,
            created=self._clock.now(),
            seconds=0,
            outcome={"error": error},
            ending="failed",
            echo=payload if self._options.echo_payload else {},
        )
        self.jobs[job.id] = job
        return job

    def _made(
        self,
        job_id: str,
        model: Model,
        kind: Kind,
        payload: Mapping[str, Any],
        files: dict[str, File],
    ) -> Made:
        defaults = {p.name: p.default.value for p in model.parameters if p.default is not None}
        order = ordered(kind, {**defaults, **payload})
        size = order.size
        if size and model.id.lower().startswith(ROUNDED_DOWN):
            size = (max(16, size[0] // 16 * 16), max(16, size[1] // 16 * 16))

        def url(name: str, file: File) -> str:
            files[name] = file
            return self._options.like.url(f"{self.files_url}/media/{job_id}/{name}")

        if kind == "text":
            return Made(job_id, order, (), "")
        if kind == "inline image":
            inline = self.artifacts.file(order.extension, size).content
            return Made(job_id, order, (), "", inline)
        urls = [
            url(f"{number}.{order.extension}", File(order.extension, size, order.seconds))
            for number in range(order.count)
        ]
        thumbnail = url("thumbnail.png", File("png")) if kind == "video" else ""
        return Made(job_id, order, urls, thumbnail)

    def newest_first(self, model_id: str | None) -> list[Job]:
        """Jobs of one model or of all, without those whose record is denied."""
        now = self._clock.now()
        return [
            job
            for job in reversed(self.jobs.values())
            if model_id in (None, job.model) and (not job.lies or job.told(job.truth(now)))
        ]

    def wait_for_rate(self, model_id: str) -> float:
        """Seconds until the published pace of the model allows a job; 0 for now."""
        if self._options.rate_limit is None:
            return 0
        limit, seconds = self._options.rate_limit
        now, accepted = self._clock.now(), self._accepted[model_id]
        while accepted and accepted[0] <= now - seconds:
            accepted.popleft()
        return 0 if len(accepted) < limit else accepted[0] + seconds - now

    def affords(self, model: Model, payload: Mapping[str, Any]) -> bool:
        """Whether what the account holds pays for this job of `model`, too."""
        credit = self._options.credit_micro_dollars
        return credit is None or self._billed + bill(model, payload) <= credit
