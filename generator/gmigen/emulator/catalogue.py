"""The models an emulator knows: their details as they were given, byte for byte, and as read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType

from starlette.responses import Response

from ..problems import Problem
from ..schema import Model, read_document
from .options import ListShape


class Catalogue:
    """`documents` maps a model id to its raw details; each is read when a job first needs it."""

    def __init__(self, documents: Mapping[str, bytes]) -> None:
        self.documents: Mapping[str, bytes] = MappingProxyType(dict(documents))
        self._read: dict[str, Model | Problem] = {}

    def listing(self, shape: ListShape) -> Response:
        """`GET /models`, in either of the two shapes that are known."""
        if shape == "ids":
            body = json.dumps({"model_ids": list(self.documents)}).encode()
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
            self._read[model_id] = read_document(self.documents[model_id], model_id=model_id)
        return self._read[model_id]
