"""Answers in the service's shapes: JSON for the API, XML for the storage host."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape

from starlette.responses import JSONResponse, PlainTextResponse, Response

from . import texts

LIMIT_TYPES: Mapping[float, str] = {1: "RPS", 60: "RPM", 3600: "RPH", 86400: "RPD"}
"""What a limit is called by its interval in seconds: per minute, and per hour for video."""


def record(content: Any, status: int = 200) -> Response:
    """A JSON answer."""
    return JSONResponse(content, status)


def refusal(status: int, text: str, **more: Any) -> Response:
    """The API's error shape: `{"error": text}`, sometimes with more beside it."""
    return JSONResponse({"error": text, **more}, status)


def edge_refusal() -> Response:
    """What the edge in front of the API says to a User-Agent it does not like."""
    return PlainTextResponse(texts.BLOCKED_USER_AGENT, 403)


def rate_limited(model_id: str, limit: int, seconds: float, retry_after_ms: int) -> Response:
    """429 as recorded: the same figure in the text and in `rate_limit`."""
    return refusal(
        429,
        texts.rate_limited(model_id, limit, seconds, retry_after_ms),
        rate_limit={
            "limit_type": LIMIT_TYPES.get(seconds, "RPM"),
            "limit": limit,
            "interval_seconds": int(seconds) if seconds == int(seconds) else seconds,
            "retry_after_ms": retry_after_ms,
        },
    )


def storage_error(status: int, code: str, message: str, details: str = "") -> Response:
    """An error of the object store, which speaks XML."""
    detail = f"<Details>{escape(details)}</Details>" if details else ""
    body = (
        "<?xml version='1.0' encoding='UTF-8'?>"
        f"<Error><Code>{escape(code)}</Code><Message>{escape(message)}</Message>{detail}</Error>"
    )
    return Response(body, status, media_type="application/xml")
