# fmt: off
# isort: skip_file
# ruff: noqa
"""What can be submitted: a typed request, or a model id with a payload."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any, ClassVar, Protocol, runtime_checkable

from .errors import Fault, InvalidRequestError

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@runtime_checkable
class TypedRequest(Protocol):
    """A request class of the generated package, or anything shaped like one."""

    MODEL_ID: ClassVar[str]

    def payload(self) -> dict[str, Any]:
        """Wire names to values; values may still hold local files."""
        ...


Submittable = TypedRequest | str
"""A typed request, or the id of a model whose payload is given beside it."""


def model_and_payload(
    request: Submittable, payload: Mapping[str, Any] | None
) -> tuple[str, dict[str, Any]]:
    """The model id and the payload to send. Raises InvalidRequestError."""
    if isinstance(request, str):
        check_id(request, "model")
        if not isinstance(payload, Mapping):
            raise InvalidRequestError(
                [Fault("payload", "a model id needs its payload as a dict", _type(payload))]
            )
        return request, dict(payload)
    if isinstance(request, type) or not isinstance(request, TypedRequest):
        raise InvalidRequestError(
            [Fault("request", "give a request object, or a model id and a payload", _type(request))]
        )
    if payload is not None:
        raise InvalidRequestError(
            [Fault("payload", "a request object brings its own; use extra_payload= when making it")]
        )
    return request.MODEL_ID, request.payload()


def check_id(identity: str, kind: str) -> None:
    """Raise InvalidRequestError for an id that cannot stand in a URL path by itself."""
    if not isinstance(identity, str):
        raise InvalidRequestError([Fault(kind, "an id is a string", _type(identity))])
    if not identity.strip() or _CONTROL.search(identity) or identity.strip() in (".", ".."):
        raise InvalidRequestError(
            [Fault(kind, "an id is not empty, not dots alone and holds no control characters")]
        )


def encoded(model: str, payload: Mapping[str, Any]) -> bytes:
    """The body of the POST. Raises InvalidRequestError for what is not plain JSON."""
    try:
        return _json({"model": model, "payload": payload})
    except UnicodeEncodeError:
        raise InvalidRequestError(
            [Fault("payload", "a text holds half of a surrogate pair, which cannot be sent")]
        ) from None
    except (TypeError, ValueError, RecursionError) as refusal:
        why = " ".join(str(refusal).split())[:200]
        raise InvalidRequestError([Fault("payload", f"it is not plain JSON: {why}")]) from None


def payload_sha256(payload: Mapping[str, Any]) -> str:
    """A digest of a payload that does not depend on the order of its keys."""
    return hashlib.sha256(_json(payload, sort_keys=True)).hexdigest()


def _json(value: Any, *, sort_keys: bool = False) -> bytes:
    text = json.dumps(
        value, allow_nan=False, ensure_ascii=False, separators=(",", ":"), sort_keys=sort_keys
    )
    return text.encode("utf-8")


def _type(value: Any) -> str:
    return type(value).__name__
