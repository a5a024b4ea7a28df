"""What a request class shows to programs, editors and test runners, and classes made of it."""

from __future__ import annotations

import inspect
import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field
from requests_world import SENT, ClipRequest, EmptyRequest, ShotItem, refusal

from gmi_inference import models
from gmigen.naming import reserved
from gmigen.naming.names import Ledger
from gmigen.requests.base import Request
from gmigen.requests.fields import ListOf, Options
from gmigen.schema import Model, Parameter
from gmigen.schema.types import Text


class House(ClipRequest):
    """A class of the user's own, with a default of its own for a required parameter."""

    prompt: str = "the house prompt"
    seconds: Literal["6"] | None = "6"
    seed: int | None = None
    note: str = Field("", exclude=True)


class Cottage(House):
    """A class of such a class."""

    count: int | None = None


@pytest.mark.row("B3")
def test_a_field_that_a_subclass_overrides_stays_the_parameter_it_is() -> None:
    told = {"prompt": "the house prompt", "durationSeconds": "6", **SENT}
    assert House().payload() == told
    assert House(note="mine").with_(prompt="x").payload() == {**told, "prompt": "x"}
    assert House(note="mine").with_(prompt="x").note == "mine"
    for spelled in ("seconds", "durationSeconds"):
        assert House(**{spelled: "6"}).payload() == told
        assert House.model_validate({spelled: "6"}).payload() == told
        told_of = f'{spelled}: not one of the options (allowed: "6")'
        assert told_of in refusal(House, **{spelled: "8"})
    assert House(seed=None).payload() == {**told, "seed": None}
    assert House.from_payload(told).payload() == told
    assert "durationSeconds" in House.payload_schema()["properties"]
    assert "note" not in House.payload_schema()["properties"]
    assert Cottage().payload() == {n: value for n, value in told.items() if n != "count"}


class SizedRequest(Request):
    """Options that are lists and objects."""

    size: Annotated[list[int], Options([1, 2], [3])] | None = None
    opts: Annotated[dict[str, Any], Options({"$ref": "#/x", "a": [1]}, {"b": 2})] | None = None
    big: Annotated[int, Options(2**70, 1)] | None = None
    names: ListOf[str] | None = Field(default_factory=lambda: ["a"])


@pytest.mark.row("B8")
def test_what_a_request_hands_out_is_its_own() -> None:
    first = SizedRequest(size=[1, 2], opts={"$ref": "#/x", "a": [1]})
    first.size.append(7)  # type: ignore[union-attr]
    first.opts["a"].append(7)  # type: ignore[index]
    first.names.append("b")  # type: ignore[union-attr]
    SizedRequest.payload_schema()["properties"]["size"]["enum"][0].append(7)
    second = SizedRequest(size=[1, 2], opts={"$ref": "#/x", "a": [1]})
    assert second.payload() == {"size": [1, 2], "opts": {"$ref": "#/x", "a": [1]}}
    assert second.names == ["a"]
    assert SizedRequest.payload_schema()["properties"]["size"]["enum"] == [[1, 2], [3]]
    shared = ClipRequest(prompt="x", settings={"a": [1]}, extra_payload={"n": [1]})
    shared.payload()["settings"]["a"].append(2)
    shared.payload()["n"].append(2)
    assert shared.payload() == {"prompt": "x", "settings": {"a": [1]}, "n": [1], **SENT}


@pytest.mark.row("G23")
def test_options_of_any_kind_stand_in_the_schema_as_they_are() -> None:
    options = SizedRequest.payload_schema()["properties"]
    assert options["opts"]["enum"] == [{"$ref": "#/x", "a": [1]}, {"b": 2}]
    assert options["big"]["enum"] == [2**70, 1]
    assert SizedRequest(big=2**70).payload() == {"big": 2**70}
    assert "big: not one of the options" in refusal(SizedRequest, big=2**70 + 1)


def test_the_schema_has_descriptions_and_both_spellings() -> None:
    wire, python = ClipRequest.payload_schema(), ClipRequest.payload_schema(names="python")
    assert wire["properties"]["prompt"]["description"] == "Text that steers the clip. Required."
    assert {"durationSeconds", "prompt"} < wire["properties"].keys()
    assert {"seconds", "prompt"} < python["properties"].keys()
    assert wire["required"] == python["required"] == ["prompt"]
    assert wire["$defs"]["ShotItem"]["properties"]["shotLength"]["description"]
    assert python["$defs"]["ShotItem"]["properties"]["length"]["description"]
    assert wire["properties"]["count"]["default"] == 1
    assert EmptyRequest.payload_schema()["properties"] == {}


def test_every_parameter_of_every_emitted_class_is_described_in_its_schema() -> None:
    for name in models.__all__:
        cls = getattr(models, name)
        if not isinstance(cls, type):
            continue
        for spelling in ("wire", "python"):
            schema = cls.payload_schema(names=spelling)
            assert len(schema["properties"]) == len(cls.model_fields)
            assert all(member.get("description") for member in schema["properties"].values()), name
            json.dumps(schema)


@pytest.mark.row("U11")
def test_the_signature_lists_the_parameters_first_in_one_spelling() -> None:
    signature = inspect.signature(ClipRequest)
    assert list(signature.parameters) == [*ClipRequest.model_fields, "extra_payload"]
    assert {one.kind for one in signature.parameters.values()} == {inspect.Parameter.KEYWORD_ONLY}
    assert signature.parameters["prompt"].default is inspect.Parameter.empty
    assert signature.parameters["tags"].default == ["a"]
    assert list(inspect.signature(ShotItem).parameters) == [*ShotItem.model_fields]
    assert list(inspect.signature(House).parameters)[:3] == ["prompt", "seconds", "count"]
    # pyright shows this one on a call, and pydantic's where there is none.
    assert "InvalidRequestError" in (ClipRequest.__init__.__doc__ or "")
    assert inspect.getdoc(ClipRequest) == inspect.cleandoc(ClipRequest.__doc__ or "")

    class Own(ClipRequest):
        def __init__(self, prompt: str, loud: bool = False) -> None:
            super().__init__(prompt=prompt.upper() if loud else prompt)

    assert Own("x", loud=True).payload()["prompt"] == "X"
    assert "loud" in inspect.signature(Own).parameters


@pytest.mark.row("B20")
def test_no_test_runner_takes_a_class_for_a_test() -> None:
    assert ClipRequest.__test__ is ShotItem.__test__ is False
    assert "__test__" not in ClipRequest.model_fields


# Every public name of a model class, metaclass included, derived from pydantic 2.9.2, 2.10.6,
# 2.11.10, 2.12.5 and 2.14.4: all five have the same ones.
NAMES = [
    "construct",
    "copy",
    "dict",
    "from_orm",
    "json",
    "model_computed_fields",
    "model_config",
    "model_construct",
    "model_copy",
    "model_dump",
    "model_dump_json",
    "model_extra",
    "model_fields",
    "model_fields_set",
    "model_json_schema",
    "model_parametrized_name",
    "model_post_init",
    "model_rebuild",
    "model_validate",
    "model_validate_json",
    "model_validate_strings",
    "mro",
    "parse_file",
    "parse_obj",
    "parse_raw",
    "register",
    "schema",
    "schema_json",
    "update_forward_refs",
    "validate",
]


def public(cls: type) -> set[str]:
    return {name for name in (*dir(cls), *dir(type(cls))) if not name.startswith("_")}


@pytest.mark.row("B13")
def test_every_name_of_a_request_class_and_its_metaclass_is_reserved() -> None:
    assert {*NAMES} <= reserved.ATTRIBUTES
    assert public(BaseModel) <= reserved.ATTRIBUTES
    assert {name for name in public(Request) if name.islower()} <= reserved.ATTRIBUTES


@pytest.mark.row("B13")
@pytest.mark.parametrize("wire", [*NAMES, "with", "with_", "self", "takes_parameters"])
def test_a_parameter_of_such_a_name_gets_another_attribute(wire: str) -> None:
    model = Model("m", (Parameter(wire, Text(), False),))
    [attribute] = Ledger().name([model])["m"].request.attributes.values()
    assert attribute not in reserved.ATTRIBUTES
    assert not hasattr(Request, attribute)
    assert attribute.isidentifier()


def test_the_emitted_classes_hold_nothing_that_is_no_parameter(
    bundled: Mapping[str, bytes],
) -> None:
    for model_id in bundled:
        cls = models.request_class(model_id)
        assert "extra_payload" not in cls.model_fields
        assert "extra_payload" not in vars(cls)
        assert cls.takes_parameters()
