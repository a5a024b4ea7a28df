"""What the emulated service does with each request. HTTP comes in, HTTP goes out, nothing else."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from ..problems import Problem
from ..schema import Model
from . import answers, texts
from .artifacts import StoredFile
from .billing import bill
from .catalogue import Catalogue
from .clock import Clock
from .exchange import Exchange
from .faults import Script
from .gateway import complaints, unknown_keys
from .job_store import JobStore
from .jobs import Job
from .options import ListShape, Options
from .ordered import Kind
from .outcomes import kind_named, kind_of
from .ranges import serve
from .request_log import RequestLog
from .session import Sessions
from .storage import Storage

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
        seed = secrets.randbits(64) if options.seed is None else options.seed
        self.catalogue = catalogue
        self.options = options
        self.like = options.like
        self.clock = clock
        self.log = log
        self.script = script
        self.store = JobStore(options, clock, script, seed)
        self.sessions = Sessions(clock)
        self._storage = Storage(
            seed, self.like.signed_types, self.like.expires, self.like.wrong_type
        )

    # Catalogue

    async def models(self, exchange: Exchange) -> Response:
        return self.catalogue.listing(self.options.list_shape, self.like)

    async def models_in_full(self, exchange: Exchange) -> Response:
        """The list under the path without a key."""
        shape: ListShape = "details"
        return self.catalogue.listing(shape, self.like)

    async def details(self, exchange: Exchange) -> Response:
        model_id = exchange.request.path_params["model_id"]
        exchange.note(model=model_id)
        details = self.catalogue.details(model_id)
        if details is None:
            return self.like.refusal("MODEL_NOT_FOUND")
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
        model, known = self.catalogue.model(model_id), True
        if model is None and self.options.unknown_models == "accept":
            model, known = Model(model_id, ()), False
        if model is None:
            return answers.refusal(404, texts.model_does_not_exist(model_id))
        if isinstance(model, Problem):
            return answers.refusal(400, texts.unreadable_details(model_id))
        if not isinstance(payload, dict):
            return answers.refusal(400, texts.NO_PAYLOAD)
        kind = self.kind(model)
        if kind is None:
            return answers.refusal(400, texts.unknown_kind(model_id))
        if known:
            exchange.note(unknown_keys=unknown_keys(payload, model.parameters))
        refused = await self._refused(exchange, model, payload)
        return refused or await self._accept(exchange, model, kind, payload)

    def kind(self, model: Model) -> Kind | None:
        """What `model` makes: as the options say, as its details say, as its name says."""
        kind = self.options.kinds.get(model.id) or kind_of(model) or kind_named(model.id)
        gemini = model.id.lower().startswith("gemini")
        inline = self.options.inline_images and kind == "image" and gemini
        return "inline image" if inline else kind

    async def _refused(
        self, exchange: Exchange, model: Model, payload: Mapping[str, Any]
    ) -> Response | None:
        found = list(complaints(payload, model.parameters))
        faults = [(complaint.name, complaint.reason) for complaint in found]
        if any(not complaint.wrong_type for complaint in found):
            return answers.refusal(400, texts.invalid_payload(faults))
        if found:
            text = texts.backend_error(UPSTREAM_WRONG_TYPE)
            await exchange.failed_record(text)
            return answers.refusal(500, text)
        wait = self.store.wait_for_rate(model.id)
        if wait and self.options.rate_limit is not None:
            wait_ms = max(1, round(wait * 1000))
            return answers.rate_limited(model.id, *self.options.rate_limit, wait_ms)
        if not self.store.affords(model, payload):
            return answers.refusal(402, texts.INSUFFICIENT_CREDITS)
        return None

    async def _accept(
        self, exchange: Exchange, model: Model, kind: Kind, payload: Mapping[str, Any]
    ) -> Response:
        sync = self.options.is_sync(model.id)
        job = self.store.create(model, kind, payload, sync=sync)
        exchange.note(request_id=job.id, created=True, billed=bill(model, payload))
        truth = job.receipt()
        if sync:
            await exchange.hold_until(job.created + job.seconds)
            truth = job.truth(self.clock.now())
        record = job.told(truth) or truth
        shown = RECEIPT + ("outcome",) * (sync and self.options.sync_outcome)
        told = self.like.record(record)
        return answers.record({key: told[key] for key in shown if key in told})

    def failed_record(self, body: Mapping[str, Any], error: object) -> str:
        """What a refused submission leaves in the list; the id of its record."""
        payload = body.get("payload")
        kept = payload if isinstance(payload, dict) else {}
        return self.store.fail(str(body.get("model", "")), kept, error).id

    def console_job(self, model_id: str, payload: Mapping[str, Any]) -> Job:
        """A job made in the web console; KeyError where there is no such model to make it with."""
        model = self.catalogue.model(model_id)
        kind = None if model is None or isinstance(model, Problem) else self.kind(model)
        if kind is None or not isinstance(model, Model):
            raise KeyError(model_id)
        job = self.store.create(model, kind, payload, sync=False)
        job.console = True
        return job

    async def status(self, exchange: Exchange) -> Response:
        job_id = exchange.request.path_params["request_id"]
        exchange.note(request_id=job_id)
        job = self.store.jobs.get(job_id)
        record = None if job is None or job.console else job.look(self.clock.now())
        if job is not None:
            job.show()
        if record is None:
            return self.like.refusal("REQUEST_NOT_FOUND")
        exchange.note(model=record.get("model", ""))
        return answers.record(self.like.record(record))

    async def listing(self, exchange: Exchange) -> Response:
        query = exchange.request.query_params
        try:
            limit, offset = int(query.get("limit", LIST_LIMIT)), int(query.get("offset", 0))
        except ValueError:
            limit = offset = -1
        if limit < 0 or offset < 0:
            return self.like.refusal("LIST_ARGUMENT")
        like = self.like
        wanted = query.get("model_id") if like.filters else None
        now, jobs = self.clock.now(), self.store.newest_first(wanted)
        jobs = jobs if like.newest_first else jobs[::-1]
        page = jobs[offset : offset + min(limit if like.limits else LIST_LIMIT, LIST_LIMIT)]
        records = [job.told(job.truth(now)) for job in page]
        told = [record if record is None else like.record(record) for record in records]
        for job in page:
            job.show()
        more = offset + len(page) < len(jobs)
        goes_on = {"has_more": more} if like.has_more else {}
        return answers.record({"requests": told, **goes_on, "total": len(jobs)})

    # Files

    async def upload_url(self, exchange: Exchange) -> Response:
        try:
            body = await exchange.json()
        except ValueError:
            return answers.refusal(400, texts.NOT_JSON)
        file_type = body.get("file_type") if isinstance(body, dict) else None
        if not isinstance(file_type, str) or file_type not in self.like.signed_types:
            return self.like.refusal("FILE_TYPE")
        grant = self._storage.grant(file_type, self.clock.now())
        place = f"{self.store.files_url}/storage/{grant.name}"
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
        return self._served(file, request.headers) if file else _no_such_object()

    async def media(self, exchange: Exchange) -> Response:
        path = exchange.request.path_params
        job = self.store.jobs.get(path["request_id"])
        file = job.files.get(path["name"]) if job and job.ended(self.clock.now()) else None
        if job is None or file is None:
            return _no_such_object()
        exchange.note(request_id=job.id, model=job.model)
        stored = self.store.artifacts.file(file.extension, file.size, file.seconds)
        return self._served(stored, exchange.request.headers)

    def _served(self, file: StoredFile, headers: Mapping[str, str]) -> Response:
        return self.like.file(serve(file, headers if self.like.ranges else {}))


def _no_such_object() -> Response:
    return answers.storage_error(404, "NoSuchKey", "The specified key does not exist.")
