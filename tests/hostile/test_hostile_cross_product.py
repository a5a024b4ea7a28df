"""Each payload in each place of a document that takes a text: nothing of it does anything.

The suite draws a third of the payloads for each place, another third for the next; the night takes
all of them everywhere.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
from atoms import ATOMS
from hostile_world import benign, encoded, made_of, names_of
from judging import judged

pytestmark = pytest.mark.slow

SHARES = (3, pytest.param(1, marks=pytest.mark.nightly))

Placing = Callable[[dict[str, Any], str], None]


def _top(key: str) -> Placing:
    def place(document: dict[str, Any], atom: str) -> None:
        document[key] = atom

    return place


def _price(key: str) -> Placing:
    def place(document: dict[str, Any], atom: str) -> None:
        document["price_info"][key] = atom

    return place


def _unread(document: dict[str, Any], atom: str) -> None:
    """All the fields nothing is made of, and those of them that hold more than a text."""
    for key in ("host_type", "icon_link", "background_image_url", "created_at", "external_x"):
        document[key] = atom
    for key in ("modalities", "internal_parameters", "external_y"):
        document[key] = {atom: atom, "list": [atom]}
    document["tags"] = [atom]
    document["price_info"]["price"] = atom


DOCUMENT_FIELDS: dict[str, Placing] = {
    "model": _top("model"),
    "org_id": _top("org_id"),
    "display_name": _top("display_name"),
    "brief_description": _top("brief_description"),
    "detailed_description": _top("detailed_description"),
    "model_type": _top("model_type"),
    "pricing_details": _top("pricing_details"),
    "price_info.unit": _price("unit"),
    "price_info.pricing_type": _price("pricing_type"),
    "the fields nothing is made of": _unread,
}

ELEMENT_FIELDS: dict[str, Callable[[str], dict[str, Any]]] = {
    "name": lambda atom: {"type": "string"},
    "display_name": lambda atom: {"type": "string", "display_name": atom},
    "description": lambda atom: {"type": "string", "description": atom},
    "type": lambda atom: {"type": atom},
    "type in a list": lambda atom: {"type": ["string", atom]},
    "default of a text": lambda atom: {"type": "string", "required": True, "default_value": atom},
    "default of a number": lambda atom: {"type": "integer", "default_value": atom},
    "default in an object": lambda atom: {"type": "json", "default_value": {atom: [atom]}},
    "option": lambda atom: {"type": "enum", "options": ["plain", atom, 1, 1.0, True]},
    "option object": lambda atom: {"type": "enum", "options": [{"value": atom, "label": atom}]},
    "options as a mapping": lambda atom: {"type": "enum", "options": {atom: atom}},
    "bound": lambda atom: {"type": "float", "min_value": atom, "max_value": atom},
    "limit": lambda atom: {"type": "string", "max_length": atom, "min_items": atom},
    "required": lambda atom: {"type": "string", "required": atom},
    "foreign key": lambda atom: {"type": "string", f"x-{atom}": atom, "pattern": atom},
    "format and const": lambda atom: {"type": "string", "format": atom, "const": atom},
    "member": lambda atom: {
        "type": "object",
        "properties": [{"name": atom, "type": "string", "description": atom, "options": [atom]}],
    },
    "member by name": lambda atom: {"type": "object", "properties": {atom: {"title": atom}}},
    "element of a list": lambda atom: {"type": "array", "items": {"type": atom, "enum": [atom]}},
    "alternative": lambda atom: {"anyOf": [{"const": atom}, {"type": "object", "title": atom}]},
}


def _payloads(fields: Iterable[str], field: str, share: int) -> tuple[str, ...]:
    return ATOMS[list(fields).index(field) % share :: share]


def _documents(field: str, atoms: Iterable[str]) -> Iterator[bytes]:
    for number, atom in enumerate(atoms):
        document = benign(model=f"m{number}")
        DOCUMENT_FIELDS[field](document, atom)
        yield encoded(document)


@pytest.mark.parametrize("share", SHARES)
@pytest.mark.parametrize("field", DOCUMENT_FIELDS)
def test_every_payload_in_a_field_of_the_document(field: str, share: int) -> None:
    atoms = _payloads(DOCUMENT_FIELDS, field, share)
    documents = list(_documents(field, atoms))
    output = made_of(*documents)
    refused = {problem.code for problem in output.refused}
    assert refused <= ({"id-shape", "id-size"} if field == "model" else set())
    assert len(output.models) == len(documents) - len(output.refused)
    assert judged(output, documents) == []


@pytest.mark.parametrize("share", SHARES)
@pytest.mark.parametrize("field", ELEMENT_FIELDS)
def test_every_payload_in_a_field_of_a_parameter(field: str, share: int) -> None:
    make, atoms = ELEMENT_FIELDS[field], _payloads(ELEMENT_FIELDS, field, share)
    parameters = [
        {"name": atom if field == "name" else f"p{number}", **make(atom)}
        for number, atom in enumerate(atoms)
    ]
    document = benign(parameters=copy.deepcopy(parameters))
    output = made_of(encoded(document))
    assert not output.refused
    assert judged(output, [encoded(document)]) == []
    assert len(names_of(output)["acme-model-1"].request.attributes) == len(atoms)


def test_a_reference_to_anywhere_outside_the_document_refuses_the_model() -> None:
    documents = [
        encoded(benign(model=f"m{number}", parameters=[{"name": "p", "$ref": atom}]))
        for number, atom in enumerate(ATOMS)
    ]
    output = made_of(*documents)
    assert not output.models
    assert {problem.code for problem in output.refused} == {"reference-foreign"}
