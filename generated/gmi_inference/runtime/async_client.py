# fmt: off
# isort: skip_file
# ruff: noqa
"""The client for asynchronous code: the same words, awaited."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from . import catalogue, listing, operations, resumption, uploading
from .core import DEFAULT, Core, DefaultType, check_colour, waiting_time
from .jobs import AsyncJob
from .looking import refresh
from .secret import Secret
from .submittable import Submittable, check_id

if TYPE_CHECKING:
    import httpx

    from .artifacts import Result
    from .batch import Done
    from .effects import Progress
    from .events import Event
    from .polling import Poll
    from .resumption import Resumption


class AsyncClient:
    """A client of GMI Cloud's inference queue; use it in `async with`, or `close` it.

    What is None comes from the environment: `GMI_API_KEY`, `GMI_ORG_ID` (only needed with several
    organisations), `GMI_BASE_URL`. `timeout` bounds every wait, in seconds, 30 minutes by default
    and `math.inf` for none. `poll` is a `Poll` or a fixed interval in seconds. `journal` is a file
    in which every submission is noted before it is sent, for `resume` after a crash; `GMI_JOURNAL`
    names one, too. `http_client` is an `httpx.AsyncClient` of yours, for proxies and
    certificates; it stays yours to close. Makes no request. Raises ConfigurationError.
    It may be used in one event loop after another, `asyncio.run` by `asyncio.run`.

    `GMI_LOG=debug` (or info) in the environment shows on stderr what the client does.
    """

    def __init__(
        self,
        api_key: str | None = None,
        org_id: str | None = None,
        base_url: str | None = None,
        *,
        timeout: float | None = None,
        poll: Poll | float | None = None,
        journal: str | os.PathLike[str] | None = None,
        http_client: httpx.AsyncClient | None = None,
    ) -> None:
        key = Secret(api_key)
        del api_key  # a traceback may show the locals of this frame
        check_colour(http_client, asynchronous=True)
        self._core = Core(
            key,
            org_id,
            base_url,
            timeout=timeout,
            poll=poll,
            journal=journal,
            async_client=http_client,
        )
        self.jobs = AsyncJobs(self._core)
        self.models = AsyncModels(self._core)

    async def submit(
        self, request: Submittable, payload: Mapping[str, Any] | None = None
    ) -> AsyncJob:
        """Submit a request, or a payload for a model id, and return the job without waiting.

        Local files in it (`Path`, bytes, open binary files) are uploaded first. There is one POST,
        whatever happens; it is sent again only after a 429 or a failure that provably came before
        sending. Raises SubmissionUnknownError when the job may exist all the same, and otherwise
        InvalidRequestError, UploadError, APIStatusError or APIConnectionError: nothing was started.
        """
        core = self._core
        return await core.aio.run(operations.submitted(core, request, payload, core.async_job))

    async def run(
        self,
        request: Submittable,
        payload: Mapping[str, Any] | None = None,
        *,
        timeout: float | DefaultType | None = DEFAULT,
        on_update: Callable[[Event], object] | None = None,
    ) -> Result:
        """Submit, wait and return the result; `on_update` is called with every event, and
        awaited when it is a coroutine function.

        Raises what `submit` and `Job.result` raise.
        """
        core = self._core
        bound = waiting_time(core, timeout)
        return await core.aio.run(
            operations.run(core, request, payload, core.async_job, bound), on_update
        )

    subscribe = run

    def map(
        self,
        requests: Iterable[Submittable],
        *,
        concurrency: int = 8,
        timeout: float | DefaultType | None = DEFAULT,
        on_update: Callable[[Event], object] | None = None,
    ) -> AsyncIterator[Done]:
        """Run many requests, at most `concurrency` at a time, and yield as they finish.

        What comes is the result of a request or the error it ended in, each with `.request`;
        nothing is raised for a single one. Use it in `async for`. `requests` is read as there is
        room. `timeout` bounds the wait for each. A refused key or an empty account stops the rest.
        """
        from . import async_batch
        from .batch import Batch

        core = self._core
        batch = Batch(core, requests, core.async_job, waiting_time(core, timeout), concurrency)
        return async_batch.drive(core.aio, batch, on_update)

    def job(self, id: str) -> AsyncJob:
        """A handle on a job submitted before, maybe by another process. Makes no request."""
        check_id(id, "job")
        return AsyncJob.attached(self._core, id)

    async def resume(self) -> Resumption[AsyncJob]:
        """What the journal knows of unfinished business, after a process ended before its jobs.

        Makes no request and submits nothing. Raises ConfigurationError without a journal.
        """
        core = self._core
        return await core.aio.run(resumption.resume(core, core.resumed_async_job))

    async def upload(
        self, file: Any, *, name: str | None = None, on_progress: Progress | None = None
    ) -> str:
        """Upload a local file (`Path`, bytes or an open binary file) and return its public URL.

        `name` tells the type of data that has no name. Raises UploadError. Requests upload their
        files by themselves; this is for using one file in many of them.
        """
        core = self._core
        return await core.aio.run(uploading.upload_anything(core.api, file, name, on_progress))

    async def aclose(self) -> None:
        """Close the connections of the running event loop. Jobs that run go on."""
        await self._core.aclose()

    close = aclose

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        core = getattr(self, "_core", None)  # a traceback may show a client that was never made
        return f"AsyncClient(base_url={core.api.base_url if core else None!r})"

    def __reduce__(self) -> Any:
        return self._core.__reduce__()


class AsyncJobs:
    """Jobs of the account: `client.jobs`, awaited."""

    def __init__(self, core: Core) -> None:
        self._core = core

    async def list(
        self, model: str | None = None, *, limit: int = 100, offset: int = 0
    ) -> list[AsyncJob]:
        """Up to `limit` jobs from `offset` on, in the API's order.

        Keys of one organisation see each other's jobs (vendor documentation).
        """
        core = self._core
        return await core.aio.run(listing.list_jobs(core.api, core.async_job, model, limit, offset))

    async def get(self, id: str) -> AsyncJob:
        """Ask for one job. Raises JobNotFoundError."""
        check_id(id, "job")
        core = self._core
        return await core.aio.run(refresh(core.api, AsyncJob.attached(core, id)))


class AsyncModels:
    """The catalogue: `client.models`, awaited."""

    def __init__(self, core: Core) -> None:
        self._core = core

    async def list(self) -> list[str]:
        """The ids of all models."""
        core = self._core
        return await core.aio.run(catalogue.list_models(core.api))

    async def get(self, id: str) -> dict[str, Any]:
        """The details of one model, as the API has them. Raises ModelNotFoundError."""
        core = self._core
        return await core.aio.run(catalogue.model_details(core.api, id))
