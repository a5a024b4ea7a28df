# fmt: off
# isort: skip_file
# ruff: noqa
"""The client for synchronous code."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NoReturn

from ..runtime.budget import Budget
from ..runtime.config import Secret
from ..runtime.events import Event
from ..runtime.protocol import catalog
from ..runtime.protocol.effects import Progress
from ..runtime.protocol.entries import JournalStore
from ..runtime.protocol.pacing import Poll
from ..runtime.protocol.payload import Submittable, check_id
from ..runtime.protocol.recovery import Resumption
from ..runtime.session import DEFAULT, Bound
from .base_client import BaseClient, HasPart, HTTPClient, Part, Unpack
from .jobs import Job
from .many.scheduler import BatchItem, BatchOutcome
from .operations import BatchManners, Manners
from .results import Result


class Jobs(Part):
    """Jobs of the account: `client.jobs`."""

    def list(self, model: str | None = None, *, limit: int = 100, offset: int = 0) -> list[Job]:
        """Up to `limit` jobs from `offset` on, in the API's order.

        Keys of one organisation see each other's jobs (vendor documentation).
        """
        return self._session.sync.run(self._listing(Job, model, limit, offset))

    def get(self, id: str) -> Job:
        """Ask for one job. Raises JobNotFoundError."""
        return self._session.sync.run(self._asking(Job, id))


class Models(Part):
    """The catalogue: `client.models`."""

    def list(self) -> list[str]:
        """The ids of all models."""
        return self._session.sync.run(catalog.list_models(self._session.context))

    def get(self, id: str) -> dict[str, Any]:
        """The details of one model, as the API has them. Raises ModelNotFoundError."""
        return self._session.sync.run(catalog.model_details(self._session.context, id))


class Client(BaseClient[Job, Result]):
    """A client of GMI Cloud's inference queue; use it in `with`, or `close` it.

    What is None comes from the environment: `GMI_API_KEY`, `GMI_ORG_ID` (only needed with several
    organisations), `GMI_BASE_URL`. `timeout` bounds every wait, in seconds, 30 minutes by default
    and `math.inf` for none. `poll` is a `Poll` or a fixed interval in seconds. `journal` is a file
    in which every submission is noted before it is sent, for `key=` and for `resume` after a crash:
    JSON lines, SQLite where it ends in `.db`, or a `JournalStore` of yours; `GMI_JOURNAL` names
    one, too. `proxy` is the URL of a proxy, None for what the environment says
    (`HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY`) and "" for none. `budget`, in US dollars, refuses what
    may cost more than is left of it, by what is published. `http_client` is an `httpx.Client` of
    yours, for certificates, tests and traces; it stays yours to close. Makes no request. Raises
    ConfigurationError. It may be shared between threads.

    `GMI_LOG=debug` (or info) in the environment shows on stderr what the client does.
    """

    _job, _result, _lane = Job, Result, "sync_client"

    jobs = HasPart(Jobs)
    models = HasPart(Models)

    def __init__(
        self,
        api_key: Any = None,
        org_id: str | None = None,
        base_url: str | None = None,
        *,
        timeout: float | None = None,
        poll: Poll | float | None = None,
        journal: str | os.PathLike[str] | JournalStore | None = None,
        proxy: str | None = None,
        budget: Budget | float | None = None,
        http_client: HTTPClient | None = None,
        **guessed: NoReturn,
    ) -> None:
        key = Secret(api_key)
        del api_key  # a traceback may show the locals of this frame
        how = {"timeout": timeout, "poll": poll, "journal": journal, "proxy": proxy}
        super().__init__(key, org_id, base_url, http_client, guessed, budget=budget, **how)

    def submit(
        self,
        request: Submittable,
        payload: Mapping[str, Any] | None = None,
        **how: Unpack[Manners],
    ) -> Job:
        """Submit a request, or a payload for a model id, and return the job without waiting.

        Local files in it (`Path`, bytes, open binary files) are uploaded first. There is one POST,
        whatever happens; it is sent again only after a 429 or a failure that provably came before
        sending. A payload for a model this package knows is checked like its class, unless
        `unchecked=True`; an empty one is refused, unless `allow_empty=True`.

        With `key=`, a name of yours such as `"row-17"`, and a journal, the same request is never
        paid twice: a key that was accepted gives its job without a POST, one whose ending is
        unknown is looked for and stays an error while it is, one of another request is refused.

        Raises SubmissionUnknownError when the job may exist all the same, and otherwise
        InvalidRequestError, BudgetExceededError, UploadError, APIStatusError or APIConnectionError:
        nothing was started.
        """
        return self._session.sync.run(self._submitting(request, payload, how))

    def run(
        self,
        request: Submittable,
        payload: Mapping[str, Any] | None = None,
        *,
        timeout: Bound = DEFAULT,
        on_update: Callable[[Event], object] | None = None,
        **how: Unpack[Manners],
    ) -> Result:
        """Submit, wait and return the result; `on_update` is called with every event.

        Raises what `submit` and `Job.result` raise.
        """
        flow = self._running(request, payload, timeout, how)
        return self._session.sync.run(flow, on_update)

    subscribe = run

    def map(
        self,
        requests: Iterable[BatchItem],
        *,
        concurrency: int = 8,
        timeout: Bound = DEFAULT,
        on_update: Callable[[Event], object] | None = None,
        ordered: bool = False,
        **how: Unpack[BatchManners],
    ) -> Iterator[BatchOutcome]:
        """Run many requests, at most `concurrency` at a time, and yield as they finish.

        A request is a request object, or a model id with its payload: `("Veo3", {...})`. What comes
        is the result of a request or the error it ended in, each with `.request` and `.index`, in
        the order of the requests when `ordered`; nothing is raised for a single one. `requests` is
        read as there is room. `timeout` bounds the wait for each, and how long it waits for its
        turn at the pace of its model. `key` holds the keys in the order of the requests, or is a
        function that gives the key of one; see `submit`. `budget` bounds what they may cost
        together, in US dollars by estimates. A refused API key or an empty account
        stops the rest. Whatever ends the iteration early names the jobs that still run.
        """
        from .many import sync

        batch = self._batch(requests, concurrency, timeout, ordered, how)
        return sync.drive(self._session.sync, batch, on_update)

    @property
    def open_jobs(self) -> list[Job]:
        """The jobs this client submitted whose end it has not seen, the oldest first; after a wait
        that was cancelled, say. Asks nothing.
        """
        return self._open()

    def job(self, id: str) -> Job:
        """A handle on a job submitted before, maybe by another process. Makes no request."""
        check_id(id, "job")
        return Job._attached(self._session, id)

    def resume(self) -> Resumption[Job]:
        """What the journal knows of unfinished business, after a process ended before its jobs.

        Makes no request and submits nothing. Raises ConfigurationError without a journal.
        """
        return self._session.sync.run(self._resuming())

    def upload(
        self, file: Any, *, name: str | None = None, on_progress: Progress | None = None
    ) -> str:
        """Upload a local file (`Path`, bytes or an open binary file) and return its public URL.

        `name` tells the type of data that has no name. Raises UploadError. Requests upload their
        files by themselves; this is for using one file in many of them.
        """
        return self._session.sync.run(self._uploading(file, name, on_progress))

    def close(self) -> None:
        """Close the connections. Jobs that run go on, and results can still be saved."""
        self._session.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
