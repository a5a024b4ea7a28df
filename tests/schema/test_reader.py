"""The lenient reader: every spelling, every shape, and a stable code for every contradiction."""

from __future__ import annotations

import json
from typing import Any

import pytest
from generator_world import codes, element, read, text_of
from hypothesis import given
from hypothesis import strategies as st

from gmigen.problems import Problem
from gmigen.schema import read_document
from gmigen.schema.algebra import admits
from gmigen.schema.types import (
    Anything,
    Choice,
    Integer,
    ListOf,
    Media,
    Null,
    Number,
    OneOf,
    OpenRecord,
    Record,
    Text,
    Type,
)


def kind(**given: Any) -> Type:
    [parameter] = read({"name": "thing", **given}).parameters
    return parameter.type


def member_names(record: Type) -> list[str]:
    assert isinstance(record, Record)
    return [field.name for field in record.fields]


SPELLINGS = {
    "default": [{"default_value": 5}, {"default": 5}],
    "options": [
        {"options": [5, 6]},
        {"enum": [5, 6]},
        {"allowed_values": [5, 6]},
        {"values": [5, 6]},
    ],
    "bounds": [
        {"min_value": 1, "max_value": 9},
        {"minimum": 1, "maximum": 9},
        {"min": 1, "max": 9},
    ],
    "schema": [{"minimum": 1}, {"schema": {"type": "integer", "minimum": 1}, "type": None}],
}


@pytest.mark.parametrize("meaning", SPELLINGS)
def test_the_spellings_of_the_wire_and_of_json_schema_mean_the_same(meaning: str) -> None:
    first, *others = (
        read(
            {k: v for k, v in {"name": "n", "type": "integer", **spelled}.items() if v is not None}
        )
        for spelled in SPELLINGS[meaning]
    )
    assert all(other.parameters == first.parameters for other in others)


ITEM = ListOf(Record(read(element("url", required=True)).parameters))


@pytest.mark.parametrize(
    "given",
    [
        {"type": "array", "items": {"properties": [{"name": "url", "required": True}]}},
        {"type": "array", "items": {"properties": {"url": {}}, "required": ["url"]}},
        {"type": "array", "items": [{"name": "url", "required": True}]},
        {"type": "array", "items": {"url": {"required": True}}},
        {"type": "array", "properties": [{"name": "url", "required": True}]},
        {"type": "array", "items": {"type": "object"}, "properties": {"url": {"required": True}}},
        {
            "type": "json",
            "items": {"type": "object", "properties": [{"name": "url", "required": True}]},
        },
        {"items": {"properties": {"url": {"required": True}}}},
    ],
)
def test_a_list_of_objects_is_read_from_every_shape_its_members_come_in(given: Any) -> None:
    read_as = kind(**given)
    assert isinstance(read_as, ListOf)
    assert isinstance(read_as.item, Record)
    [field] = read_as.item.fields
    assert (field.name, field.required) == ("url", True)


def test_objects_nest_to_any_depth() -> None:
    inner: dict[str, Any] = {"type": "string"}
    for _ in range(8):
        inner = {"type": "object", "properties": {"x": inner}}
    read_as, depth = kind(**inner), 0
    while isinstance(read_as, Record):
        read_as, depth = read_as.fields[0].type, depth + 1
    assert (read_as, depth) == (Text(), 8)


JSON_SCHEMA: list[tuple[dict[str, Any], Type]] = [
    ({"anyOf": [{"type": "string"}, {"type": "integer"}]}, OneOf((Text(), Integer()))),
    ({"oneOf": [{"type": "string"}, {"type": "null"}]}, OneOf((Text(), Null()))),
    ({"allOf": [{"type": "number", "minimum": 1}]}, Number(1)),
    ({"const": 5}, Choice((5,))),
    ({"const": None}, Choice((None,))),
    ({"type": "string", "nullable": True}, OneOf((Text(), Null()))),
    ({"type": ["string", "null"]}, OneOf((Text(), Null()))),
    ({"type": "string", "format": "uri"}, Media("file")),
    ({"type": "string", "format": "email"}, Text()),
    ({"type": "array", "items": {"type": "integer", "minimum": 2}}, ListOf(Integer(2))),
    ({"type": "array", "items": {"enum": ["a"]}, "maxItems": 3}, ListOf(Choice(("a",)), None, 3)),
    (
        {"type": "array", "items": [{"type": "string"}, {"type": "integer"}]},
        ListOf(OneOf((Text(), Integer()))),
    ),
    ({"type": "string", "minLength": 1, "maxLength": 9}, Text(1, 9)),
    ({"type": "object", "additionalProperties": True}, OpenRecord()),
    ({"enum": ["a", 1, 1.0, True, None]}, Choice(("a", 1, 1.0, True, None))),
    ({"options": [{"value": "a", "label": "A"}, {"value": 2}]}, Choice(("a", 2))),
]


@pytest.mark.parametrize(("given", "expected"), JSON_SCHEMA)
def test_json_schema_is_read_as_what_it_says(given: dict[str, Any], expected: Type) -> None:
    # Compared as text, because for Python an option 1 equals an option True.
    assert repr(kind(**given)) == repr(expected)


CONTRADICTIONS: list[tuple[dict[str, Any], str]] = [
    ({"type": "integer", "default_value": "Random"}, "default-type"),
    ({"type": "string", "default_value": 0.5}, "default-type"),
    ({"type": "string", "min_value": 0, "max_value": 1}, "bounds-on-text"),
    ({"type": "boolean", "min_value": 0}, "bounds-misplaced"),
    ({"type": "integer", "options": ["5", "8"]}, "options-type"),
    ({"type": "boolean", "options": ["16:9"]}, "options-contradict-type"),
    ({"type": "enum"}, "enum-without-options"),
    ({"type": "enum", "options": ["a"], "default_value": "b"}, "default-not-an-option"),
    ({"type": "enum", "options": "a"}, "options-shape"),
    ({"type": "enum", "options": {"a": "A"}}, "options-shape"),
    ({"type": "enum", "options": [1, 5], "max_value": 2}, "options-out-of-bounds"),
    ({"type": "integer", "max_value": 2, "default_value": 7}, "default-out-of-bounds"),
    ({"type": "integer", "min_value": 5, "max_value": 2}, "bounds-empty"),
    ({"type": "integer", "min_value": 0.2, "max_value": 0.8}, "bounds-empty"),
    ({"type": "integer", "min_value": "1"}, "bound-shape"),
    ({"type": "float", "max_value": 10**400}, "bound-size"),
    ({"type": "string", "max_length": -1}, "limit-shape"),
    ({"type": "string", "max_length": 10**30}, "limit-shape"),
    ({"type": "string", "max_length": 3, "default_value": "long"}, "default-too-long"),
    ({"type": "integer", "max_length": 3}, "length-misplaced"),
    ({"type": "integer", "max_items": 3}, "items-misplaced"),
    ({"type": "string", "max_items": 3}, "items-on-text"),
    ({"type": "wat"}, "type-unknown"),
    ({"type": 7}, "type-unknown"),
    ({"type": "string", "properties": []}, "type-structure"),
    ({"type": "array", "items": 7}, "items-shape"),
    ({"type": "json", "items": {"type": "string"}, "properties": {"a": {}}}, "structure-twice"),
    ({"type": "string", "required": "true"}, "required-shape"),
    ({"type": "string", "required": True, "default_value": ""}, "required-empty-default"),
    ({"type": "string", "default": "a", "default_value": "b"}, "spelled-twice"),
    ({"type": "string", "const": "a", "options": ["b"]}, "const-and-options"),
    ({"type": "array", "const": None}, "const-type"),
    ({"anyOf": [{"minimum": 1}, {"required": ["x"]}]}, "alternatives-ignored"),
    ({"allOf": [{"type": "string"}, {"maxLength": 3}]}, "alternatives-ignored"),
    ({"$ref": "#/parameters/0"}, "reference-ignored"),
]


@pytest.mark.parametrize(("given", "code"), CONTRADICTIONS)
def test_a_contradiction_is_a_warning_with_a_stable_code(given: dict[str, Any], code: str) -> None:
    assert ("warning", code) in codes({"name": "thing", **given})


@pytest.mark.parametrize(("given", "code"), CONTRADICTIONS)
def test_what_contradicts_itself_still_admits_its_default_and_its_options(
    given: dict[str, Any], code: str
) -> None:
    read_as = kind(**given)
    for key in ("default_value", "default"):
        if key in given and code != "spelled-twice":
            assert admits(read_as, given[key])
    options = given.get("options")
    for option in options if isinstance(options, list) else ():
        assert admits(read_as, option)


NOTES: list[tuple[dict[str, Any], str]] = [
    ({"type": "string", "pattern": "("}, "key-ignored"),
    ({"type": "image", "options": ["https://a.example/b.png"]}, "options-on-media"),
    ({"type": "image", "max_items": 1}, "items-on-single"),
    ({"type": "enum", "options": ["a", "a"]}, "option-repeated"),
]


@pytest.mark.parametrize(("given", "code"), NOTES)
def test_what_is_harmless_is_only_noted(given: dict[str, Any], code: str) -> None:
    assert ("note", code) in codes({"name": "thing", **given})


REFUSED: list[tuple[bytes, str]] = [
    (b"", "not-json"),
    (b"<html></html>", "not-json"),
    (b'{"model": "m", "parameters": [', "not-json"),
    (b"\xff\xfe", "not-utf8"),
    (b"[]", "document-shape"),
    (b'"text"', "document-shape"),
    (b"{}", "id-shape"),
    (b'{"model": 7}', "id-shape"),
    (b'{"model": "' + b"a" * 2000 + b'"}', "id-size"),
    (b'{"model": "m", "parameters": 7}', "parameters-shape"),
    (b'{"model": "m", "parameters": ["prompt"]}', "parameter-unnamed"),
    (b'{"model": "m", "parameters": [{"type": "string"}]}', "parameter-unnamed"),
    (b'{"model": "m", "parameters": {"a": 7}}', "element-shape"),
    (
        b'{"model": "m", "parameters": [{"name": "a", "type": "x"}, {"name": "a"}]}',
        "parameter-twice",
    ),
    (
        b'{"model": "m", "parameters": [{"name": "a", "$ref": "file:///etc/passwd"}]}',
        "reference-foreign",
    ),
    (
        b'{"model": "m", "parameters": [{"name": "a", "$ref": "#/parameters/'
        + b"9" * 5000
        + b'"}]}',
        "reference-foreign",
    ),
    (b'{"model": "m", "model": "n"}', "duplicate-key"),
    (b'{"model": "m", "x": NaN}', "number-not-finite"),
    (b'{"model": "m", "x": 1e999}', "number-not-finite"),
    (b'{"model": "m", "x": ' + b"9" * 5000 + b"}", "number-size"),
    (b'{"model": "m", "x": "\\ud800"}', "text-surrogate"),
    (b'{"model": "m", "\\ud800": 1}', "text-surrogate"),
    (b'{"model": "m", "x": ' + b"[" * 40 + b"]" * 40 + b"}", "document-depth"),
    (b'{"model": "m", "x": ' + b"[" * 9999 + b"]" * 9999 + b"}", "document-depth"),
    (json.dumps({"model": "m", "x": "a" * 70_000}).encode(), "text-size"),
    (json.dumps({"model": "m", "x": [0] * 5000}).encode(), "document-width"),
    (json.dumps({"model": "m", "x": [[0] * 100] * 200}).encode(), "document-values"),
    (b" " * (2 * 1024 * 1024 + 1), "document-size"),
    (text_of(*(element(f"p{n}") for n in range(513))), "parameter-count"),
]


@pytest.mark.parametrize(
    ("text", "code"), REFUSED, ids=[f"{c}-{n}" for n, (_, c) in enumerate(REFUSED)]
)
def test_what_cannot_be_read_refuses_the_model_with_a_stable_code(text: bytes, code: str) -> None:
    problem = read_document(text)
    assert isinstance(problem, Problem)
    assert (problem.level, problem.code) == ("refused", code)
    assert problem.message


@pytest.mark.parametrize(
    "parameters",
    [[], {}, None, {"type": "object"}, {"type": "object", "properties": {}, "required": []}],
)
def test_a_model_without_parameters_is_a_model(parameters: Any) -> None:
    model = read_document(json.dumps({"model": "m", "parameters": parameters}).encode())
    assert not isinstance(model, Problem)
    assert model.parameters == ()


def test_a_json_schema_in_the_place_of_the_list_of_parameters_is_read() -> None:
    schema = {
        "type": "object",
        "required": ["a"],
        "properties": {"a": {"type": "integer"}, "b": "string"},
    }
    model = read_document(json.dumps({"model": "m", "parameters": schema}).encode())
    assert not isinstance(model, Problem)
    assert [(p.name, p.type, p.required) for p in model.parameters] == [
        ("a", Integer(), True),
        ("b", Text(), False),
    ]


def test_fields_in_wrong_shapes_are_left_out_and_noted() -> None:
    model = read(
        element("a"),
        display_name=7,
        org_id=[],
        detailed_description={},
        tags="x",
        modalities=[],
        price_info="cheap",
    )
    assert (model.title, model.vendor, model.guide, model.tags, model.price) == (
        "",
        "",
        "",
        (),
        None,
    )
    assert {problem.code for problem in model.problems} == {"field-shape", "price-shape"}


@pytest.mark.parametrize("price", [True, -1, 1.5, "1", None, 10**16, [1]])
def test_a_price_that_is_no_count_of_micro_dollars_is_no_price(price: Any) -> None:
    model = read(price_info={"price": price, "unit": "second"})
    assert model.price is None


def test_the_document_must_describe_the_model_it_was_asked_for() -> None:
    problem = read_document(text_of(model="a"), model_id="b")
    assert isinstance(problem, Problem)
    assert problem.code == "id-other"


def test_a_value_is_admitted_by_its_json_type() -> None:
    four = Choice((1, 1.0, True, "1"))
    assert all(admits(four, value) for value in (1, 1.0, True, "1"))
    for only in (1, 1.0, True, "1"):
        others = [value for value in (1, 1.0, True, "1") if repr(value) != repr(only)]
        assert not any(admits(Choice((only,)), value) for value in others)
    assert not admits(Integer(), True)
    assert admits(Number(), 1)
    assert admits(Anything(), object)  # type: ignore[arg-type]  # anything at all


json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(-1e9, 1e9), st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=3), inner)
    ),
    max_leaves=5,
)


@given(
    word=st.sampled_from(
        ["string", "integer", "float", "boolean", "enum", "image", "array", "json"]
    ),
    default=json_values,
    options=st.lists(json_values, max_size=4),
)
def test_the_type_always_admits_the_default_and_every_option(
    word: str, default: Any, options: list[Any]
) -> None:
    given = {"type": word, "default_value": default, "options": options}
    read_as = kind(**given)

    def meant(value: Any) -> Any:
        """A whole number that was written with a point, where only whole numbers are taken."""
        whole = word == "integer" and isinstance(value, float) and value.is_integer()
        return int(value) if whole else value

    assert admits(read_as, default) or admits(read_as, meant(default))
    wanted = [o["value"] if isinstance(o, dict) and "value" in o else o for o in options]
    wanted = [meant(option) for option in wanted]
    assert all(admits(read_as, option) or admits(read_as, [option]) for option in wanted)
