# fmt: off
# isort: skip_file
# ruff: noqa
"""The catalogue: which models there are, and the details of each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .. import wire
from ..errors import GMIError, ModelNotFoundError
from ..suggest import nearest
from .context import Context
from .effects import Reply
from .payload import check_id
from .replies import document, nonsense
from .retry import QUESTION, Patience, ask


async def list_models(ctx: Context, *, patience: Patience = QUESTION) -> list[str]:
    """The ids of all models, in the API's order, stripped and each once.

    The API lists ids (vendor documentation); with a session it lists details (vendor SDK). Both
    are read. Raises ProtocolError for anything else.
    """
    return (await listed_models(ctx, patience=patience))[0]


async def listed_models(ctx: Context, *, patience: Patience = QUESTION) -> tuple[list[str], Reply]:
    """The same, and the answer they were read from."""
    about = "Listing the models"
    reply = await ask(ctx, ctx.get("models"), about, patience=patience)
    found = document(reply)
    if isinstance(found, Mapping):
        found = found.get("model_ids", found.get("models"))
    if not isinstance(found, list):
        raise nonsense(reply, about)
    ids = (_id_of(entry) for entry in found)
    return list(dict.fromkeys(identity for identity in ids if identity)), reply


def _id_of(entry: Any) -> str | None:
    if isinstance(entry, Mapping):
        entry = entry.get("model", entry.get("id"))
    return wire.identity(entry)


async def model_details_bytes(ctx: Context, model: str) -> bytes:
    """The details of one model exactly as the API sent them.

    Raises ModelNotFoundError without near matches, so that a fetch of many stays at one GET each.
    """
    return (await _details(ctx, model))[0].body


async def _details(ctx: Context, model: str) -> tuple[Reply, dict[str, Any]]:
    check_id(model, "model")
    about = f"Asking for model {model}"
    reply = await ask(ctx, ctx.get("models", model), about, model=model)
    found = document(reply)
    if not isinstance(found, Mapping):
        raise nonsense(reply, about)
    return reply, dict(found)


async def model_details(ctx: Context, model: str) -> dict[str, Any]:
    """The details of one model. Raises ModelNotFoundError with ids that look like it."""
    try:
        return (await _details(ctx, model))[1]
    except ModelNotFoundError as error:
        await add_near_matches(ctx, error, model)
        raise


async def add_near_matches(ctx: Context, error: ModelNotFoundError, model: str) -> None:
    """Look the id up among those of the catalogue; an error without help is better than none."""
    try:
        ids = await list_models(ctx, patience=Patience(tries=1))
    except GMIError:
        return
    error.near = nearest(model, ids)
    if model in ids:
        hint = "The id is in the catalogue, so this key may have no access to it."
    elif error.near:
        hint = f"Did you mean {', '.join(error.near)}?"
    else:
        return
    error.args = (f"{error} {hint}",)
