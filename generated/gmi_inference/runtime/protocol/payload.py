# fmt: off
# isort: skip_file
# ruff: noqa
"""What can be submitted, and the bytes it becomes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, ClassVar, Protocol, runtime_checkable

from .. import wire
from ..errors import InvalidRequestError

DEPTH = 100


@runtime_checkable
class TypedRequest(Protocol):
    """A request class of the generated package, or anything shaped like one."""

    MODEL_ID: ClassVar[str]

    def payload(self) -> dict[str, Any]:
        """Wire names to values; values may still hold local files."""
        ...


Submittable = TypedRequest | str
"""A typed request, or the id of a model whose payload is given beside it."""


def check_id(identity: Any, kind: str) -> None:
    """Raise InvalidRequestError for an id that cannot stand in a URL path by itself."""
    if not isinstance(identity, str):
        raise InvalidRequestError.of(kind, "an id is a string", type(identity).__name__)
    if wire.identity(identity) is None:
        raise InvalidRequestError.of(
            kind,
            "an id is a text of up to 400 characters, not empty, not dots alone, without control "
            "characters",
        )


def refuse_empty(payload: Mapping[str, Any], takes_parameters: bool) -> None:
    """Raise InvalidRequestError for a payload with nothing in it, which can only cost money."""
    if takes_parameters and not payload:
        raise InvalidRequestError.of(
            "payload",
            "it is empty, and the model takes parameters; set some, or say allow_empty=True if "
            "that is meant",
        )


def encoded(model: str, payload: Mapping[str, Any]) -> bytes:
    """The body of the POST. Raises InvalidRequestError for what is not plain JSON."""
    try:
        return _json({"model": model, "payload": payload})
    except UnicodeEncodeError:
        told = "a text holds half of a surrogate pair, which cannot be sent"
    except (TypeError, ValueError, RecursionError) as refusal:
        told = f"it is not plain JSON: {' '.join(str(refusal).split())[:200]}"
    raise InvalidRequestError.of("payload", told)


def payload_sha256(payload: Mapping[str, Any]) -> str:
    """A digest of a payload that does not depend on the order of its keys."""
    return hashlib.sha256(_json(payload, sort_keys=True)).hexdigest()


def _json(value: Any, *, sort_keys: bool = False) -> bytes:
    text = json.dumps(
        value, allow_nan=False, ensure_ascii=False, separators=(",", ":"), sort_keys=sort_keys
    )
    return text.encode("utf-8")
