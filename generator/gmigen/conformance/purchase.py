"""The questions about one job that is paid for: asked once, looked at to its end."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from typing import Any

from ..runtime import wire
from ..runtime.files.outcome import Found, files
from ..runtime.records import TERMINAL, normalised
from .answer import Answer, Answers
from .ask import Ask
from .offers import Offer
from .readings import path

SUBMIT = "submit"
LOOK = "job "
"""What the names of looks at the job begin with; a number follows."""

_RECORD = ("request_id", "model", "status")


def price_now(offer: Offer) -> Ask:
    return Ask("price now", lambda answers: path("models", offer.model.id))


def submission(offer: Offer) -> Ask:
    """The one POST; its Idempotency-Key is there to see whether it does harm."""
    body = json.dumps({"model": offer.model.id, "payload": dict(offer.payload)}).encode()
    headers = {"Content-Type": "application/json", "Idempotency-Key": str(uuid.uuid4())}
    return Ask(SUBMIT, lambda answers: path("requests"), "POST", body=body, headers=headers)


def look(name: str) -> Ask:
    return Ask(name, _job)


def afterwards(offer: Offer) -> tuple[Ask, ...]:
    """What is asked after the end."""
    ranged = {"Range": "bytes=0-0"}
    return (
        look("job again"),
        Ask("job listed", lambda answers: path("requests", model_id=offer.model.id, limit=5)),
        Ask("file part", result_url, key="none", headers=ranged),
    )


def job_id(answers: Answers) -> str | None:
    """The id of the job that was made; None where nobody can know of one."""
    answer = answers.get(SUBMIT)
    return wire.identity(answer.mapping.get("request_id")) if answer is not None else None


def records(answers: Answers) -> list[Mapping[str, Any]]:
    """Every record of the job that came, the receipt first, up to its end."""
    names = (name for name in answers if name == SUBMIT or name.startswith(LOOK))
    return [
        answers[name].mapping
        for name in names
        if name not in ("job again", "job listed") and _is_record(answers[name])
    ]


def ended(answers: Answers) -> Mapping[str, Any] | None:
    """The record at the end of the job; None before."""
    found = records(answers)
    return found[-1] if found and word(found[-1]) in TERMINAL else None


def word(record: Mapping[str, Any]) -> str:
    """The vendor's word for the status of a record."""
    return normalised(str(record.get("status") or ""))


def result_url(answers: Answers) -> str | None:
    """The address of the first file of the result."""
    end = ended(answers)
    outcome = end.get("outcome") if end is not None else None
    if not isinstance(outcome, Mapping):
        return None
    found: list[Found] = files(outcome)
    return next((str(one.url) for one in found if one.url.startswith("http")), None)


def _job(answers: Answers) -> str | None:
    found = job_id(answers)
    return path("requests", found) if found else None


def _is_record(answer: Answer) -> bool:
    return answer.status == 200 and all(name in answer.mapping for name in _RECORD)
