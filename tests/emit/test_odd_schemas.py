"""Schemas that contradict themselves, ask for the huge, or say things in odd ways."""

from __future__ import annotations

import json
from typing import Any

import pytest
from generator_world import class_with, codes, element, made, read, source_of, text_of
from peak import forget, peak_kib

from gmigen.emit.example import MOST_VALUES, example
from gmigen.schema.types import Integer, ListOf, Media, OneOf


@pytest.mark.row("G4")
@pytest.mark.parametrize(
    "odd",
    [
        element("p", "array of enum", const=["a"]),
        element("p", ["enum", "null"], const="a"),
        element("p", ["enum", "null"], const=None),
        element("p", "array", items={"type": "enum"}, const=[[1]]),
        element("p", "enum", const={"a": []}),
    ],
)
def test_a_constant_beside_an_empty_enum_ends_nothing(odd: dict[str, Any]) -> None:
    output = made(text_of(odd), text_of(element("prompt"), model="other"))
    assert {model.id for model in output.models} == {"m", "other"}
    assert class_with(odd)(p=odd["const"]).payload() == {"p": odd["const"]}


@pytest.mark.row("G4")
def test_whatever_fails_for_one_model_refuses_that_one(monkeypatch: pytest.MonkeyPatch) -> None:
    from gmigen.emit import maker

    original = maker.module_view

    def failing(model: Any, *rest: Any) -> Any:
        if model.id == "m":
            raise KeyError("nobody thought of it")
        return original(model, *rest)

    monkeypatch.setattr(maker, "module_view", failing)
    output = made(text_of(element("p")), text_of(element("p"), model="other"))
    assert [model.id for model in output.models] == ["other"]
    assert [(problem.model, problem.code) for problem in output.refused] == [("m", "internal")]


@pytest.mark.row("G8")
def test_options_that_are_an_empty_object_are_none() -> None:
    cls = class_with(element("p", "string", options={}), element("q", "enum", options={}))
    assert cls(p="anything", q="any text").payload() == {"p": "anything", "q": "any text"}


@pytest.mark.row("G24")
@pytest.mark.parametrize("empty", [None, ""])
def test_an_empty_default_of_a_required_parameter_is_none(empty: str | None) -> None:
    from gmigen.runtime.errors import InvalidRequestError

    given = element("image", "string", required=True, default_value=empty)
    cls = class_with(given)
    with pytest.raises(InvalidRequestError):
        cls()
    assert cls(image="https://example.com/a.png").payload() == {
        "image": "https://example.com/a.png"
    }
    assert ("warning", "required-empty-default") in codes(given)


@pytest.mark.row("G2")
@pytest.mark.parametrize(
    "huge",
    [
        element("p", "array of strings", required=True, min_items=2**31 - 1),
        element("p", "string", required=True, min_length=2**31 - 1),
        element(
            "p",
            "array",
            required=True,
            min_items=3000,
            items={"type": "array", "min_items": 3000, "items": {"type": "array", "min_items": 9}},
        ),
        element(
            "p",
            "array",
            required=True,
            min_items=MOST_VALUES - 1,
            items={"properties": {f"q{n}": {"required": True} for n in range(400)}},
        ),
    ],
)
def test_an_example_has_a_bound_whatever_a_few_bytes_ask_for(huge: dict[str, Any]) -> None:
    forget()
    before = peak_kib()
    output = made(text_of(huge))
    assert peak_kib() - before < 200 * 1024
    assert [model.id for model in output.models] == ["m"]
    assert "too large for a page" in output.files["docs", "models/m.md"]
    assert example(read(huge)) is None


@pytest.mark.row("G23")
def test_an_example_of_an_integer_lies_below_a_bound_with_a_fraction() -> None:
    assert example(read(element("p", "integer", required=True, max_value=0.5))) == {"p": 0}


@pytest.mark.row("G23")
def test_images_limited_to_one_are_taken_as_one_and_as_a_list_of_one() -> None:
    kind = read(element("images", "image", max_items=1)).parameters[0].type
    assert kind == OneOf((Media("image"), ListOf(Media("image"), None, 1)))
    cls = class_with(element("images", "image", max_items=1))
    url = "https://example.com/a.png"
    assert cls(images=[url]).payload() == {"images": [url]}
    assert cls(images=url).payload() == {"images": url}


@pytest.mark.row("G23")
def test_options_that_are_objects_are_told() -> None:
    labelled = element("p", "enum", options=[{"id": "a", "label": "A"}])
    assert ("warning", "option-object") in codes(labelled)
    valued = element("p", "enum", options=[{"value": "a", "label": "A"}])
    assert codes(valued) == []


@pytest.mark.row("G23")
def test_options_beyond_64_bits_stand_in_no_literal() -> None:
    huge = element("p", "integer", options=[2**70, 1])
    assert f"Literal[{2**70}" not in source_of(huge)
    assert class_with(huge)(p=2**70).payload() == {"p": 2**70}


@pytest.mark.row("half")
def test_a_whole_number_of_an_integer_has_no_fraction() -> None:
    model = read(
        element("steps", "integer", min_value=1, max_value=10, default_value=8.0),
        element("n", "integer", options=[4.0, 8.0, 8]),
        element("cnt", "integer", required=True, default_value=1.0),
        element("share", "float", default_value=1.0),
    )
    steps, n, cnt, share = model.parameters
    assert steps.type == Integer(1, 10)
    assert json.dumps([p.default.value for p in (steps, cnt, share) if p.default]) == "[8, 1, 1.0]"
    assert json.dumps(getattr(n.type, "values", None)) == "[4, 8]"
