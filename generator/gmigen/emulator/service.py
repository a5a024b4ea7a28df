"""What the emulated service does with each request. HTTP comes in, HTTP goes out, nothing else."""

from __future__ import annotations

import secrets
from collections import defaultdict, deque
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from ..problems import Problem
from ..schema import Model
from . import answers, outcomes, texts
from .artifacts import Artifacts
from .catalogue import Catalogue
from .clock import Clock
from .exchange import Exchange
from .faults import Lie, Script
from .gateway import complaints, unknown_keys
from .jobs import Job, request_id
from .options import Options
from .ranges import serve
from .request_log import RequestLog
from .storage import SIGNED_TYPES, Storage

LIST_LIMIT = 100
UPSTREAM_WRONG_TYPE = 403
RECEIPT = ("request_id", "model", "status", "created_at", "updated_at", "queued_at")


class Service:
    """The state of one emulated account, and a method per route.

    `files_url` is the origin of the files' host, known once it is bound.
    """

    def __init__(
        self, catalogue: Catalogue, options: Options, clock: Clock, log: RequestLog, script: Script
    ) -> None:
        self.catalogue = catalogue
        self.options = options
        self.clock = clock
        self.log = log
        self.script = script
        self.files_url = ""
        self._seed = secrets.randbits(64) if options.seed is None else options.seed
        self.jobs: dict[str, Job] = {}
        self._artifacts = Artifacts(options.artifacts)
        self._storage = Storage(self._seed)
        self._accepted: dict[str, deque[float]] = defaultdict(deque)
        self._billed = 0

    # Catalogue

    async def models(self, exchange: Exchange) -> Response:
        return self.catalogue.listing(self.options.list_shape)

    async def details(self, exchange: Exchange) -> Response:
        model_id = exchange.request.path_params["model_id"]
        exchange.note(model=model_id)
        details = self.catalogue.details(model_id)
        if details is None:
            return answers.refusal(404, texts.MODEL_NOT_FOUND)
        return Response(details, media_type="application/json")

    # Requests

    async def submit(self, exchange: Exchange) -> Response:
        try:
            body = await exchange.json()
        except ValueError:
            return answers.refusal(400, texts.NOT_JSON)
        if not isinstance(body, dict) or not isinstance(body.get("model"), str):
            return answers.refusal(400, texts.NO_MODEL)
        model_id, payload = body["model"], body.get("payload")
        model = self.catalogue.model(model_id)
        if model is None:
            return answers.refusal(404, texts.model_does_not_exist(model_id))
        if isinstance(model, Problem):
            return answers.refusal(400, texts.unreadable_details(model_id))
        if not isinstance(payload, dict):
            return answers.refusal(400, texts.NO_PAYLOAD)
        exchange.note(unknown_keys=unknown_keys(payload, model.parameters))
        refused = self._refused(model, payload)
        return refused or await self._accept(exchange, model, payload)

    def _refused(self, model: Model, payload: Mapping[str, Any]) -> Response | None:
        found = list(complaints(payload, model.parameters))
        faults = [(complaint.name, complaint.reason) for complaint in found]
        if any(not complaint.wrong_type for complaint in found):
            return answers.refusal(400, texts.invalid_payload(faults))
        if found:
            return answers.refusal(500, texts.backend_error(UPSTREAM_WRONG_TYPE))
        return self._over_rate(model.id) or self._over_credit(model)

    def _over_rate(self, model_id: str) -> Response | None:
        if self.options.rate_limit is None:
            return None
        limit, seconds = self.options.rate_limit
        now, accepted = self.clock.now(), self._accepted[model_id]
        while accepted and accepted[0] <= now - seconds:
            accepted.popleft()
        if len(accepted) < limit:
            return None
        wait_ms = max(1, round((accepted[0] + seconds - now) * 1000))
        return answers.rate_limited(model_id, limit, seconds, wait_ms)

    def _over_credit(self, model: Model) -> Response | None:
        credit = self.options.credit_micro_dollars
        if credit is not None and self._billed + _price(model) > credit:
            return answers.refusal(402, texts.INSUFFICIENT_CREDITS)
        return None

    async def _accept(
        self, exchange: Exchange, model: Model, payload: Mapping[str, Any]
    ) -> Response:
        sync = self.options.is_sync(model.id)
        job = self._create(model, payload, sync)
        exchange.note(request_id=job.id, created=True, billed=_price(model))
        truth = job.receipt()
        if sync:
            await exchange.hold_until(job.created + job.seconds)
            truth = job.truth(self.clock.now())
        record = job.told(truth) or truth
        shown = RECEIPT + ("outcome",) * (sync and self.options.sync_outcome)
        return answers.record({key: record[key] for key in shown if key in record})

    def _create(self, model: Model, payload: Mapping[str, Any], sync: bool) -> Job:
        job_id, files = request_id(self._seed, len(self.jobs)), set[str]()

        def url(name: str) -> str:
            files.add(name)
            return f"{self.files_url}/media/{job_id}/{name}"

        picture = self._artifacts["png"].content
        outcome = outcomes.outcome(outcomes.kind_of(model), job_id, url, picture)
        job = Job(
            id=job_id,
            model=model.id,
            created=self.clock.now(),
            seconds=self.options.sync_seconds if sync else self.options.job_seconds,
            outcome=outcome,
            files=frozenset(files),
            lies=[lie for lie in self.script.take("job", model.id) if isinstance(lie, Lie)],
            echo=payload if self.options.echo_payload else {},
        )
        self.jobs[job.id] = job
        if self.options.rate_limit is not None:
            self._accepted[model.id].append(job.created)
        self._billed += _price(model)
        return job

    async def status(self, exchange: Exchange) -> Response:
        job_id = exchange.request.path_params["request_id"]
        exchange.note(request_id=job_id)
        job = self.jobs.get(job_id)
        record = None if job is None else job.look(self.clock.now())
        if job is not None:
            job.show()
        if record is None:
            return answers.refusal(404, texts.REQUEST_NOT_FOUND)
        exchange.note(model=record.get("model", ""))
        return answers.record(record)

    async def listing(self, exchange: Exchange) -> Response:
        query = exchange.request.query_params
        try:
            limit, offset = int(query.get("limit", LIST_LIMIT)), int(query.get("offset", 0))
        except ValueError:
            limit = offset = -1
        if limit < 0 or offset < 0:
            return answers.refusal(400, texts.LIST_ARGUMENT)
        now, model_id = self.clock.now(), query.get("model_id")
        jobs = [
            job
            for job in reversed(self.jobs.values())
            if model_id in (None, job.model) and (not job.lies or job.told(job.truth(now)))
        ]
        page = jobs[offset : offset + min(limit, LIST_LIMIT)]
        told = [job.told(job.truth(now)) for job in page]
        for job in page:
            job.show()
        more = offset + len(page) < len(jobs)
        return answers.record({"requests": told, "has_more": more, "total": len(jobs)})

    # Files

    async def upload_url(self, exchange: Exchange) -> Response:
        try:
            body = await exchange.json()
        except ValueError:
            return answers.refusal(400, texts.NOT_JSON)
        file_type = body.get("file_type") if isinstance(body, dict) else None
        if not isinstance(file_type, str) or file_type not in SIGNED_TYPES:
            return answers.refusal(400, texts.FILE_TYPE)
        grant = self._storage.grant(file_type, self.clock.now())
        place = f"{self.files_url}/storage/{grant.name}"
        return answers.record({"upload_url": f"{place}?{grant.query()}", "public_url": place})

    async def put(self, exchange: Exchange) -> Response:
        request = exchange.request
        return self._storage.put(
            request.path_params["name"],
            request.query_params.get("X-Goog-Signature", ""),
            request.headers,
            await exchange.read(),
            self.clock.now(),
        )

    async def stored(self, exchange: Exchange) -> Response:
        request = exchange.request
        file = self._storage.stored(request.path_params["name"])
        return serve(file, request.headers) if file else _no_such_object()

    async def media(self, exchange: Exchange) -> Response:
        path = exchange.request.path_params
        job, name = self.jobs.get(path["request_id"]), path["name"]
        if job is None or name not in job.files or not job.ended(self.clock.now()):
            return _no_such_object()
        exchange.note(request_id=job.id, model=job.model)
        return serve(self._artifacts[name.rpartition(".")[2]], exchange.request.headers)


def _price(model: Model) -> int:
    return model.price.micro_dollars if model.price else 0


def _no_such_object() -> Response:
    return answers.storage_error(404, "NoSuchKey", "The specified key does not exist.")
