"""What the package knows of its models before a class is loaded, and what a class says."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from gmi_inference import models
from gmi_inference.models import catalog, parse, request_class, search
from gmi_inference.runtime.errors import InvalidRequestError, ModelNotFoundError

EVERY = sorted(catalog())


def test_asking_for_facts_loads_no_class_and_nothing_slow() -> None:
    code = (
        "import sys, gmi_inference\n"
        "before = set(sys.modules)\n"
        "known = gmi_inference.models.catalog()\n"
        "assert gmi_inference.models.search(takes='image', gives='video', max_usd=0.5)\n"
        "loaded = {n.partition('.')[0] for n in set(sys.modules) - before}\n"
        "assert loaded <= {'gmi_inference', 'importlib', 'warnings'}, loaded\n"
        "assert len([n for n in sys.modules if n.startswith('gmi_inference.models.')]) == 1\n"
        "assert len(known) == 109\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_facts_are_those_of_the_classes() -> None:
    known = catalog()
    assert {*known} == {getattr(models, facts.cls).MODEL_ID for facts in known.values()}
    for facts in known.values():
        cls = request_class(facts.id)
        assert (cls.__name__, cls.__module__.rpartition(".")[2]) == (facts.cls, facts.module)
        assert facts.takes
        assert facts.gives
        assert facts.snapshot == "2026-11-25"
    assert {facts.kind for facts in known.values()} == {
        *("video", "image", "audio", "utility", "workflow")
    }


def test_names_for_tools_are_short_plain_and_told_apart() -> None:
    names = [facts.tool_name for facts in catalog().values()]
    assert len(names) == len({*names})
    assert all(name.isidentifier() and len(name) <= 64 for name in names)


def test_a_price_is_that_of_the_smallest_request_or_none() -> None:
    for facts in catalog().values():
        payload = request_class(facts.id).payload_schema()
        assert payload["title"] == facts.cls
        if facts.price.low is None:
            continue
        assert facts.price.line
        assert str(facts.price) == facts.price.line
        assert 0 <= facts.price.low <= (facts.price.high or facts.price.low)
    assert catalog()["pixverse-v6-i2v"].price.high == 0.09
    assert str(catalog()["new_try_on_anything_01"].price)


def test_a_search_fits_everything_asked_the_cheapest_first() -> None:
    found = search(takes="image", gives="video", max_usd=0.5)
    assert len(found) > 3
    assert all("image" in one.takes and "video" in one.gives for one in found)
    highest = [one.price.high for one in found]
    assert all(high is not None and high <= 0.5 for high in highest)
    lows = [one.price.low for one in found if one.price.low is not None]
    assert lows == sorted(lows)
    assert {one.vendor for one in search(vendor="kling")} == {"kling"}
    assert {one.id for one in search("google veo3")} == {"Veo3", "Veo3-Fast"}
    assert {one.id for one in search(takes=["image", "audio"])} < {one.id for one in search()}


@pytest.mark.parametrize(
    ("asked", "near"),
    [({"gives": "vdeo"}, "video"), ({"takes": "imag"}, "image"), ({"vendor": "Kling"}, "kling")],
)
def test_a_word_no_model_is_called_by_is_refused(asked: dict[str, Any], near: str) -> None:
    with pytest.raises(InvalidRequestError, match="no model has this") as raised:
        search(**asked)
    (fault,) = raised.value.faults
    assert (fault.field, fault.nearest) == (*asked, near)


def parameters(schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for holder in (schema, *schema.get("$defs", {}).values()):
        yield from holder.get("properties", {}).values()


@pytest.mark.parametrize("names", ["wire", "python"])
def test_every_schema_is_valid_and_tells_everything(names: Any) -> None:
    units: set[str] = set()
    for model in EVERY:
        schema = request_class(model).payload_schema(names=names)
        Draft202012Validator.check_schema(schema)
        for told in parameters(schema):
            assert told["title"]
            assert told["description"]
            units.add(told.get("unit", ""))
            here = Draft202012Validator({**told, "$defs": schema.get("$defs", {})})
            for example in told["examples"]:
                assert here.is_valid(example), (model, told)
    assert {"seconds", "Hz", "frames per second", "pixels"} <= units


def test_defaults_and_units_are_those_the_class_documents() -> None:
    told = request_class("Veo3").payload_schema()["properties"]["durationSeconds"]
    assert (told["default"], told["unit"], told["examples"]) == ("8", "seconds", ["8"])


def test_a_price_of_a_class_is_whole_or_not_there() -> None:
    prices = [request_class(model).PRICE for model in EVERY]
    assert {frozenset(price) for price in prices if price is not None} == {
        frozenset({"micro_dollars", "unit", "details"})
    }


def test_parse_is_the_door_for_data_of_either_spelling() -> None:
    wire = parse("Veo3", {"prompt": "a boat", "durationSeconds": "8"})
    python = parse("Veo3", {"prompt": "a boat", "duration_seconds": "8"})
    assert wire == python == models.Veo3Request(prompt="a boat", duration_seconds="8")


@pytest.mark.parametrize("name", ["durationSeconds", "duration_seconds"])
def test_faults_carry_the_names_that_were_used(name: str) -> None:
    data = {"prompt": "a boat", name: 8}
    for door in (
        lambda: parse("Veo3", data),
        lambda: models.Veo3Request.model_validate(data),
        lambda: models.Veo3Request(**data),  # type: ignore[arg-type]
    ):
        with pytest.raises(InvalidRequestError) as raised:
            door()
        assert [fault.field for fault in raised.value.faults] == [name]


@pytest.mark.parametrize(
    ("data", "field", "nearest"),
    [
        ({"promt": "x", "aspectRatio": "16:9"}, "promt", "prompt"),
        ({"prompt": "x", "aspect_ratio": "16:9", "durationSecond": "8"}, "durationSecond",
         "duration_seconds"),
        ({"prompt": "x", "aspectRatio": "16:9", "durationSecond": "8"}, "durationSecond",
         "durationSeconds"),
    ],
)  # fmt: skip
def test_advice_is_in_those_names_too(data: dict[str, Any], field: str, nearest: str) -> None:
    with pytest.raises(InvalidRequestError) as raised:
        parse("Veo3", data)
    assert (field, nearest) in {(f.field, f.nearest) for f in raised.value.faults}


def test_faults_inside_of_nested_objects_keep_their_place() -> None:
    data = {"prompt": "x", "image_list": [{"image_url": "https://a/b.png"}, {"type": "last"}]}
    with pytest.raises(InvalidRequestError) as raised:
        parse("kling-v3-omni", data)
    fields = {fault.field for fault in raised.value.faults}
    assert fields == {"image_list[1].image_url", "image_list[1].type"}


@pytest.mark.parametrize("data", [None, "text", 5, ["prompt"], b"{}"])
def test_what_is_no_mapping_is_refused(data: Any) -> None:
    with pytest.raises(InvalidRequestError):
        parse("Veo3", data)


def test_extra_payload_comes_through_no_door_for_data() -> None:
    data = {"prompt": "x", "extra_payload": {"n": 100}}
    with pytest.raises(InvalidRequestError, match="extra_payload"):
        parse("Veo3", data)
    with pytest.raises(InvalidRequestError, match="extra_payload"):
        models.Veo3Request.model_validate_json('{"prompt": "x", "extra_payload": {"n": 1}}')


def test_an_unknown_model_is_said_with_what_is_near() -> None:
    with pytest.raises(ModelNotFoundError, match="Veo3"):
        parse("veo3", {"prompt": "x"})
