"""The models an emulator knows: their details as they were given, byte for byte, and as read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from starlette.responses import Response

from .. import resources
from ..pricing import files as prices
from ..pricing.claim import Claim
from ..pricing.table import priced
from ..problems import Problem
from ..schema import Model, read_details
from ..schema.json_text import Unreadable, parse
from ..schema.overlays import Overlay, apply, load
from .likeness import Likeness
from .options import ListShape


def corrections(own: Path | None = None) -> list[Overlay]:
    """The bundled overlays and, after them, those in the folder `own`.

    Raises:
        OverlayError: when one of them cannot be used.
    """
    return [
        load(path.name, path.read_text("utf-8"), bundled=folder != own)
        for folder in (resources.overlays(), own)
        if folder is not None
        for path in sorted(folder.glob("*.toml"))
    ]


class Catalogue:
    """`documents` maps a model id to its raw details; each is read when a job first needs it.

    The details are handed out as they are; requests are checked against them as `overlays` correct
    them, which is what the request classes are made from. `claims` say what a job is billed, the
    bundled ones unless given; `date` is the day of the details, "" for today.
    """

    def __init__(
        self,
        documents: Mapping[str, bytes],
        overlays: Iterable[Overlay] = (),
        claims: Iterable[Claim] | None = None,
        date: str = "",
    ) -> None:
        self.documents: Mapping[str, bytes] = MappingProxyType(dict(documents))
        self._overlays = list(overlays)
        self._claims = prices.bundled() if claims is None else tuple(claims)
        self._date = date
        self._read: dict[str, Model | Problem] = {}

    def listing(self, shape: ListShape, like: Likeness) -> Response:
        """`GET /models`, in either of the two shapes that are known, or like another one."""
        if shape == "ids":
            body = like.listing(list(self.documents))
        else:
            body = b'{"models":[' + b",".join(self.documents.values()) + b"]}"
        return Response(body, media_type="application/json")

    def details(self, model_id: str) -> bytes | None:
        return self.documents.get(model_id)

    def model(self, model_id: str) -> Model | Problem | None:
        """The model as the lenient reader sees it; None where the catalogue has no such id."""
        if model_id not in self.documents:
            return None
        if model_id not in self._read:
            self._read[model_id] = self._corrected(model_id)
        return self._read[model_id]

    def _corrected(self, model_id: str) -> Model | Problem:
        value = parse(self.documents[model_id])
        if isinstance(value, Unreadable):
            return Problem("refused", model_id, "", value.code, f"the document: {value.reason}")
        for overlay in self._overlays:
            if overlay.model == model_id:
                value = apply(overlay, value).details
        model = read_details(value, model_id=model_id)
        if isinstance(model, Problem):
            return model
        return replace(priced(model, self._claims, self._date), problems=())
