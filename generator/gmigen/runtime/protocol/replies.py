"""From an answer to what it means: a document, or the error that says why there is none."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .. import urls, wire
from ..errors import (
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
from ..records import Handle
from ..redaction import holds_a_key, redacted, without_keys, without_keys_inside
from .effects import KEPT, Failure, Reply
from .pacing import hinted

BODY_LIMIT = 2048
SHOWN = 600
_BACKEND = re.compile(r"Backend error \((\d{3})\)")
_MISSING = re.compile(
    r"([\w.\-]{1,200}) \([^()]{0,200}[Rr]equired parameter is missing[^()]{0,200}\)"
)
_TITLE = re.compile(r"<title[^>]{0,200}>([^<]{1,200})", re.IGNORECASE)
# What is torn inside of a text is one token to the end, so that no quote of it begins another.
_TOKEN = re.compile(rb'"((?:[^"\\]|\\.)*)(?:"|\\?\Z)|[{}\[\]:,]', re.DOTALL)


def document(reply: Reply) -> Any:
    """The JSON value of an answer, without keys that were echoed; None when there is none."""
    value = wire.json_value(reply.body)
    return without_keys_inside(value) if holds_a_key(reply.body) else value


def text_of(body: bytes) -> str:
    """At most 2 KB of a body as text."""
    return body[: 2 * BODY_LIMIT].decode("utf-8", "replace")[:BODY_LIMIT]


def start_of(answer: Reply | Failure) -> bytes:
    """The beginning of what came, at most 64 KiB."""
    return answer.body[:KEPT] if isinstance(answer, Reply) else answer.start


def request_id_in(answer: Reply | Failure) -> str | None:
    """The job that an unusable answer to a submission names, even when its JSON is torn.

    The outermost `request_id`, and no other: the outcome has one of the vendor's. Some gateways
    were met that say `id`, or wrap the record in `data`.
    """
    found: dict[tuple[bytes, ...], str] = {}
    path: list[bytes] = []
    key = last = b""
    for token in _TOKEN.finditer(start_of(answer)):
        mark = token[0]
        if mark == b":":
            key = last
            continue
        if mark in (b"{", b"["):
            path.append(key if mark == b"{" else b"[")
        elif mark in (b"}", b"]"):
            del path[-1:]
        elif mark != b"," and not key:
            last = token[1]
        elif mark != b"," and len(path) <= 2:
            identity = wire.identity(wire.json_value(mark))
            if identity is not None:
                found.setdefault((*path, key), without_keys(identity))
        key = b""
    for place in ((b"", b"request_id"), (b"", b"data", b"request_id"), (b"", b"id")):
        if place in found:
            return found[place]
    return None


def what_came(reply: Reply | Failure) -> str:
    """One phrase for an answer nobody can use."""
    if isinstance(reply, Failure):
        return reply.detail
    body = text_of(reply.body)
    if title := _TITLE.search(body):
        return f'status {reply.status} with a web page titled "{title[1].strip()}"'
    if not reply.body:
        return f"status {reply.status} with an empty body"
    known = wire.json_value(reply.body) is not None
    kind = "JSON of an unknown shape" if known else "no readable JSON"
    return f"status {reply.status} with {kind}"


def nonsense(reply: Reply, about: str) -> ProtocolError:
    """The error for a 2xx answer that does not hold what was asked for."""
    return ProtocolError(f"{about}: {what_came(reply)}. Check GMI_BASE_URL and any proxy between.")


def upstream_status(reply: Reply) -> int | None:
    """N of `Backend error (N)`, the status of the vendor behind the API (recorded in public)."""
    found = _BACKEND.search(text_of(reply.body))
    return int(found[1]) if found else None


def is_refusal(reply: Reply) -> bool:
    """Whether the answer to a submission proves that nothing was started.

    Of the statuses outside the table, 4xx are believed only with a JSON body, because a gateway
    that had passed the request on may have made the page.
    """
    if 300 <= reply.status < 400 or reply.status in _REFUSED:
        return True
    if not isinstance(wire.json_value(reply.body), Mapping):
        return False
    if reply.status == 500:
        upstream = upstream_status(reply)
        return upstream is not None and 400 <= upstream < 500
    return 400 <= reply.status < 500 and reply.status != 408


_REFUSED = frozenset(
    {400, 401, 402, 403, 404, 405, 406, 409, 410, 411, 413, 414, 415, 422, 429, 431}
)


def error_from(
    reply: Reply,
    *,
    about: str = "",
    model: str | None = None,
    job: Handle | None = None,
    unix: float = 0.0,
) -> GMIError:
    """The error for an answer outside 2xx. `about` says what was asked, for the message."""
    body = wire.json_value(reply.body)
    said = _said(body, reply)
    status = reply.status
    if status < 400:
        parts = urls.split(reply.headers.get("location", ""))
        towards = f" towards {parts.hostname}" if parts else ""
        return ProtocolError(
            f"{about} was answered with status {status}{towards}, which this API has no use for. "
            "Check the base URL and any proxy between.",
            job=job,
        )
    kind, advice = _meaning(status, said, model=model, job=job)
    facts: dict[str, Any] = {}
    if kind is BadRequestError:
        facts["missing"] = tuple(dict.fromkeys(_MISSING.findall(said)))
    if kind is InternalServerError:
        facts["upstream_status"] = upstream_status(reply)
    text = redacted(text_of(reply.body))
    return kind(
        f"{about + ': ' if about else ''}{said[:SHOWN].rstrip('.')} (status {status}). {advice}",
        status_code=status,
        body=wire.json_value(text) if body is not None and len(reply.body) <= BODY_LIMIT else text,
        request_id=request_id_in(reply),
        retry_after=hinted(reply.headers, body, unix=unix),
        job=job,
        **facts,
    )


_KINDS: dict[int, tuple[type[APIStatusError], str]] = {
    400: (BadRequestError, "Correct the payload and submit again; nothing was started."),
    422: (BadRequestError, "Correct the payload and submit again; nothing was started."),
    401: (
        AuthenticationError,
        "Check GMI_API_KEY; keys are made on the API keys page of https://console.gmicloud.ai.",
    ),
    402: (InsufficientCreditsError, "Add credits to the account, then submit again."),
    403: (PermissionDeniedError, "Check what this key and organisation may use."),
    404: (
        NotFoundError,
        "This address does not belong to the request queue; check GMI_BASE_URL.",
    ),
    405: (
        APIStatusError,
        "This address does not belong to the request queue; check GMI_BASE_URL.",
    ),
    429: (RateLimitError, "Wait before submitting again; nothing was started."),
}
_UPSTREAM = {
    "400": "The vendor refused a value in the payload",
    "401": "The account is not entitled to this model",
    "403": "The vendor refused the payload, often for a value of the wrong JSON type",
}


def _meaning(
    status: int, said: str, *, model: str | None, job: Handle | None
) -> tuple[type[APIStatusError], str]:
    if status == 403 and "1010" in said:
        advice = "The edge refused the client program itself; leave the User-Agent as it is."
        return PermissionDeniedError, advice
    if status == 404 and job is not None:
        advice = "Check the job id, and that the key is of the same organisation."
        return JobNotFoundError, advice
    if status == 404 and model is not None and not said.lstrip().startswith(("<", "a web page")):
        advice = "Ids are case-sensitive, and a key may not have access to every model."
        return ModelNotFoundError, advice
    if status in _KINDS:
        return _KINDS[status]
    if status < 500:
        return APIStatusError, "Nothing was started; see .body for the whole answer."
    found = _BACKEND.search(said)
    if found and found[1] in _UPSTREAM:
        return InternalServerError, f"{_UPSTREAM[found[1]]}; the same request will fail again."
    return InternalServerError, "Try again later."


def _said(body: Any, reply: Reply) -> str:
    told = _sentence(body)
    if told:
        return told
    text = text_of(reply.body)
    if title := _TITLE.search(text):
        return f'a web page titled "{title[1].strip()}"'
    plain = " ".join(text.split())
    return plain[:200] if plain and body is None and "<" not in plain else "no explanation"


def _sentence(body: Any, depth: int = 0) -> str:
    """The API's own words in an error body, whichever of the known shapes it has."""
    if isinstance(body, Mapping) and depth < 4:
        named = (_sentence(body.get(name), depth + 1) for name in _SAYING)
        return next((told for told in named if told), "")
    if isinstance(body, list) and depth and depth < 4:
        return "; ".join(filter(None, (_sentence(entry, depth + 1) for entry in body[:10])))[:600]
    return " ".join((wire.text(body) or "").split()) if depth else ""


_SAYING = ("error", "message", "detail", "error_message", "msg", "reason", "title")


def error_for(failure: Failure, about: str, *, job: Handle | None = None) -> GMIError:
    """The error for an exchange that brought no answer."""
    kind, sentence = _TROUBLES.get(failure.kind, _NOT_REACHED)
    return kind(f"{about}: {sentence.format(failure.detail)}", job=job)


_NOT_REACHED: tuple[type[GMIError], str] = (
    APIConnectionError,
    "the API was not reached ({}). Check the network, GMI_BASE_URL and the proxy, then try again.",
)
_LATE: tuple[type[GMIError], str] = (APITimeoutError, "no answer in time ({}). Try again later.")
_UNREADABLE: tuple[type[GMIError], str] = (
    ProtocolError,
    "the answer cannot be read ({}). Try again later.",
)
_TROUBLES: dict[str, tuple[type[GMIError], str]] = {
    "tls": (
        APIConnectionError,
        "the secure connection failed ({}). Check the clock and the certificate authorities of "
        "this machine; SSL_CERT_FILE may name another bundle.",
    ),
    "pool": (
        APIConnectionError,
        "all connections of this client were busy ({}). Use fewer at a time.",
    ),
    "connect timeout": _LATE,
    "timeout": _LATE,
    "write timeout": _LATE,
    "unreadable": _UNREADABLE,
    "too large": _UNREADABLE,
}
