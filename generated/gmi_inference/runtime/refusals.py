# fmt: off
# isort: skip_file
# ruff: noqa
"""From an answer that is not a success to the error that says what it means."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from .api import parsed
from .backoff import hinted
from .errors import (
    APIConnectionError,
    APIStatusError,
    APITimeoutError,
    AuthenticationError,
    BadRequestError,
    GMIError,
    InsufficientCreditsError,
    InternalServerError,
    JobNotFoundError,
    ModelNotFoundError,
    NotFoundError,
    PermissionDeniedError,
    ProtocolError,
    RateLimitError,
)

if TYPE_CHECKING:
    from .effects import Reply, Trouble
    from .handles import Handle

BODY_LIMIT = 2048
_BACKEND = re.compile(r"Backend error \((\d{3})\)")
_MISSING = re.compile(r"([\w.\-]+) \([^()]*[Rr]equired parameter is missing[^()]*\)")
_TITLE = re.compile(r"<title[^>]*>([^<]{1,200})", re.IGNORECASE)
_ID_HINT = re.compile(rb'"request_id"\s*:\s*"([^"\\]{1,200})"')


def text_of(body: bytes, scrub: Callable[[str], str]) -> str:
    """At most 2 KB of a body as text, without the key, should it have been echoed."""
    return scrub(body[: 2 * BODY_LIMIT].decode("utf-8", "replace"))[:BODY_LIMIT]


def request_id_in(body: bytes) -> str | None:
    """The request id in a body, even when the JSON around it is torn."""
    document = parsed(body)
    if isinstance(document, Mapping):
        named = document.get("request_id")
        return named if isinstance(named, str) and named else None
    found = _ID_HINT.search(body[:65536])
    return found[1].decode("utf-8", "replace") if found else None


def what_came(reply: Reply, scrub: Callable[[str], str]) -> str:
    """One phrase for an answer nobody can use."""
    body = text_of(reply.body, scrub)
    if title := _TITLE.search(body):
        return f'status {reply.status} with a web page titled "{title[1].strip()}"'
    if not reply.body:
        return f"status {reply.status} with an empty body"
    kind = "JSON of an unknown shape" if parsed(reply.body) is not None else "no readable JSON"
    return f"status {reply.status} with {kind}"


def upstream_status(reply: Reply) -> int | None:
    """N of `Backend error (N)`, the status of the vendor behind the API (recorded in public)."""
    found = _BACKEND.search(reply.body[:BODY_LIMIT].decode("utf-8", "replace"))
    return int(found[1]) if found else None


def error_from(
    reply: Reply,
    scrub: Callable[[str], str],
    *,
    about: str = "",
    model: str | None = None,
    job: Handle | None = None,
) -> GMIError:
    """The error for an answer outside 2xx. `about` says what was asked, for the message."""
    document = parsed(reply.body)
    said = _said(document, reply, scrub)
    status = reply.status
    if status < 400:
        return ProtocolError(
            f"{about} was answered with status {status}{_towards(reply)}, which this API has no "
            "use for. Check the base URL and any proxy between.",
            job=job,
        )
    kind, advice = _meaning(status, said, model=model, job=job)
    sentence = f"{about + ': ' if about else ''}{said.rstrip('.')} (status {status}). {advice}"
    error = kind(
        sentence,
        status_code=status,
        body=_bounded(document, reply, scrub),
        request_id=request_id_in(reply.body),
        retry_after=hinted(reply.headers, document),
        job=job,
    )
    if isinstance(error, BadRequestError):
        error.missing = tuple(dict.fromkeys(_MISSING.findall(said)))
    if isinstance(error, InternalServerError):
        error.upstream_status = upstream_status(reply)
    return error


def _meaning(
    status: int, said: str, *, model: str | None, job: Handle | None
) -> tuple[type[APIStatusError], str]:
    if status in (400, 422):
        return BadRequestError, "Correct the payload and submit again; nothing was started."
    if status == 401:
        return AuthenticationError, (
            "Check GMI_API_KEY; keys are made on the API keys page of https://console.gmicloud.ai."
        )
    if status == 402:
        return InsufficientCreditsError, "Add credits to the account, then submit again."
    if status == 403 and "1010" in said:
        return PermissionDeniedError, (
            "The edge refused the client program itself; leave the User-Agent as it is."
        )
    if status == 403:
        return PermissionDeniedError, "Check what this key and organisation may use."
    if status == 404 and job is not None:
        return JobNotFoundError, "Check the job id, and that the key is of the same organisation."
    if status == 404 and model is not None and not said.lstrip().startswith("<"):
        return ModelNotFoundError, (
            "Ids are case-sensitive, and a key may not have access to every model."
        )
    if status in (404, 405):
        return (NotFoundError if status == 404 else APIStatusError), (
            "This address does not belong to the request queue; check GMI_BASE_URL."
        )
    if status == 429:
        return RateLimitError, "Wait before submitting again; nothing was started."
    if status >= 500:
        return InternalServerError, _server_advice(said)
    return APIStatusError, "Nothing was started; see .body for the whole answer."


def _server_advice(said: str) -> str:
    found = _BACKEND.search(said)
    meanings = {
        "400": "The vendor refused a value in the payload",
        "401": "The account is not entitled to this model",
        "403": "The vendor refused the payload, often for a value of the wrong JSON type",
    }
    if found and found[1] in meanings:
        return f"{meanings[found[1]]}; the same request will fail again."
    return "Try again later."


def _said(document: Any, reply: Reply, scrub: Callable[[str], str]) -> str:
    if isinstance(document, Mapping):
        error = document.get("error", document.get("message", document.get("detail")))
        if isinstance(error, Mapping):
            error = error.get("message", error)
        if error:
            return scrub(" ".join(str(error).split()))[:600]
    text = text_of(reply.body, scrub)
    if title := _TITLE.search(text):
        return f'a web page titled "{title[1].strip()}"'
    plain = " ".join(text.split())
    return plain[:200] if plain and document is None and "<" not in plain else "no explanation"


def _towards(reply: Reply) -> str:
    from . import addresses

    parts = addresses.split(reply.headers.get("location", ""))
    return f" towards {parts.hostname}" if parts else ""


def _bounded(document: Any, reply: Reply, scrub: Callable[[str], str]) -> Any:
    text = text_of(reply.body, scrub)
    if document is not None and len(reply.body) <= BODY_LIMIT:
        return parsed(text.encode())
    return text


def error_for(trouble: Trouble, about: str, *, job: Handle | None = None) -> GMIError:
    """The error for an exchange that brought no answer."""
    if trouble.kind == "tls":
        return APIConnectionError(
            f"{about}: the secure connection failed ({trouble.detail}). Check the clock and the "
            "certificate authorities of this machine; SSL_CERT_FILE may name another bundle.",
            job=job,
        )
    if trouble.kind == "pool":
        return APIConnectionError(
            f"{about}: all connections of this client were busy. Use fewer at a time.", job=job
        )
    if trouble.kind in ("connect timeout", "timeout", "write timeout"):
        return APITimeoutError(
            f"{about}: no answer in time ({trouble.detail}). Try again later.", job=job
        )
    if trouble.kind in ("unreadable", "too large"):
        return ProtocolError(
            f"{about}: the answer cannot be read ({trouble.detail}). Try again later.", job=job
        )
    return APIConnectionError(
        f"{about}: the API was not reached ({trouble.detail}). "
        "Check the network and GMI_BASE_URL, then try again.",
        job=job,
    )
