# fmt: off
# isort: skip_file
# ruff: noqa
"""The catalogue: which models there are, and the details of each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .api import Api, parsed
from .asking import ask, nonsense
from .effects import Flow, Send
from .errors import GMIError, ModelNotFoundError
from .submittable import check_id


def list_models(api: Api, *, attempts: int = 4) -> Flow[list[str]]:
    """The ids of all models, in the API's order, stripped and each once.

    The API lists ids (vendor documentation); with a session it lists details (vendor SDK). Both
    are read. Raises ProtocolError for anything else.
    """
    about = "Listing the models"
    reply = yield from ask(
        api,
        Send("GET", api.url("models"), "api", timeouts=api.ask_timeouts),
        about,
        attempts=attempts,
    )
    found = parsed(reply.body)
    if isinstance(found, Mapping):
        found = found.get("model_ids", found.get("models"))
    if not isinstance(found, list):
        raise nonsense(api, reply, about)
    ids = (_id_of(entry) for entry in found)
    return list(dict.fromkeys(identity for identity in ids if identity))


def _id_of(entry: Any) -> str:
    if isinstance(entry, Mapping):
        entry = entry.get("model", entry.get("id"))
    return entry.strip() if isinstance(entry, str) else ""


def model_details_bytes(api: Api, model: str) -> Flow[bytes]:
    """The details of one model exactly as the API sent them.

    Raises ModelNotFoundError without near matches, so that a fetch of many stays at one GET each.
    """
    check_id(model, "model")
    about = f"Asking for model {model}"
    reply = yield from ask(
        api,
        Send("GET", api.url("models", model), "api", timeouts=api.ask_timeouts),
        about,
        model=model,
    )
    if not isinstance(parsed(reply.body), Mapping):
        raise nonsense(api, reply, about)
    return reply.body


def model_details(api: Api, model: str) -> Flow[dict[str, Any]]:
    """The details of one model. Raises ModelNotFoundError with ids that look like it."""
    try:
        body = yield from model_details_bytes(api, model)
    except ModelNotFoundError as error:
        yield from add_near_matches(api, error, model)
        raise
    details: dict[str, Any] = parsed(body)
    return details


def add_near_matches(api: Api, error: ModelNotFoundError, model: str) -> Flow[None]:
    """Look the id up among those of the catalogue; an error without help is better than none."""
    try:
        ids = yield from list_models(api, attempts=1)
    except GMIError:
        return
    error.near = near(model, ids)
    if model in ids:
        hint = "The id is in the catalogue, so this key may have no access to it."
    elif error.near:
        hint = f"Did you mean {', '.join(error.near)}?"
    else:
        return
    error.args = (f"{error} {hint}",)


def near(model: str, ids: list[str]) -> tuple[str, ...]:
    """Up to three ids that look like `model`, whatever the case of their letters."""
    from difflib import get_close_matches

    folded: dict[str, list[str]] = {}
    for identity in ids:
        folded.setdefault(identity.casefold(), []).append(identity)
    close = get_close_matches(model.casefold(), folded, n=3, cutoff=0.6)
    return tuple(identity for key in close for identity in folded[key])[:3]
