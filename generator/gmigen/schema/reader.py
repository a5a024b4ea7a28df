"""A model's details, as they came -> a `Model`, or the reason nothing is made of it.

Every field may be absent and any field may be of the wrong shape (the vendor's SDK treats them
all as optional). What is missing is empty; what is wrong is a finding; what would be dangerous or
meaningless to guess refuses this one model.
"""

from __future__ import annotations

from ..problems import Problem
from .element import read_parameters
from .findings import Findings, RefusedError
from .json_text import Unreadable, parse
from .types import Json, Model, Price, Record

MAX_ID = 1024
MAX_PRICE = 10**15
"""A thousand million dollars, in micro-dollars."""

_OBJECT_KEYS = {"type", "required", "title", "description", "additionalProperties", "$schema"}
"""What a JSON Schema of an object without members may hold."""


def read_document(text: bytes | str, *, model_id: str | None = None) -> Model | Problem:
    """Read one details document.

    Args:
        text: the document as it came over the wire or from disk.
        model_id: the id it was asked for under; the document's own `model` must agree with it.
            None takes the document's word.

    Returns:
        The model, with its findings in `problems`, or one `Problem` of level `refused`.
    """
    value = parse(text)
    if isinstance(value, Unreadable):
        return Problem("refused", model_id or "", "", value.code, f"the document: {value.reason}")
    return read_details(value, model_id=model_id)


def read_details(value: Json, *, model_id: str | None = None) -> Model | Problem:
    """The same for a document that is already parsed (by `json_text.parse`: limits hold)."""
    if not isinstance(value, dict):
        what = "a list" if isinstance(value, list) else "not an object"
        return Problem("refused", model_id or "", "", "document-shape", f"the document is {what}")
    findings = Findings(model_id or "", value)
    try:
        return _model(value, model_id, findings)
    except RefusedError as refused:
        return refused.problem


def _model(value: dict[str, Json], asked: str | None, findings: Findings) -> Model:
    findings.model = model_id = _id(value.get("model"), asked, findings)
    return Model(
        id=model_id,
        parameters=_parameters(value.get("parameters"), findings).fields,
        title=_text(value, "display_name", findings),
        vendor=_text(value, "org_id", findings),
        kind=_text(value, "model_type", findings),
        summary=_text(value, "brief_description", findings),
        guide=_text(value, "detailed_description", findings),
        tags=_texts(value.get("tags")),
        inputs=_modality(value, "input"),
        outputs=_modality(value, "output"),
        price=_price(value.get("price_info"), findings),
        pricing_details=_text(value, "pricing_details", findings),
        discount=_discount(value.get("percentage_discount"), findings),
        problems=findings.problems,
    )


def _id(given: Json, asked: str | None, findings: Findings) -> str:
    if given is None and asked is not None:
        findings.note("", "id-absent", "the document does not name its model")
        given = asked
    if not isinstance(given, str) or not given:
        raise findings.refuse("", "id-shape", "the document names no model id")
    if len(given) > MAX_ID:
        raise findings.refuse("", "id-size", f"the model id has {len(given)} characters")
    if asked is not None and given != asked:
        raise findings.refuse("", "id-other", f"asked for {asked!a}, it describes {given!a}")
    return given


def _parameters(raw: Json, findings: Findings) -> Record:
    if raw is None:
        findings.warn("", "parameters-absent", "no parameters are listed")
        return Record(())
    if isinstance(raw, dict) and isinstance(raw.get("properties"), (dict, list)):
        return read_parameters(raw["properties"], "", findings, required=raw.get("required"))
    if isinstance(raw, dict) and raw.get("type") == "object" and raw.keys() <= _OBJECT_KEYS:
        return Record(())
    return read_parameters(raw, "", findings)


def _price(raw: Json, findings: Findings) -> Price | None:
    """`price` is an integer in millionths of a US dollar (recorded in public)."""
    if raw is None:
        return None
    price = raw.get("price") if isinstance(raw, dict) else None
    if isinstance(price, float) and price.is_integer():
        price = int(price)
    if not isinstance(raw, dict) or not isinstance(price, int) or isinstance(price, bool):
        findings.warn("", "price-shape", "the price is not a whole number of micro-dollars")
        return None
    if not 0 <= price <= MAX_PRICE:
        findings.warn("", "price-shape", "the price is negative, or beyond any")
        return None
    unit, basis = raw.get("unit"), raw.get("pricing_type")
    return Price(
        price, unit if isinstance(unit, str) else "", basis if isinstance(basis, str) else ""
    )


def _discount(raw: Json, findings: Findings) -> float:
    if raw is None:
        return 0
    if isinstance(raw, bool) or not isinstance(raw, (int, float)) or not 0 <= raw <= 100:
        findings.warn("", "discount-shape", "the discount is not a percentage")
        return 0
    return raw


def _modality(value: dict[str, Json], direction: str) -> tuple[str, ...]:
    modalities = value.get("modalities")
    return _texts(modalities.get(direction)) if isinstance(modalities, dict) else ()


def _text(value: dict[str, Json], key: str, findings: Findings) -> str:
    given = value.get(key)
    if given is not None and not isinstance(given, str):
        findings.note("", "field-shape", f"`{key}` is not a text and is left out")
    return given if isinstance(given, str) else ""


def _texts(raw: Json) -> tuple[str, ...]:
    return tuple(t for t in raw if isinstance(t, str)) if isinstance(raw, list) else ()
