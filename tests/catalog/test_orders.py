"""An order that means nothing is no change: what was fetched first stays as it is."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gmigen.catalog.fetch import Collected
from gmigen.catalog.lock import Source
from gmigen.catalog.store import Stored, store
from gmigen.compat import compare
from gmigen.schema import Model, read_document

FREE = ("parameters", "options", "enum", "tags", "input", "output", "properties")


def stored(folder: Path, *documents: Mapping[str, Any]) -> Stored:
    texts = {str(told["model"]): json.dumps(told).encode() for told in documents}
    source = Source("files", "invented")
    return store(folder, Collected(source, tuple(texts), texts, ()), today="2026-01-01")


def shuffled(value: Any, chance: random.Random, key: str = "") -> Any:
    """The same value in another order of everything whose order means nothing."""
    if isinstance(value, dict):
        pairs = list(value.items())
        chance.shuffle(pairs)
        atoms = ("default_value", "default", "price_info", "pricing_details")
        return {k: v if k in atoms else shuffled(v, chance, k) for k, v in pairs}
    if not isinstance(value, list):
        return value
    parts = [part if key in ("options", "enum") else shuffled(part, chance) for part in value]
    if key in FREE:
        chance.shuffle(parts)
    return parts


@pytest.mark.row("half")
@settings(max_examples=40)
@given(st.data())
def test_a_bundled_document_in_any_order_is_the_same_document(
    tmp_path_factory: pytest.TempPathFactory, bundled: Mapping[str, bytes], data: st.DataObject
) -> None:
    old = json.loads(bundled[data.draw(st.sampled_from(sorted(bundled)))])
    new = shuffled(old, data.draw(st.randoms(use_true_random=False)))
    sides = [read_document(json.dumps(told).encode()) for told in (old, new)]
    models = [side for side in sides if isinstance(side, Model)]
    assert compare(models[:1], models[1:]) == []
    folder = tmp_path_factory.mktemp("snapshot")
    stored(folder, old)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert stored(folder, new).changed == ()
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


@pytest.mark.row("half")
@pytest.mark.parametrize(
    "element",
    [
        {"type": "array", "default_value": ["a", "b"]},
        {"type": "object", "default_value": {"tags": ["a", "b"]}},
        {"type": "enum", "options": [["a", "b"], ["c"]]},
        {"type": "enum", "options": [{"tags": ["a", "b"]}, "c"]},
        {"const": ["a", "b"]},
    ],
)
def test_an_order_inside_a_value_is_a_change(tmp_path: Path, element: dict[str, Any]) -> None:
    old = {"model": "m", "parameters": [{"name": "p", **element}]}
    new = json.loads(json.dumps(old).replace('["a", "b"]', '["b", "a"]'))
    assert old != new
    stored(tmp_path, old)
    assert stored(tmp_path, new).changed == ("m",)


@pytest.mark.row("half")
def test_alternatives_that_change_places_are_a_change(tmp_path: Path) -> None:
    one, other = {"properties": {"a": "string"}}, {"properties": {"b": "string"}}
    parameter = {"name": "p", "anyOf": [one, other]}
    stored(tmp_path, {"model": "m", "parameters": [parameter]})
    turned = {"name": "p", "anyOf": [other, one]}
    assert stored(tmp_path, {"model": "m", "parameters": [turned]}).changed == ("m",)
