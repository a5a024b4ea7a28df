"""However a request is made or changed, it is checked like a new one, and its payload is kept."""

from __future__ import annotations

import copy
import enum
import json
import pickle
import sys
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import numpy
import pydantic
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import PrivateAttr, TypeAdapter
from requests_world import SENT, URL, ClipRequest, EmptyRequest, ShotItem, refusal

from gmi_inference.models import request_class
from gmigen.emit.example import example
from gmigen.requests.base import Request
from gmigen.runtime.errors import InvalidRequestError
from gmigen.schema import Model, read_document

SMUGGLED = {"prompt": "a cat", "extra_payload": {"n": 100, "prompt": "overridden"}}


class Body(pydantic.BaseModel):
    """What a web handler takes."""

    request: ClipRequest


@pytest.mark.row("U1")
@pytest.mark.parametrize(
    "build",
    [
        ClipRequest.model_validate,
        lambda data: ClipRequest.model_validate_json(json.dumps(data)),
        lambda data: ClipRequest.model_validate_strings(data),
        TypeAdapter(ClipRequest).validate_python,
        lambda data: TypeAdapter(list[ClipRequest]).validate_json(json.dumps([data])),
        lambda data: Body(request=data),
        lambda data: Body.model_validate_json(json.dumps({"request": data})),
        ClipRequest.from_payload,
    ],
)
def test_only_python_brings_extra_payload(build: Callable[[Any], Any]) -> None:
    with pytest.raises(ValueError, match=r"extra_payload"):
        build(SMUGGLED)
    assert build({"prompt": "a cat"}) is not None
    assert "extra_payload" not in json.dumps(ClipRequest.model_json_schema())
    assert ClipRequest(**SMUGGLED).payload()["n"] == 100


@pytest.mark.row("U4")
def test_a_class_says_whether_its_model_takes_parameters() -> None:
    assert ClipRequest.takes_parameters()
    assert not EmptyRequest.takes_parameters()
    assert EmptyRequest().payload() == {}


CHANGES: list[Callable[[Any, Mapping[str, Any]], Any]] = [
    lambda request, changes: request.with_(**changes),
    lambda request, changes: request.model_copy(update=changes),
    lambda request, changes: request.model_copy(update=changes, deep=True),
    lambda request, changes: type(request).__replace__(request, **changes),
    lambda request, changes: request.copy(update=changes),
    lambda request, changes: type(request).model_construct(**{**request.model_dump(), **changes}),
    lambda request, changes: type(request)(**{**request.model_dump(), **changes}),
]
if sys.version_info >= (3, 13):
    CHANGES.append(lambda request, changes: copy.replace(request, **changes))


@pytest.mark.row("B2")
@pytest.mark.parametrize("change", CHANGES)
def test_every_change_is_checked_like_the_constructor(change: Callable[..., Any]) -> None:
    request = ClipRequest(prompt="x")
    assert change(request, {"durationSeconds": "6"}).payload()["durationSeconds"] == "6"
    assert change(request, {"seconds": "6"}).payload()["durationSeconds"] == "6"
    assert "did you mean" in refusal(change, request, {"duration": "6", "secnds": "6"})
    assert 'got int 6]; did you mean "6"?' in refusal(change, request, {"seconds": 6})
    assert "shots[0].txt: unknown" in refusal(change, request, {"shots": [{"txt": "x"}]})
    assert request.payload() == {"prompt": "x", **SENT}


@pytest.mark.row("B2")
def test_a_value_replaces_what_was_set_in_the_other_spelling() -> None:
    request = ClipRequest(prompt="x", seconds="8")
    for change in CHANGES[:5]:
        assert change(request, {"durationSeconds": "6"}).payload()["durationSeconds"] == "6"
    assert "given twice" in refusal(ClipRequest, prompt="x", seconds="8", durationSeconds="6")
    assert "given twice" in refusal(request.with_, seconds="8", durationSeconds="6")
    both = {"prompt": "x", "seconds": "8", "durationSeconds": "6"}
    assert "given twice" in refusal(ClipRequest.from_payload, both)
    assert "self: unknown" in refusal(request.model_copy, update={"self": 1})


@pytest.mark.row("B2")
def test_nested_objects_are_changed_like_requests_and_shared_with_none() -> None:
    shot = ShotItem(text="a", length=3)
    assert shot.with_(shotLength=4).payload() == {"text": "a", "shotLength": 4}
    assert shot.model_copy(update={"length": 4}).payload() == {"text": "a", "shotLength": 4}
    assert "length: not allowed" in refusal(shot.with_, length="4")
    first = ClipRequest(prompt="x", shots=[shot], names=["n"], settings={"a": [1]})
    second = first.with_(prompt="y")
    second.shots[0].text = "changed"  # type: ignore[index]
    second.names.append("more")  # type: ignore[union-attr]
    second.settings["a"].append(2)  # type: ignore[index]
    assert first.payload()["shots"] == [{"text": "a", "shotLength": 3}]
    assert (first.names, first.settings) == (["n"], {"a": [1]})


@pytest.mark.row("U6")
@pytest.mark.parametrize(
    "model_id", ["Veo3", "kling-v3-omni", "gpt-image-2-edit", "pixverse-v6-i2v"]
)
def test_round_trips_keep_the_payload_of_emitted_requests(
    model_id: str, bundled: Mapping[str, bytes]
) -> None:
    model = read_document(bundled[model_id])
    assert isinstance(model, Model)
    cls = request_class(model_id)
    _keeps_its_payload(cls(**example(model)))


requests = st.builds(
    ClipRequest,
    prompt=st.text(max_size=5),
    seconds=st.sampled_from(["8", "6", None]),
    count=st.none() | st.integers(),
    guidance=st.none() | st.floats(0, 1) | st.integers(0, 1),
    size=st.sampled_from([None, [1024, 1024]]),
    image=st.sampled_from([None, URL, (URL,), [URL, URL]]),
    shots=st.none()
    | st.lists(st.builds(ShotItem, text=st.text(max_size=3), length=st.none() | st.integers())),
    settings=st.none() | st.dictionaries(st.text(max_size=2), st.lists(st.integers())),
    type=st.sampled_from([None, 1, 2]),
)


@pytest.mark.row("U6")
@given(request=st.one_of(requests, requests.map(lambda one: one.with_(seed=None))))
def test_round_trips_keep_the_payload_of_any_request(request: ClipRequest) -> None:
    _keeps_its_payload(request)


def _keeps_its_payload(request: Any) -> None:
    cls, payload = type(request), request.payload()
    assert cls(**request.model_dump()).payload() == payload
    assert cls(**json.loads(request.model_dump_json())).payload() == payload
    assert cls.model_validate_json(request.model_dump_json()).payload() == payload
    assert cls.from_payload(payload).payload() == payload
    assert request.with_().payload() == payload
    assert request.model_copy(deep=True).payload() == payload
    assert pickle.loads(pickle.dumps(request)).payload() == payload
    assert copy.copy(request) == request == copy.deepcopy(request)


@pytest.mark.row("U6")
def test_round_trips_keep_what_the_catalogue_does_not_know() -> None:
    request = ClipRequest(prompt="x", extra_payload={"n": {"m": [2]}})
    assert request.model_dump() == {"prompt": "x", "extra_payload": {"n": {"m": [2]}}}
    for same in (
        ClipRequest(**request.model_dump()),
        request.with_(),
        request.model_copy(),
        copy.deepcopy(request),
        pickle.loads(pickle.dumps(request)),
    ):
        assert same.payload() == {"prompt": "x", "n": {"m": [2]}, **SENT}
        assert same == request
    assert request != request.with_(extra_payload={})
    # JSON that brings it is refused, loudly: nothing is lost in silence.
    assert json.loads(request.model_dump_json())["extra_payload"] == {"n": {"m": [2]}}
    request.payload()["n"]["m"].append(3)
    assert request.payload()["n"] == {"m": [2]}


@pytest.mark.row("U6")
def test_a_payload_is_read_by_wire_names_even_where_one_is_another_fields_python_name() -> None:
    class Crossed(Request):
        class_: Annotated[str | None, pydantic.Field(alias="class")] = None
        class_2: Annotated[str | None, pydantic.Field(serialization_alias="class_")] = None

    payload = {"class": "a", "class_": "b"}
    assert Crossed.from_payload(payload).payload() == payload
    assert Crossed.from_payload({"class_": "b"}).payload() == {"class_": "b"}


@pytest.mark.row("C")
def test_a_required_parameter_is_left_out_on_purpose_only() -> None:
    said = refusal(ClipRequest, extra_payload={"contents": ["a"]})
    assert "prompt: required; Ellipsis in extra_payload leaves it out on purpose" in said
    request = ClipRequest(
        seconds="6", extra_payload={"contents": ["a"], "prompt": ..., "count": Ellipsis}
    )
    assert request.payload() == {"durationSeconds": "6", "contents": ["a"], "tags": ["a"]}
    assert "prompt: required" in refusal(request.with_, extra_payload={})
    assert request.with_(seconds="8").payload()["durationSeconds"] == "8"
    assert ClipRequest(extra_payload={"prompt": 7}).payload()["prompt"] == 7
    assert "seconds" in refusal(ClipRequest, seconds=6, extra_payload={"prompt": 7})
    for wrong in (["a"], {7: "a"}, "a"):
        assert "extra_payload: not allowed" in refusal(ClipRequest, prompt="x", extra_payload=wrong)


class House(ClipRequest):
    """A class of the user's own."""

    _calls: list[str] = PrivateAttr(default_factory=list)

    @pydantic.field_validator("prompt")
    @classmethod
    def _polite(cls, value: str) -> str:
        if "please" not in value:
            raise ValueError("house rule: say please")
        return value

    @pydantic.model_validator(mode="after")
    def _short(self) -> House:
        assert len(self.names or ()) < 3, "house rule: two names"
        if self.count == 7:
            raise pydantic.ValidationError.from_exception_data("x", [])
        return self


@pytest.mark.row("B9")
def test_the_words_of_the_users_own_validators_are_shown() -> None:
    assert refusal(House, prompt="x") == "prompt: house rule: say please"
    assert "house rule: two names" in refusal(House, prompt="please", names=["a", "b", "c"])
    request = House(prompt="please", shots=({"text": "x", "cfg": 1},))
    assert type(request.payload()["shots"][0]["cfg"]) is int
    with pytest.raises(InvalidRequestError, match="say please"):
        request.prompt = "no"
    with pytest.raises(InvalidRequestError, match="two names"):
        request.names = ["a", "b", "c"]
    assert request.payload()["prompt"] == "please"
    assert request.names is None


@pytest.mark.row("B10")
def test_an_assignment_is_refused_in_the_constructors_words() -> None:
    request = ClipRequest(prompt="x")
    for name, value in [("promt", "y"), ("seconds", 6), ("guidance", 3), ("image", "cat.png")]:
        with pytest.raises(InvalidRequestError) as assigned:
            setattr(request, name, value)
        assert str(assigned.value) == refusal(ClipRequest, prompt="x", **{name: value})
    request.durationSeconds = "6"  # type: ignore[attr-defined]
    request.shots = ({"text": "y"},)  # type: ignore[assignment]
    request.extra_payload = {"n": 1}
    assert request.payload() == {
        **{"prompt": "x", "durationSeconds": "6", "shots": [{"text": "y"}], "n": 1},
        **SENT,
    }
    with pytest.raises(InvalidRequestError, match="extra_payload: not allowed"):
        request.extra_payload = ["n"]  # type: ignore[assignment]


@pytest.mark.row("B11")
def test_private_attributes_and_frozen_classes_work_with_extra_payload() -> None:
    request = House(prompt="please", extra_payload={"n": 1})
    request._calls.append("kept")
    assert request.with_(count=2)._calls == ["kept"]
    assert House(extra_payload={"prompt": "rude"})._calls == []

    class Frozen(ClipRequest, frozen=True):
        pass

    frozen = Frozen(prompt="x", extra_payload={"n": 1})
    assert frozen.with_(prompt="y").payload() == {"prompt": "y", "n": 1, **SENT}
    with pytest.raises(InvalidRequestError, match=r"prompt: it is frozen; make .*with_"):
        frozen.prompt = "y"


@pytest.mark.row("G10")
def test_none_means_not_set_for_every_parameter_that_may_be_left_out() -> None:
    names = [name for name in ClipRequest.model_fields if name not in ("prompt", "seed")]
    nothing = ClipRequest(prompt="x", **dict.fromkeys(names))  # type: ignore[arg-type]
    assert nothing.payload() == ClipRequest(prompt="x").payload()
    assert ClipRequest(prompt="x", seed=None).payload() == {"prompt": "x", "seed": None, **SENT}
    assert "prompt: not allowed" in refusal(ClipRequest, prompt=None)
    schema = ClipRequest.payload_schema()["properties"]
    assert [name for name, member in schema.items() if "null" in json.dumps(member)] == ["seed"]


@pytest.mark.row("G10")
def test_none_means_not_set_in_every_emitted_class(bundled: Mapping[str, bytes]) -> None:
    for model_id, text in bundled.items():
        model, cls = read_document(text), request_class(model_id)
        assert isinstance(model, Model)
        given = example(model)
        fields = cls.model_fields.items()
        left = {name for name, field in fields if not field.is_required()} - given.keys()
        left -= {
            name
            for name, field in fields
            if {field.alias, field.serialization_alias} & given.keys()
        }
        without = cls(**given)
        with_none = cls(**given, **dict.fromkeys(left))
        sent = {name: value for name, value in with_none.payload().items() if value is not None}
        assert without.payload().items() >= sent.items(), model_id


@pytest.mark.row("G16")
def test_lists_are_taken_in_every_shape_and_sent_as_lists() -> None:
    request = ClipRequest(prompt="x", image=(URL, Path("a.png")), names=("a",), shots=())
    payload = request.payload()
    assert (payload["image"], payload["names"]) == ([URL, Path("a.png")], ["a"])
    assert payload["shots"] == []
    assert "names: not allowed" in refusal(ClipRequest, prompt="x", names="abc")


@pytest.mark.row("G6")
def test_a_member_named_like_a_word_of_pydantics_stays_exact() -> None:
    assert "type: not one of the options" in refusal(ClipRequest, prompt="x", type=True)
    assert "shots[0].type" in refusal(ClipRequest, prompt="x", shots=[{"text": "x", "type": True}])
    payload = ClipRequest(prompt="x", guidance=1, shots=[ShotItem(text="x", cfg=1)]).payload()
    assert (type(payload["guidance"]), type(payload["shots"][0]["cfg"])) == (int, int)


class Eight(str, enum.Enum):
    """An option as a program of its own may write it."""

    SECONDS = "8"


@pytest.mark.row("F24")
@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ({"seconds": Eight.SECONDS}, "8"),
        ({"seconds": numpy.str_("8")}, "8"),
        ({"guidance": numpy.float64(0.5)}, 0.5),
        ({"guidance": Decimal("0.5")}, 0.5),
        ({"prompt": numpy.str_("x")}, "x"),
    ],
)
def test_values_of_other_libraries_are_sent_as_plain_json(given: dict[str, Any], sent: Any) -> None:
    payload = ClipRequest(**{"prompt": "x", **given}).payload()
    wire = {"seconds": "durationSeconds"}.get(*[*given] * 2)
    assert (type(payload[wire]), payload[wire]) == (type(sent), sent)


@pytest.mark.row("F24")
@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"seed": numpy.int64(5)}, "seed: not allowed (allowed: a whole number) [got int64]"),
        ({"seed": float("nan")}, "seed: not allowed (allowed: a whole number) [got float nan]"),
        ({"guidance": float("nan")}, "guidance: not allowed (allowed: a number from "),
        ({"seconds": {1: "a", "b": 2}}, 'seconds: not one of the options (allowed: "8", "6")'),
        ({"seconds": numpy.zeros(2)}, "[got ndarray]"),
        ({"size": [[]] * 2}, "size: not one of the options"),
    ],
)
def test_other_values_of_other_libraries_are_one_fault(given: dict[str, Any], words: str) -> None:
    said = refusal(ClipRequest, prompt="x", **given)
    assert words in said
    assert "\n" not in said


@pytest.mark.row("B9")
def test_the_words_of_a_validator_before_all_fields_are_shown() -> None:
    class Kept(ClipRequest):
        callback: Callable[[], None] | None = pydantic.Field(None, exclude=True)

        @pydantic.model_validator(mode="before")
        @classmethod
        def _kept(cls, data: Any) -> Any:
            if data.get("prompt") == "secret":
                raise ValueError("house rule: no secrets")
            return data

    for build in (Kept, Kept(prompt="x").with_):
        assert refusal(build, prompt="secret") == "request: house rule: no secrets"
    # No JSON Schema can describe a callback; the fault is told all the same.
    assert "callback: not allowed (allowed: any value)" in refusal(Kept, prompt="x", callback=1)


@pytest.mark.row("B9")
@pytest.mark.parametrize("build", ["init", "validate", "extra", "with_", "assign"])
def test_a_validator_may_assign(build: str) -> None:
    class Tidy(ClipRequest):
        @pydantic.model_validator(mode="after")
        def _tidy(self) -> Any:
            self.prompt = self.prompt.strip()
            self.seed = len(self.prompt) if self.prompt != "bad" else "no number"  # type: ignore[assignment]
            return self

    made: dict[str, Callable[[str], Any]] = {
        "init": lambda told: Tidy(prompt=told),
        "validate": lambda told: Tidy.model_validate({"prompt": told}),
        "extra": lambda told: Tidy(prompt=told, extra_payload={"n": 1}),
        "with_": lambda told: Tidy(prompt="y").with_(prompt=told),
        "assign": lambda told: _assigned(Tidy(prompt="y"), told),
    }
    payload = made[build](" x ").payload()
    assert (payload["prompt"], payload["seed"]) == ("x", 1)
    with pytest.raises(ValueError, match="seed: not allowed"):
        made[build]("bad")


def _assigned(request: Any, prompt: str) -> Any:
    request.prompt = prompt
    # What the validator made of it beside the assigned value is the next request's.
    return request.with_()


def test_what_is_deleted_is_not_set() -> None:
    request = ClipRequest(prompt="x", seed=3, seconds="8")
    del request.seed
    delattr(request, "durationSeconds")
    assert request.payload() == ClipRequest(prompt="x").payload()
    assert request == ClipRequest(prompt="x")
    with pytest.raises(InvalidRequestError, match="prompt: required"):
        del request.prompt
    with pytest.raises(AttributeError):
        del request.nothing  # type: ignore[attr-defined]
