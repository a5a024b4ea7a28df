"""The words the service says no with. `coverage.json` says of each how well it is known."""

from __future__ import annotations

import json
from collections.abc import Iterable

from ..schema.types import Json, Type

MISSING = "Required parameter is missing"
INSUFFICIENT_CREDITS = "Insufficient credits. Please add more credits to your account."
MODEL_NOT_FOUND = "Model not found"
REQUEST_NOT_FOUND = "Request not found"
UNAUTHORIZED = "Invalid or missing API key"
NOT_JSON = "Invalid request body"
NO_MODEL = "model is required"
NO_PAYLOAD = "payload must be an object"
BLOCKED_USER_AGENT = "error code: 1010"
ROUTE_NOT_FOUND = "404 page not found"
FILE_TYPE = "Unsupported file_type. Allowed: jpeg, jpg, png, mp4, mp3, wav"
LIST_ARGUMENT = "limit and offset must be whole numbers that are not negative"
VENDOR_REFUSAL = "Generation rejected; please review the prompt and parameters"
DEADLINE = "context deadline exceeded"
CAPACITY = "Upstream capacity temporarily exhausted; please retry later"


def invalid_payload(faults: Iterable[tuple[str, str]]) -> str:
    named = ", ".join(f"{name} ({reason})" for name, reason in faults)
    return f"invalid payload parameters: {named}"


def not_an_option(options: Iterable[Json]) -> str:
    listed = ", ".join(json.dumps(option, ensure_ascii=False) for option in options)
    return f"Value is not one of the allowed options: {listed}"


def bounds(minimum: float | None, maximum: float | None) -> str:
    if maximum is None:
        return f"Value must be at least {minimum}"
    if minimum is None:
        return f"Value must be at most {maximum}"
    return f"Value must be between {minimum} and {maximum}"


def length(least: int | None, most: int | None, what: str) -> str:
    if most is None:
        return f"Value must have at least {least} {what}"
    if not least:
        return f"Value must have at most {most} {what}"
    return f"Value must have {least} to {most} {what}"


def wrong_type(kind: Type) -> str:
    return f"Value must be of type {type(kind).__name__.lower()}"


def backend_error(upstream: int) -> str:
    """`upstream` is the vendor's own status: 400 bad value, 401 not entitled, 403 wrong type."""
    return f"Backend error ({upstream}). Please try again."


def model_does_not_exist(model_id: str) -> str:
    return f"model {model_id} does not exist"


def unreadable_details(model_id: str) -> str:
    return f"this emulator cannot read the details of model {model_id}, so it refuses its requests"


def unknown_kind(model_id: str) -> str:
    return (
        f"this emulator does not know what model {model_id} makes, so it can make up no result: "
        f"say it with kinds={{{model_id!r}: 'video'}}, or 'image', 'speech', 'music', 'text'"
    )


def rate_limited(model_id: str, limit: int, seconds: float, retry_after_ms: int) -> str:
    return (
        f"Rate limit exceeded for model {model_id}: {limit} requests per {seconds:g} seconds. "
        f"Retry in {retry_after_ms} ms."
    )
