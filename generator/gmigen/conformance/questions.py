"""What is asked, in its order: nothing here creates a job or costs anything.

Every question is plain data; the few that depend on answers before them say how. 31 requests at
most, of which 7 put a file of 100 bytes into the store that uploads go to.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping, Sequence

from ..runtime import wire
from .answer import Answers
from .ask import Ask
from .readings import id_of, path, records, some_ids, url_in

DETAILS = 4
"""How many models are looked at."""

TYPES: Mapping[str, str] = {
    "png": "image/png",
    "jpeg": "image/jpeg",
    "jpg": "image/jpg",
    "mp4": "video/mp4",
    "mp3": "audio/mpeg",
    "wav": "audio/wav",
}
"""The types of uploads, and the Content-Type each is believed to be signed for."""

WRONG_TYPE = "application/octet-stream"
CONTENT = (
    b"gmigen conformance: a file of 100 bytes, to see whether it can be put. It may be deleted."
)
FILE = CONTENT.ljust(100, b".")
NOBODY = "gmigen-conformance-no-such-model"

_JSON = {"Content-Type": "application/json"}


def questions() -> Sequence[Ask]:
    """All of them; the id of the job that is not there is made up anew."""
    return (
        Ask("models", _at(path("models"))),
        *(Ask(f"details {number}", _details(number)) for number in range(DETAILS)),
        Ask("twin", _twin, key="none"),
        Ask("unknown model", _at(path("models", NOBODY))),
        Ask("unknown job", _at(path("requests", str(uuid.uuid4())))),
        Ask("unknown route", _at(path("gmigen-conformance-no-such-path"))),
        Ask("wrong key", _at(path("models")), key="made up"),
        Ask("list", _at(path("requests"))),
        Ask("look", _look),
        Ask("page 0", _at(path("requests", limit=2, offset=0))),
        Ask("page 1", _at(path("requests", limit=2, offset=1))),
        Ask("of one model", _of_one_model),
        Ask("of no model", _at(path("requests", model_id=NOBODY, limit=2))),
        Ask("below zero", _at(path("requests", limit=-1))),
        _grant("exe"),
        *(ask for file_type in TYPES for ask in _upload(file_type)),
        Ask("stored", lambda answers: url_in(answers.get("grant png"), "public_url"), key="none"),
    )


def _at(where: str) -> Callable[[Answers], str | None]:
    return lambda answers: where


def _twin(answers: Answers) -> str | None:
    return path("models").replace("/", "../", 1)


def _details(number: int) -> Callable[[Answers], str | None]:
    def where(answers: Answers) -> str | None:
        ids = some_ids(answers, DETAILS)
        return path("models", ids[number]) if number < len(ids) else None

    return where


def _look(answers: Answers) -> str | None:
    found = [name for record in records(answers.get("list")) if (name := id_of(record))]
    return path("requests", found[0]) if found else None


def _of_one_model(answers: Answers) -> str | None:
    found = [wire.identity(record.get("model")) for record in records(answers.get("list"))]
    model = next((name for name in found if name), None)
    return path("requests", model_id=model, limit=2) if model else None


def _grant(file_type: str) -> Ask:
    body = json.dumps({"file_type": file_type}).encode()
    where = _at(path("upload-url"))
    return Ask(f"grant {file_type}", where, "POST", body=body, headers=_JSON)


def _upload(file_type: str) -> Sequence[Ask]:
    def where(answers: Answers) -> str | None:
        return url_in(answers.get(f"grant {file_type}"), "upload_url")

    def put(name: str, content_type: str) -> Ask:
        return Ask(name, where, "PUT", "none", FILE, {"Content-Type": content_type})

    # The wrong type first: a store that takes it is then given the right one.
    wrong = [put("put wrong", WRONG_TYPE)] if file_type == "png" else []
    return (_grant(file_type), *wrong, put(f"put {file_type}", TYPES[file_type]))
