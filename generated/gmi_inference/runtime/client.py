# fmt: off
# isort: skip_file
# ruff: noqa
"""The client for synchronous code."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from . import catalogue, listing, operations, resumption, uploading
from .core import DEFAULT, Core, DefaultType, check_colour, waiting_time
from .jobs import Job
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


class Client:
    """A client of GMI Cloud's inference queue; use it in `with`, or `close` it.

    What is None comes from the environment: `GMI_API_KEY`, `GMI_ORG_ID` (only needed with several
    organisations), `GMI_BASE_URL`. `timeout` bounds every wait, in seconds, 30 minutes by default
    and `math.inf` for none. `poll` is a `Poll` or a fixed interval in seconds. `journal` is a file
    in which every submission is noted before it is sent, for `resume` after a crash; `GMI_JOURNAL`
    names one, too. `http_client` is an `httpx.Client` of yours, for proxies and
    certificates; it stays yours to close. Makes no request. Raises ConfigurationError.
    Safe to share between threads.

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
        http_client: httpx.Client | None = None,
    ) -> None:
        key = Secret(api_key)
        del api_key  # a traceback may show the locals of this frame
        check_colour(http_client, asynchronous=False)
        self._core = Core(
            key,
            org_id,
            base_url,
            timeout=timeout,
            poll=poll,
            journal=journal,
            sync_client=http_client,
        )
        self.jobs = Jobs(self._core)
        self.models = Models(self._core)

    def submit(self, request: Submittable, payload: Mapping[str, Any] | None = None) -> Job:
        """Submit a request, or a payload for a model id, and return the job without waiting.

        Local files in it (`Path`, bytes, open binary files) are uploaded first. There is one POST,
        whatever happens; it is sent again only after a 429 or a failure that provably came before
        sending. Raises SubmissionUnknownError when the job may exist all the same, and otherwise
        InvalidRequestError, UploadError, APIStatusError or APIConnectionError: nothing was started.
        """
        core = self._core
        return core.sync.run(operations.submitted(core, request, payload, core.job))

    def run(
        self,
        request: Submittable,
        payload: Mapping[str, Any] | None = None,
        *,
        timeout: float | DefaultType | None = DEFAULT,
        on_update: Callable[[Event], object] | None = None,
    ) -> Result:
        """Submit, wait and return the result; `on_update` is called with every event.

        Raises what `submit` and `Job.result` raise.
        """
        core = self._core
        bound = waiting_time(core, timeout)
        return core.sync.run(operations.run(core, request, payload, core.job, bound), on_update)

    subscribe = run

    def map(
        self,
        requests: Iterable[Submittable],
        *,
        concurrency: int = 8,
        timeout: float | DefaultType | None = DEFAULT,
        on_update: Callable[[Event], object] | None = None,
    ) -> Iterator[Done]:
        """Run many requests, at most `concurrency` at a time, and yield as they finish.

        What comes is the result of a request or the error it ended in, each with `.request`;
        nothing is raised for a single one. `requests` is read as there is room. `timeout` bounds
        the wait for each. A refused key or an empty account stops the rest.
        """
        from . import sync_batch
        from .batch import Batch

        core = self._core
        batch = Batch(core, requests, core.job, waiting_time(core, timeout), concurrency)
        return sync_batch.drive(core.sync, batch, on_update)

    def job(self, id: str) -> Job:
        """A handle on a job submitted before, maybe by another process. Makes no request."""
        check_id(id, "job")
        return Job.attached(self._core, id)

    def resume(self) -> Resumption[Job]:
        """What the journal knows of unfinished business, after a process ended before its jobs.

        Makes no request and submits nothing. Raises ConfigurationError without a journal.
        """
        core = self._core
        return core.sync.run(resumption.resume(core, core.resumed_job))

    def upload(
        self, file: Any, *, name: str | None = None, on_progress: Progress | None = None
    ) -> str:
        """Upload a local file (`Path`, bytes or an open binary file) and return its public URL.

        `name` tells the type of data that has no name. Raises UploadError. Requests upload their
        files by themselves; this is for using one file in many of them.
        """
        core = self._core
        return core.sync.run(uploading.upload_anything(core.api, file, name, on_progress))

    def close(self) -> None:
        """Close the connections. Jobs that run go on."""
        self._core.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        core = getattr(self, "_core", None)  # a traceback may show a client that was never made
        return f"Client(base_url={core.api.base_url if core else None!r})"

    def __reduce__(self) -> Any:
        return self._core.__reduce__()


class Jobs:
    """Jobs of the account: `client.jobs`."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def list(self, model: str | None = None, *, limit: int = 100, offset: int = 0) -> list[Job]:
        """Up to `limit` jobs from `offset` on, in the API's order.

        Keys of one organisation see each other's jobs (vendor documentation).
        """
        core = self._core
        return core.sync.run(listing.list_jobs(core.api, core.job, model, limit, offset))

    def get(self, id: str) -> Job:
        """Ask for one job. Raises JobNotFoundError."""
        check_id(id, "job")
        core = self._core
        return core.sync.run(refresh(core.api, Job.attached(core, id)))


class Models:
    """The catalogue: `client.models`."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def list(self) -> list[str]:
        """The ids of all models."""
        core = self._core
        return core.sync.run(catalogue.list_models(core.api))

    def get(self, id: str) -> dict[str, Any]:
        """The details of one model, as the API has them. Raises ModelNotFoundError."""
        core = self._core
        return core.sync.run(catalogue.model_details(core.api, id))
