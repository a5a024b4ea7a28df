# fmt: off
# isort: skip_file
# ruff: noqa
"""One request as a workflow of DBOS: it goes on where it was, whatever process has it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from dbos import DBOS, DBOSClient, DBOSPortableJSONSerializer
from dbos import error as refusals
from sqlalchemy.exc import SQLAlchemyError

from . import states
from .database import Database, away
from .steps import Steps, Stopped
from .store import Put
from .tables import FORMAT

APPLICATION = "gmi-batch"
VERSION = f"{APPLICATION}-{FORMAT}"
WORKFLOW = "gmi_request"


@dataclass
class _Here:
    steps: Steps | None = None


HERE = _Here()
"""Whose hands this process lends to workflows; DBOS knows them by their functions only."""


@DBOS.workflow(name=WORKFLOW, max_recovery_attempts=None)
def request(key: str, round: int, model: str, priority: int | None) -> str:
    """Reserve, submit, collect. A workflow of a round that is over does nothing."""
    steps = HERE.steps
    assert steps is not None, "a worker lends its hands before it launches"
    name = workflow_of(key, round)
    steps.begun.add(name)
    try:
        return _done(steps, key, round, model, priority)
    except refusals.DBOSException:
        raise
    except Exception as error:
        if isinstance(error, SQLAlchemyError) and away(error):
            raise Stopped from None  # it is put back when the database is
        # Not an end of this request: the disk is full, say. It stays with the batch.
        steps.give_up(error)
        raise Stopped from None
    finally:
        steps.begun.discard(name)


def _done(steps: Steps, key: str, round: int, model: str, priority: int | None) -> str:
    state = DBOS.run_step({"name": "reserve"}, steps.reserve, key, round)
    if state not in (states.SUBMITTING, states.RUNNING):
        return state
    told = DBOS.run_step({"name": "submit"}, steps.submit, key, round)
    if told.get("again"):
        later: Any = {
            **_options(key, model, round + 1, priority),
            "delay_seconds": told["pause"],
        }
        DBOS.enqueue_workflow_with_options(later, key, round + 1, model, priority)
    if told["state"] != states.RUNNING:
        return str(told["state"])
    return str(DBOS.run_step({"name": "collect"}, steps.collect, key, told["job"])["state"])


def workflow_of(key: str, round: int) -> str:
    """The name of the workflow that has a request in this round."""
    return f"{key}#{round}"


def queue_of(model: str) -> str:
    """The name of the queue for a model."""
    return f"gmi {model}"


def _options(key: str, model: str, round: int, priority: int | None) -> dict[str, Any]:
    told: dict[str, Any] = {
        "workflow_name": WORKFLOW,
        "queue_name": queue_of(model),
        "workflow_id": workflow_of(key, round),
        "app_version": VERSION,
        "application_name": APPLICATION,
    }
    return {**told, "priority": priority} if priority is not None else told


def prepared(database: Database) -> None:
    """Make what DBOS keeps its work in. Raises ConfigurationError."""
    place = database.place
    url = place.url.render_as_string(hide_password=False)
    try:
        DBOS.migrate(url, schema=place.schema or "dbos")
    except (SQLAlchemyError, refusals.DBOSException) as trouble:
        raise database.refusal(trouble) from None


def office(database: Database) -> DBOSClient:
    """What puts workflows on queues, lists them and sets queues, beside any worker."""
    place = database.place
    return DBOSClient(
        system_database_engine=database.engine,
        dbos_system_schema=place.schema,
        serializer=DBOSPortableJSONSerializer(),
        application_name=APPLICATION,
        retry_connection_errors=True,
    )


def putting(client: DBOSClient) -> Put:
    """How a request gets on the queue of its model, in the transaction that notes it."""

    def put(c: sa.Connection, key: str, model: str, round: int, priority: int | None) -> None:
        options: Any = _options(key, model, round, priority)
        client.enqueue_in_transaction(c, options, key, round, model, priority)

    return put
