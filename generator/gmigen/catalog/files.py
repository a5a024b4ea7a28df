"""How details are kept: which fields, in which order, under which file name."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from ..naming.names import digest, slug
from ..schema.types import Json
from .snapshot import NOT_DOCUMENTS

KEPT_FIELDS = (
    "model",
    "org_id",
    "display_name",
    "brief_description",
    "detailed_description",
    "model_type",
    "modalities",
    "tags",
    "price_info",
    "pricing_details",
    "percentage_discount",
    "parameters",
)
"""The fields of a model's details that are kept: none that names a user, a queue or a moment."""


def document_text(details: Mapping[str, Json]) -> bytes:
    """Details as they are kept: known fields in a fixed order, ASCII, one element a line."""
    kept = {name: details[name] for name in KEPT_FIELDS if name in details}
    return (json.dumps(kept, indent=2, ensure_ascii=True) + "\n").encode("ascii")


def file_names(model_ids: Iterable[str], known: Mapping[str, str]) -> dict[str, str]:
    """A file for each id: the one it has (`known`, by id), else its slug, else slug and hash."""
    names = dict(known)
    taken = {name.casefold() for name in names.values()} | NOT_DOCUMENTS
    for model_id in sorted(set(model_ids) - names.keys()):
        name = f"{slug(model_id)}.json"
        if name.casefold() in taken:
            name = f"{slug(model_id)}_{digest(model_id)}.json"
        taken.add(name.casefold())
        names[model_id] = name
    return names
