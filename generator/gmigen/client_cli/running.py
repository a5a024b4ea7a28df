"""`gmi run`, `submit` and `wait`: the price before, the job while it runs, the files after."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from .cost import briefly, hold
from .emulation import rehearsed
from .output import is_terminal, job_document, note, out, out_json
from .progress import show
from .request import Given, read_request
from .results import Delivery, check_output, finish
from .setup import client
from .submission import submit as submitted

if TYPE_CHECKING:
    from ..client.client import Client
    from .endings import Work


@dataclass(frozen=True)
class Asked:
    """What the options of a command say."""

    model: str = ""
    values: tuple[str, ...] = ()
    unchecked: bool = False
    allow_empty: bool = False
    dry_run: bool = False
    key: str | None = None
    max_cost: float | None = None
    allow_unknown_cost: bool = False
    emulate: bool = False
    timeout: float | None = None
    delivery: Delivery = field(default_factory=Delivery)

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Asked:
        """The same from the words of the command line."""
        names = {one.name for one in fields(Delivery)} & given.keys()
        delivery = Delivery(**{name: given[name] for name in names})
        own = {one.name for one in fields(cls)} & given.keys()
        return cls(**{name: given[name] for name in own}, delivery=delivery)

    def request(self) -> Given:
        """The request, checked, and held to what it may cost. Raises InvalidRequestError and
        BudgetExceededError.
        """
        given = read_request(
            self.model, self.values, unchecked=self.unchecked, allow_empty=self.allow_empty
        )
        if self.max_cost is not None:
            allow = self.allow_unknown_cost
            hold(given.model, given.cost, self.max_cost, allow_unknown_cost=allow)
        return given


def run(asked: Asked, work: Work) -> None:
    """Submit a request, wait for it, and bring what it made."""
    check_output(work, asked.delivery)
    request = asked.request()
    if asked.dry_run:
        return request.tell(work.as_json)
    with _api(asked, work) as api:
        before(request)
        seen = show()
        job = submitted(api, request, work, seen, asked.key)
        finish(job, work, asked.timeout, asked.delivery, seen)


def submit(asked: Asked, work: Work) -> None:
    """Submit a request, and print the id of its job."""
    request = asked.request()
    if asked.dry_run:
        return request.tell(work.as_json)
    with _api(asked, work) as api:
        before(request)
        job = submitted(api, request, work, show(), asked.key)
    if work.as_json:
        out_json(job_document(job))
    else:
        out(job.id)


def wait(id: str, asked: Asked, work: Work) -> None:
    """Take up a job, and bring what it made."""
    check_output(work, asked.delivery)
    with client(goes_on=True) as api:
        work.job = job = api.job(id)
        finish(job, work, asked.timeout, asked.delivery, show())


def before(request: Given) -> None:
    """Tell a person what it costs, before it does."""
    if is_terminal(sys.stderr):
        note(f"gmi: {briefly(request.cost)}")


@contextmanager
def _api(asked: Asked, work: Work) -> Iterator[Client]:
    if not asked.emulate:
        with client(submits=True) as api:
            yield api
        return
    work.emulated = True
    with rehearsed(asked.model), client() as api:
        yield api
