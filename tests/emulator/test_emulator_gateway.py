"""The payload check: everything at once, in the recorded words, with JSON types exact."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gmigen.emulator import Emulator
from gmigen.emulator.gateway import complaints, unknown_keys
from gmigen.schema import Default, Parameter
from gmigen.schema.types import (
    Anything,
    Boolean,
    Choice,
    Integer,
    Json,
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

GOOD = {"prompt": "a boat", "image": "https://example.com/x.png"}
PREFIX = "invalid payload parameters: "


def refused(client: httpx.Client, payload: Any) -> tuple[int, str]:
    answer = client.post("/requests", json={"model": "strict-1", "payload": payload})
    return answer.status_code, answer.json().get("error", "")


def test_every_missing_key_is_named_at_once_even_one_with_a_default(client: httpx.Client) -> None:
    status, text = refused(client, {})
    assert status == 400
    assert text == (
        f"{PREFIX}prompt (Required parameter is missing), image (Required parameter is missing)"
    )


@pytest.mark.parametrize(
    ("key", "value", "named"),
    [
        ("duration", 5, 'duration (Value is not one of the allowed options: "5", "10")'),
        ("duration", "7", 'duration (Value is not one of the allowed options: "5", "10")'),
        ("fps", "24", "fps (Value is not one of the allowed options: 24, 30)"),
        ("fps", 24.0, "fps (Value is not one of the allowed options: 24, 30)"),
        ("seed", 11, "seed (Value must be between -1 and 10)"),
        ("negative", "abcdef", "negative (Value must have at most 5 characters)"),
        ("references", ["a", "b", "c"], "references (Value must have at most 2 items)"),
    ],
)
def test_a_value_the_details_do_not_allow_is_refused(
    client: httpx.Client, key: str, value: Json, named: str
) -> None:
    assert refused(client, {**GOOD, key: value}) == (400, PREFIX + named)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("prompt", 5),
        ("prompt", None),
        ("image", ["https://example.com/x.png"]),
        ("seed", "5"),
        ("seed", True),
        ("seed", 1.0),
        ("audio", "true"),
        ("references", "https://example.com/x.png"),
        ("references", [1]),
    ],
)
def test_a_value_of_the_wrong_json_type_is_refused_as_the_upstream_does(
    running: Emulator, client: httpx.Client, key: str, value: Json
) -> None:
    assert refused(client, {**GOOD, key: value}) == (500, "Backend error (403). Please try again.")
    assert running.log.billed_jobs == ()


def test_a_payload_that_the_details_allow_makes_a_job(
    running: Emulator, client: httpx.Client
) -> None:
    payload = {**GOOD, "duration": "5", "fps": 24, "seed": -1, "references": [], "audio": False}
    assert refused(client, payload) == (200, "")
    assert len(running.log.billed_jobs) == 1


def test_unknown_keys_are_ignored_by_the_service_and_kept_by_the_ledger(
    running: Emulator, client: httpx.Client
) -> None:
    assert refused(client, {**GOOD, "promt": "x", "Seed": 1})[0] == 200
    assert running.log.unknown_payload_keys == {"strict-1": ("promt", "Seed")}


def test_an_unknown_model_is_refused_in_the_recorded_words(client: httpx.Client) -> None:
    answer = client.post("/requests", json={"model": "Clip-1", "payload": {}})
    assert (answer.status_code, answer.json()) == (404, {"error": "model Clip-1 does not exist"})


def test_a_model_whose_details_cannot_be_read_takes_no_requests(client: httpx.Client) -> None:
    answer = client.post("/requests", json={"model": "broken", "payload": {}})
    assert answer.status_code == 400
    assert "cannot read the details of model broken" in answer.json()["error"]


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"{}", b'{"model":5}', b'{"model":"clip-1"}', b"\xff"]
)
def test_a_body_that_is_no_submission_is_refused(client: httpx.Client, body: bytes) -> None:
    assert client.post("/requests", content=body).status_code == 400


def check(kind: Type, value: Json) -> list[str]:
    parameter = Parameter("key", kind, required=False)
    return [complaint.name for complaint in complaints({"key": value}, (parameter,))]


def test_members_of_nested_objects_and_lists_are_named_by_their_path() -> None:
    member = Parameter("b", Integer(), required=True)
    nested = ListOf(Record((member, Parameter("c", Boolean(), required=False))))
    assert check(nested, [{"b": 1}, {}, {"b": 1, "c": 0}]) == ["key[1].b", "key[2].c"]


def test_a_value_for_one_of_several_types_is_refused_only_if_it_suits_none() -> None:
    kind = OneOf((Choice(("auto",)), Integer(0, 5), Null()))
    assert [check(kind, value) for value in ("auto", 5, None)] == [[], [], []]
    assert [check(kind, value) for value in ("Auto", 6, True)] == [["key"]] * 3


def test_a_required_parameter_with_a_default_must_be_sent() -> None:
    parameter = Parameter("key", Text(), required=True, default=Default("x"))
    assert [complaint.name for complaint in complaints({}, (parameter,))] == ["key"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
ATOMS = st.sampled_from(
    [
        Text(),
        Text(1, 3),
        Integer(),
        Integer(-1, 5),
        Number(0, 1),
        Boolean(),
        Null(),
        Anything(),
        Media("image"),
        OpenRecord(),
        Choice((1, "1", True)),
    ]
)
TYPES = st.recursive(
    ATOMS,
    lambda inner: st.builds(ListOf, inner, st.none() | st.just(1), st.none() | st.just(2))
    | st.lists(inner, min_size=2, max_size=3).map(lambda members: OneOf(tuple(members)))
    | inner.map(lambda kind: Record((Parameter("a", kind, required=True),))),
    max_leaves=4,
)


@given(TYPES, JSON)
def test_what_the_reader_calls_admitted_the_gateway_takes(kind: Type, value: Json) -> None:
    from gmigen.schema.algebra import admits

    if admits(kind, value):
        assert check(kind, value) == []


@given(ATOMS, JSON)
def test_what_the_reader_does_not_admit_the_gateway_refuses(kind: Type, value: Json) -> None:
    from gmigen.schema.algebra import admits

    assert admits(kind, value) == (check(kind, value) == [])


@given(st.dictionaries(st.text(), JSON, max_size=4), st.sets(st.text(), max_size=4))
def test_every_key_is_either_known_or_reported(payload: dict[str, Json], known: set[str]) -> None:
    parameters = tuple(Parameter(name, Anything(), required=False) for name in known)
    reported = unknown_keys(payload, parameters)
    assert set(reported) == set(payload) - known
