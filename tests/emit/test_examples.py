"""What the pages say of a parameter, and the example each page shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from generator_world import element, read

from gmigen.emit.example import example
from gmigen.schema import Model, Price, read_document
from gmigen.schema.algebra import admits
from gmigen.text.facts import dollars, facts, price_line, type_words


def test_the_example_of_every_bundled_model_is_one_its_own_schema_accepts(
    bundled: Mapping[str, bytes],
) -> None:
    for text in bundled.values():
        model = read_document(text)
        assert isinstance(model, Model)
        payload = example(model)
        parameters = {parameter.name: parameter for parameter in model.parameters}
        assert {p.name for p in model.parameters if p.required} <= payload.keys()
        assert all(admits(parameters[name].type, value) for name, value in payload.items())


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"type": "integer", "required": True}, "Required."),
        ({"type": "integer", "min_value": 1, "max_value": 9}, "From 1 to 9."),
        ({"type": "integer", "max_value": 2147483647}, "At most 2,147,483,647."),
        ({"type": "string", "max_length": 2500}, "At most 2,500 characters."),
        ({"type": "image[]", "min_items": 1}, "At least 1 elements."),
        ({"type": "enum", "options": ["a", 5, 1.0]}, 'One of "a", 5, 1.0.'),
        ({"type": "enum", "options": list(range(20))}, " and 4 more."),
        ({"type": "string", "default_value": "x"}, 'The API\'s default: "x".'),
        ({"type": "string", "default_value": "x", "required": True}, 'Sent as "x" when not given.'),
        ({"type": "string", "default_value": None}, "The API's default: null."),
        ({"type": "float", "step": 0.1}, "In steps of 0.1."),
        ({"type": "float", "max_value": 1e300}, "At most 1e+300."),
        ({"type": "string"}, ""),
    ],
)
def test_facts_are_short_sentences(given: dict[str, Any], told: str) -> None:
    [parameter] = read({"name": "thing", **given}).parameters
    assert facts(parameter).endswith(told)


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("string | null", "text or null"),
        ("array of images", "list of images"),
        ("array of URLs", "list of media files"),
        ("json", "object or list"),
        ("wat", "any JSON value"),
    ],
)
def test_a_type_is_told_in_words_for_people(word: str, told: str) -> None:
    [parameter] = read(element("thing", word)).parameters
    assert type_words(parameter.type) == told


@pytest.mark.parametrize(
    ("micro_dollars", "told"),
    [
        (152000, "$0.152 per second"),
        (1, "$0.000001 per second"),
        (5_000_000, "$5 per second"),
        (0, "$0 per second"),
        (10**15, "$1000000000 per second"),
    ],
)
def test_a_price_is_exact_to_the_micro_dollar(micro_dollars: int, told: str) -> None:
    assert dollars(Price(micro_dollars, "second")) == told


def test_the_price_line_tells_what_is_known_of_the_price() -> None:
    assert price_line(read()) == ""
    assert price_line(read(pricing_details="By size.")) == "By size."
    priced = read(price_info={"price": 40000, "unit": "image"}, pricing_details="1K")
    assert price_line(priced) == "$0.04 per image (1K)"
