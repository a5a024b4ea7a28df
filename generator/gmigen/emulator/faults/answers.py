"""Faults that are still HTTP: wrong statuses, wrong bodies, wrong headers.

`process` says whether the work was done before the trouble: with it, a submission that ends in an
error has created a job, and it is billed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from html import escape
from http import HTTPStatus
from typing import Any, Literal

from starlette.responses import HTMLResponse, Response

from .. import answers, texts
from ..artifacts import StoredFile
from ..exchange import Exchange


@dataclass(frozen=True)
class Status:
    """Answer with `status` and `{"error": error}`, or with `body`: text, bytes, or JSON values."""

    status: int
    error: str = ""
    body: str | bytes | Mapping[str, Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = "application/json"
    process: bool = False

    async def answer(self, exchange: Exchange) -> Response:
        await prepare(exchange, self.process)
        body = self.body
        if body is None:
            body = {"error": self.error or HTTPStatus(self.status).phrase}
        if isinstance(body, Mapping):
            body = json.dumps(body)
        if self.status in (204, 304):
            body = b""
        return Response(body, self.status, dict(self.headers), media_type=self.content_type)


@dataclass(frozen=True)
class Html:
    """Answer with a page, as proxies, content networks and captive portals do."""

    status: int = 502
    title: str = "Bad Gateway"
    headers: Mapping[str, str] = field(default_factory=dict)
    process: bool = False

    async def answer(self, exchange: Exchange) -> Response:
        await prepare(exchange, self.process)
        title = escape(self.title)
        page = f"<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>"
        return HTMLResponse(page, self.status, dict(self.headers))


@dataclass(frozen=True)
class RateLimited:
    """429 with any mixture of hints: `Retry-After` as given, as a date so many seconds ahead on
    the emulator's clock, and `rate_limit.retry_after_ms` in the recorded body, which states the
    `pace` of the model: so many submissions in so many seconds."""

    retry_after: str | None = None
    retry_after_date: float | None = None
    retry_after_ms: int | None = None
    pace: tuple[int, float] = (2, 60)
    html: bool = False

    async def answer(self, exchange: Exchange) -> Response:
        await exchange.read()
        if self.html:
            response: Response = HTMLResponse("<html><title>Too Many Requests</title></html>", 429)
        elif self.retry_after_ms is not None:
            response = answers.rate_limited("this one", *self.pace, self.retry_after_ms)
        else:
            response = answers.refusal(429, "Rate limit exceeded")
        if self.retry_after is not None:
            response.headers["Retry-After"] = self.retry_after
        if self.retry_after_date is not None:
            due = exchange.clock.now() + self.retry_after_date
            response.headers["Retry-After"] = formatdate(due, usegmt=True)
        return response


@dataclass(frozen=True)
class Capacity:
    """503 as recorded, with a `request_id`. With `process` a record exists under that id."""

    process: bool = True

    async def answer(self, exchange: Exchange) -> Response:
        await prepare(exchange, self.process)
        created = json.loads(bytes((await exchange.honest()).body)) if self.process else {}
        request_id = created.get("request_id", "emu-00000000-0000-4000-8000-000000000000")
        return answers.refusal(503, texts.CAPACITY, request_id=request_id)


@dataclass(frozen=True)
class Refused:
    """400 with a `request_id`: the vendor's own refusal of a submission. The record under that id
    failed, with the reason as `{code, message, status}`."""

    error: str = texts.VENDOR_REFUSAL
    code: int = 400

    async def answer(self, exchange: Exchange) -> Response:
        reason = {"code": self.code, "message": self.error, "status": "INVALID_INPUT"}
        request_id = await exchange.failed_record(reason)
        return answers.refusal(400, self.error, request_id=request_id)


@dataclass(frozen=True)
class BackendError:
    """500 with the vendor's status in its text and no `request_id`; a failed record stays in the
    list, as recorded in public."""

    upstream: int = 400

    async def answer(self, exchange: Exchange) -> Response:
        text = texts.backend_error(self.upstream)
        await exchange.failed_record(text)
        return answers.refusal(500, text)


@dataclass(frozen=True)
class DeadlineExceeded:
    """500 "context deadline exceeded": met once, and the same request was fine later. With
    `process` the job was created."""

    process: bool = False

    async def answer(self, exchange: Exchange) -> Response:
        await prepare(exchange, self.process)
        return answers.refusal(500, texts.DEADLINE)


@dataclass(frozen=True)
class Redirect:
    """Answer with a redirect and do nothing."""

    location: str
    status: int = 307

    async def answer(self, exchange: Exchange) -> Response:
        await exchange.read()
        return Response(status_code=self.status, headers={"Location": self.location})


@dataclass(frozen=True)
class ContentType:
    """The honest answer under another Content-Type."""

    content_type: str = "text/html"

    async def answer(self, exchange: Exchange) -> Response:
        return await Headers({"Content-Type": self.content_type}).answer(exchange)


@dataclass(frozen=True)
class Headers:
    """The honest answer with headers changed; None takes one away."""

    changes: Mapping[str, str | None]

    async def answer(self, exchange: Exchange) -> Response:
        response = await exchange.honest()
        for name, value in self.changes.items():
            if value is not None:
                response.headers[name] = value
            elif name in response.headers:
                del response.headers[name]
        return response


@dataclass(frozen=True)
class BadChecksum:
    """The honest bytes with the checksums of others."""

    async def answer(self, exchange: Exchange) -> Response:
        other = StoredFile(b"not these bytes", "application/octet-stream")
        changes = {"x-goog-hash": other.checksum_header, "ETag": other.etag}
        return await Headers(changes).answer(exchange)


@dataclass(frozen=True)
class Truncated:
    """The honest answer with only the first `keep` bytes of its body (a share, if below 1).

    ending: `complete`, well-formed HTTP around half a body; `fin` or `reset`, the connection ends
    before the announced length; `unmeasured`, no length is announced and FIN ends the body.
    """

    keep: float = 0.5
    ending: Literal["complete", "fin", "reset", "unmeasured"] = "complete"

    async def answer(self, exchange: Exchange) -> Response:
        honest = await exchange.honest()
        whole = bytes(honest.body)
        cut = whole[: int(self.keep * len(whole)) if self.keep < 1 else int(self.keep)]
        if self.ending == "complete":
            headers = {k: v for k, v in honest.headers.items() if k != "content-length"}
            return Response(cut, honest.status_code, headers)
        length = [] if self.ending == "unmeasured" else [f"content-length: {len(whole)}"]
        exchange.connection.transport.write(head(honest, length) + cut)
        if self.ending == "reset":
            await exchange.connection.reset_when_sent()
        else:
            exchange.connection.finish()
        return exchange.silence()


@dataclass(frozen=True)
class Slow:
    """The honest answer, held back for `seconds` on the emulator's clock after the work is done."""

    seconds: float

    async def answer(self, exchange: Exchange) -> Response:
        response = await exchange.honest()
        await exchange.hold_until(exchange.clock.now() + self.seconds)
        return response


async def prepare(exchange: Exchange, process: bool) -> None:
    """Take the request in, and do the work if `process`."""
    await (exchange.honest() if process else exchange.read())


def head(response: Response, extra: list[str]) -> bytes:
    """A response's head as bytes, without its Content-Length, with the lines of `extra`."""
    lines = [f"HTTP/1.1 {response.status_code} {HTTPStatus(response.status_code).phrase}"]
    lines += [f"{k}: {v}" for k, v in response.headers.items() if k != "content-length"]
    return "\r\n".join([*lines, "x-emulator: 1", *extra, "connection: close", "", ""]).encode()
