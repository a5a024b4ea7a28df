"""Whole details documents, plausible in shape and hostile in content."""

from __future__ import annotations

from typing import Any

from atoms import ATOMS, HOT
from hypothesis import strategies as st

TYPE_WORDS = (
    "string",
    "enum",
    "integer",
    "float",
    "boolean",
    "image",
    "image[]",
    "string | null",
    "string/array",
    "array of URLs",
    "json",
    "json array",
    "object",
    "array",
    "null",
    "array of array of enum",
    "number?",
)

texts = st.one_of(st.sampled_from(ATOMS), st.text(alphabet=HOT, max_size=30), st.text(max_size=12))
names = st.one_of(st.sampled_from(["prompt", "image", "a", "A", "a_b", "a.b", "a[]"]), texts)
numbers = st.one_of(
    st.integers(-5, 20),
    st.integers(-(10**400), 10**400),
    st.floats(allow_nan=False, allow_infinity=False),
)
scalars = st.one_of(st.none(), st.booleans(), numbers, texts)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(texts, inner, max_size=3)),
    max_leaves=6,
)


@st.composite
def elements(draw: st.DrawFn, depth: int = 2) -> dict[str, Any]:
    """One element of `parameters` without its name."""
    element: dict[str, Any] = {}
    element["type"] = draw(
        st.one_of(st.sampled_from(TYPE_WORDS), st.sampled_from(TYPE_WORDS), texts)
    )
    optional = {
        "required": st.one_of(st.booleans(), scalars),
        "default_value": values,
        "options": st.one_of(st.lists(values, max_size=5), scalars),
        "description": st.one_of(texts, values),
        "display_name": st.one_of(texts, values),
        "min_value": scalars,
        "max_value": scalars,
        "max_length": scalars,
        "min_items": scalars,
        "max_items": scalars,
        "step": scalars,
        "nullable": st.booleans(),
        "const": values,
        "format": texts,
        "pattern": texts,
        "default_factory": texts,
    }
    for key in draw(st.lists(st.sampled_from(sorted(optional)), max_size=6, unique=True)):
        element[key] = draw(optional[key])
    if depth and draw(st.booleans()):
        members = st.one_of(
            st.lists(named(depth - 1), max_size=3, unique_by=lambda member: member["name"]),
            st.dictionaries(names, elements(depth - 1), max_size=3),
            values,
        )
        shape = draw(st.sampled_from(["properties", "items", "anyOf"]))
        if shape == "anyOf":
            element = {"anyOf": draw(st.lists(elements(depth - 1), max_size=3))}
        else:
            element[shape] = draw(st.one_of(members, elements(depth - 1)))
    return element


@st.composite
def named(draw: st.DrawFn, depth: int = 2) -> dict[str, Any]:
    """One element with its name."""
    return {"name": draw(names), **draw(elements(depth))}


parameters = st.one_of(
    st.lists(named(), max_size=6, unique_by=lambda element: element["name"]),
    st.lists(named(), max_size=6),
    st.dictionaries(names, elements(), max_size=4),
)


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """A details document."""
    document: dict[str, Any] = {
        "model": draw(
            st.one_of(names.filter(bool), st.sampled_from(["Veo3", "client", "__init__"]))
        ),
        "parameters": draw(parameters),
    }
    optional = {
        "org_id": texts,
        "display_name": texts,
        "brief_description": texts,
        "detailed_description": texts,
        "model_type": st.one_of(st.sampled_from(["video", "utility"]), texts),
        "pricing_details": texts,
        "price_info": st.one_of(
            st.fixed_dictionaries({"price": scalars, "unit": scalars, "pricing_type": scalars}),
            values,
        ),
        "modalities": values,
        "tags": values,
        "internal_parameters": values,
    }
    for key in draw(st.lists(st.sampled_from(sorted(optional)), max_size=6, unique=True)):
        document[key] = draw(st.one_of(optional[key], optional[key], values))
    return document


anything = st.recursive(
    st.one_of(scalars, st.sampled_from(["model", "parameters", "name", "type", "string"])),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(
            st.sampled_from(
                [
                    "model",
                    "parameters",
                    "name",
                    "type",
                    "options",
                    "items",
                    "properties",
                    "required",
                ]
            ),
            inner,
            max_size=5,
        ),
    ),
    max_leaves=25,
)
"""JSON of any shape, with the keys of a document in the wrong places."""
