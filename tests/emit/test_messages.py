"""An invalid request is one error that names everything at fault and repeats nothing secret."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from generator_world import class_with, element

from gmigen.runtime.errors import InvalidRequestError

SECRET = "sk-live-4f9a8c7b6d5e"


@pytest.fixture(scope="module")
def cls() -> Any:
    return class_with(
        element("prompt", required=True, max_length=20),
        element("durationSeconds", "enum", options=["5", "8"]),
        element("fps", "integer", options=[24, 30]),
        element("cfg", "float", min_value=0, max_value=1),
        element("image", "image"),
        element("shots", "array", items={"properties": [element("text", required=True)]}),
        element("extra_payload"),
        element("", "string"),
    )


def told(cls: Any, **given: Any) -> str:
    with pytest.raises(InvalidRequestError) as caught:
        cls(**given)
    assert isinstance(caught.value, ValueError)
    return str(caught.value)


def test_one_error_names_every_field_at_fault(cls: Any) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        cls(durationSecond="5", fps="24", cfg=3, image=7, shots=[{"txt": "x"}])
    fields = {fault.field for fault in caught.value.faults}
    assert fields == {
        "durationSecond",
        "prompt",
        "fps",
        "cfg",
        "image",
        "shots[0].txt",
        "shots[0].text",
    }
    assert len(str(caught.value).split("\n")) == len(fields)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"durationSecond": "5"}, "durationSecond: unknown; did you mean duration_seconds?"),
        (
            {"duration_seconds": 8},
            'duration_seconds: not one of the options (allowed: "5", "8") [got int 8]; '
            'did you mean "8"?',
        ),
        ({"fps": True}, "[got bool True]"),
        ({"fps": 24.0}, "[got float 24.0]"),
        ({"cfg": 3}, "cfg: out of bounds (allowed: a number from 0.0 to 1.0) [got int 3]"),
        ({"cfg": "0.5"}, "[got str]"),
        ({"image": 7}, "an image (URL, data URI, Path or file opened in binary mode)"),
        ({"image": "cat.png"}, "for a local file write Path(...)"),
        ({"prompt": "x" * 50}, "prompt: too long (50)"),
        ({"shots": {}}, "shots: not allowed"),
    ],
)
def test_a_fault_says_what_came_what_is_allowed_and_what_is_nearest(
    cls: Any, given: dict[str, Any], words: str
) -> None:
    assert words in told(cls, **{"prompt": "p", **given})


@pytest.mark.parametrize("field", ["duration_seconds", "fps", "cfg", "shots"])
def test_a_secret_in_the_wrong_place_is_not_repeated(cls: Any, field: str) -> None:
    message = told(cls, prompt="p", **{field: SECRET})
    assert SECRET[:8] not in message
    assert "[got str]" in message


def test_a_large_value_or_many_faults_make_no_large_message(cls: Any) -> None:
    many = {f"unknown_{number}": "x" * 10_000 for number in range(500)}
    assert len(told(cls, prompt="p" * 10_000, **many)) < 5000
    assert len(told(cls, prompt="p", **{"k" * 10_000: 1})) < 500


@pytest.mark.parametrize("field", ["fps", "cfg", "duration_seconds"])
def test_a_number_of_ten_thousand_digits_is_a_fault_like_any_other(cls: Any, field: str) -> None:
    assert "[got int]" in told(cls, prompt="p", **{field: 10**10_000})


def test_values_go_out_with_the_type_they_came_with(cls: Any) -> None:
    payload = cls(prompt="p", cfg=1, fps=24, image=Path("a.png"), extra_payload_="own").payload()
    assert type(payload["cfg"]) is int
    assert payload["extra_payload"] == "own"
    assert cls(prompt="p", **{"": "empty name"}).payload()[""] == "empty name"
    assert (
        cls(prompt="p", extra_payload={"extra_payload": "wins"}).payload()["extra_payload"]
        == "wins"
    )


def test_the_schema_of_the_payload_stands_under_wire_names(cls: Any) -> None:
    properties = cls.payload_schema()["properties"]
    assert {"durationSeconds", "extra_payload", "", "prompt"} <= properties.keys()
    assert "extra_payload_" not in properties
