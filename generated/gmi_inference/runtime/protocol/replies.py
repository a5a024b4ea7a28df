# fmt: off
# isort: skip_file
# ruff: noqa
"""From an answer to what it means: a document, or the error that says why there is none."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .. import errors, urls, wire
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
    places = ((b"", b"request_id"), (b"", b"data", b"request_id"), (b"", b"id"))
    return next((found[place] for place in places if place in found), None)


def what_came(reply: Reply | Failure) -> str:
    """One phrase for an answer nobody can use."""
    if isinstance(reply, Failure):
        return reply.detail
    kind = _page(reply)
    if not kind and not reply.body:
        kind = "an empty body"
    elif not kind:
        readable = wire.json_value(reply.body) is not None
        kind = "JSON of an unknown shape" if readable else "no readable JSON"
    return f"status {reply.status} with {kind}"


def _page(reply: Reply) -> str | None:
    title = _TITLE.search(text_of(reply.body))
    return f'a web page titled "{title[1].strip()}"' if title else None


def nonsense(reply: Reply, about: str) -> errors.ProtocolError:
    """The error for a 2xx answer that does not hold what was asked for."""
    advice = "Check GMI_BASE_URL and any proxy between."
    return errors.ProtocolError(f"{about}: {what_came(reply)}. {advice}")


def upstream_status(reply: Reply) -> int | None:
    """N of `Backend error (N)`, the status of the vendor behind the API (recorded in public)."""
    found = _BACKEND.search(text_of(reply.body))
    return int(found[1]) if found else None


def is_refusal(reply: Reply | Failure) -> bool:
    """Whether the answer to a submission proves that nothing was started.

    Of the statuses outside the table, 4xx are believed only with a JSON body, because a gateway
    that had passed the request on may have made the page.
    """
    if isinstance(reply, Failure):
        return not reply.sent
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
    reply: Reply | Failure,
    about: str,
    *,
    model: str | None = None,
    job: Handle | None = None,
    unix: float = 0.0,
) -> errors.GMIError:
    """The error for no answer, or for one outside 2xx. `about` says what was asked."""
    if isinstance(reply, Failure):
        trouble, sentence = _TROUBLES.get(reply.kind, _NOT_REACHED)
        return trouble(f"{about}: {sentence.format(reply.detail)}", job=job)
    body = wire.json_value(reply.body)
    said = _said(body, reply)
    status = reply.status
    if status < 400:
        parts = urls.split(reply.headers.get("location", ""))
        towards = f" towards {parts.hostname}" if parts else ""
        return errors.ProtocolError(
            f"{about} was answered with status {status}{towards}, which this API has no use for. "
            "Check the base URL and any proxy between.",
            job=job,
        )
    kind, advice = _meaning(status, said, model=model, job=job)
    facts: dict[str, Any] = {}
    if kind is errors.BadRequestError:
        facts["missing"] = tuple(dict.fromkeys(_MISSING.findall(said)))
    if kind is errors.InternalServerError:
        facts["upstream_status"] = upstream_status(reply)
    text = redacted(text_of(reply.body))
    return kind(
        f"{about}: {said[:SHOWN].rstrip('.')} (status {status}). {advice}",
        status_code=status,
        body=wire.json_value(text) if body is not None and len(reply.body) <= BODY_LIMIT else text,
        request_id=request_id_in(reply),
        retry_after=hinted(reply.headers, body, unix=unix),
        job=job,
        **facts,
    )


_CORRECT = "Correct the payload and submit again; nothing was started."
_LOG_IN = "Check GMI_API_KEY; keys are made on the API keys page of https://console.gmicloud.ai."
_ELSEWHERE = "This address does not belong to the request queue; check GMI_BASE_URL."
_KINDS: dict[int, tuple[type[errors.APIStatusError], str]] = {
    400: (errors.BadRequestError, _CORRECT),
    401: (errors.AuthenticationError, _LOG_IN),
    402: (errors.InsufficientCreditsError, "Add credits to the account, then submit again."),
    403: (errors.PermissionDeniedError, "Check what this key and organisation may use."),
    404: (errors.NotFoundError, _ELSEWHERE),
    405: (errors.APIStatusError, _ELSEWHERE),
    422: (errors.BadRequestError, _CORRECT),
    429: (errors.RateLimitError, "Wait before submitting again; nothing was started."),
}
_UPSTREAM = {
    "400": "The vendor refused a value in the payload",
    "401": "The account is not entitled to this model",
    "403": "The vendor refused the payload, often for a value of the wrong JSON type",
}


def _meaning(
    status: int, said: str, *, model: str | None, job: Handle | None
) -> tuple[type[errors.APIStatusError], str]:
    if status == 403 and "1010" in said:
        advice = "The edge refused the client program itself; leave the User-Agent as it is."
        return errors.PermissionDeniedError, advice
    if status == 404 and job is not None:
        advice = "Check the job id, and that the key is of the same organisation."
        return errors.JobNotFoundError, advice
    if status == 404 and model is not None and not said.lstrip().startswith(("<", "a web page")):
        advice = "Ids are case-sensitive, and a key may not have access to every model."
        return errors.ModelNotFoundError, advice
    if status in _KINDS:
        return _KINDS[status]
    if status < 500:
        return errors.APIStatusError, "Nothing was started; see .body for the whole answer."
    found = _BACKEND.search(said)
    if found and found[1] in _UPSTREAM:
        return (
            errors.InternalServerError,
            f"{_UPSTREAM[found[1]]}; the same request will fail again.",
        )
    return errors.InternalServerError, "Try again later."


def _said(body: Any, reply: Reply) -> str:
    told = _sentence(body)
    if told:
        return told
    if page := _page(reply):
        return page
    plain = " ".join(text_of(reply.body).split())
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


_NOT_REACHED = (
    errors.APIConnectionError,
    "the API was not reached ({}). Check the network, GMI_BASE_URL and the proxy, then try again.",
)
_LATE = (errors.APITimeoutError, "no answer in time ({}). Try again later.")
_UNREADABLE = (errors.ProtocolError, "the answer cannot be read ({}). Try again later.")
_UNTRUSTED = (
    "the secure connection failed ({}). Check the clock and the certificate authorities of this "
    "machine; SSL_CERT_FILE may name another bundle."
)
_BUSY = "all connections of this client were busy ({}). Use fewer at a time."
_TROUBLES: dict[str, tuple[type[errors.GMIError], str]] = {
    "tls": (errors.APIConnectionError, _UNTRUSTED),
    "pool": (errors.APIConnectionError, _BUSY),
    "connect timeout": _LATE,
    "timeout": _LATE,
    "write timeout": _LATE,
    "unreadable": _UNREADABLE,
    "too large": _UNREADABLE,
}
