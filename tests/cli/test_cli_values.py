"""How arguments become values: by the schema of the payload, and without one."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gmigen.client_cli.texts import TextFile
from gmigen.client_cli.values import local_files, values
from gmigen.runtime.errors import InvalidRequestError

TEXT = {"type": "string"}
IMAGE = {"type": "string", "contentMediaType": "image/*"}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)  # fmt: skip


def read(argument: str, schema: dict[str, Any], **defs: Any) -> Any:
    whole = {"properties": {"x": schema}, "$defs": defs}
    return values([argument], whole)["x"]


def faults(*arguments: str, schema: dict[str, Any] | None = None) -> str:
    with pytest.raises(InvalidRequestError) as caught:
        values(arguments, {"properties": schema or {}})
    return str(caught.value)


@given(st.text().filter(lambda text: not text.startswith("@") and text != "-"))
def test_a_text_stays_the_text_it_is(text: str) -> None:
    assert read(f"x={text}", TEXT) == text
    assert read(f"x={text}", {"anyOf": [TEXT, {"type": "null"}]}) == text


@given(JSON)
def test_json_survives_as_it_stands(value: Any) -> None:
    assert values([f"x:={json.dumps(value)}"]) == {"x": value}


@given(st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.booleans())
def test_numbers_and_booleans_are_read_where_no_text_is_taken(
    whole: int, number: float, yes: bool
) -> None:
    for value, kind in ((whole, "integer"), (number, "number"), (whole, "number")):
        found = read(f"x={value}", {"anyOf": [{"type": kind}, {"type": "null"}]})
        assert found == value
        assert type(found) is type(value)
    assert read(f"x={yes}", {"type": "boolean"}) is yes


@given(st.text(st.characters(codec="utf-8")))
def test_no_argument_ends_in_anything_but_values_or_a_sentence(argument: str) -> None:
    schema = {"properties": {"n": {"type": "integer"}, "x": {"anyOf": [IMAGE, {"type": "array"}]}}}
    for start in ("", "n=", "n:=", "x=", "x:="):
        with contextlib.suppress(InvalidRequestError):
            assert len(values([start + argument], schema)) == 1


@pytest.mark.parametrize(
    ("argument", "schema", "value"),
    [
        ("x=8", {"enum": ["8", "6"], "type": "string"}, "8"),
        ("x=24", {"enum": [24, 30], "type": "integer"}, 24),
        ("x=1", {"enum": [True, 1.0]}, 1),
        ("x=7", {"enum": ["8", "6"]}, "7"),
        ("x=25", {"enum": [24, 30]}, 25),
        ("x=auto", {"anyOf": [{"const": "auto"}, {"type": "integer"}]}, "auto"),
        ("x=5", {"anyOf": [{"const": "auto"}, {"type": "integer"}]}, 5),
        ("x=null", {"anyOf": [{"type": "integer"}, {"type": "null"}]}, None),
        ("x=null", TEXT, "null"),
        ("x:=null", TEXT, None),
        ("x=5.0", {"type": "integer"}, 5.0),
        ("x=NaN", {"type": "number"}, "NaN"),
        ("x=many", {"type": "integer"}, "many"),
        ('x={"a": 1}', {"type": "object"}, {"a": 1}),
        ("x=a", {"type": "array", "items": TEXT}, ["a"]),
        ("x=3", {"type": "array", "items": {"type": "integer"}}, [3]),
        ("x=[3, 4]", {"type": "array", "items": {"type": "integer"}}, [3, 4]),
        ("x=a=b:=c", TEXT, "a=b:=c"),
        ("x=", TEXT, ""),
        ("x=two\nlines", TEXT, "two\nlines"),
    ],
)
def test_a_value_is_read_the_way_the_schema_takes_it(
    argument: str, schema: dict[str, Any], value: Any
) -> None:
    found = read(argument, schema)
    assert (type(found), found) == (type(value), value)


def test_an_at_sign_names_a_file_where_media_go_and_a_text_elsewhere() -> None:
    assert read("x=@a.png", IMAGE) == Path("a.png")
    assert read("x=@~/a.png", IMAGE) == Path.home() / "a.png"
    assert read("x=@~nobody-of-this-name/a.png", IMAGE) == Path("~nobody-of-this-name/a.png")
    assert read("x=@a.png", {"type": "array", "items": IMAGE}) == [Path("a.png")]
    assert read("x=@home", TEXT) == TextFile(Path("home"))
    assert read("x=@home", {"type": "array", "items": TEXT}) == [TextFile(Path("home"))]
    assert read("x=@home", {"enum": ["@home"], "type": "string"}) == "@home"
    assert read("x=-", TEXT) == TextFile()
    assert read('x:="@home"', TEXT) == "@home"
    assert read('x:="-"', TEXT) == "-"
    assert read("x=https://a/b.png", IMAGE) == "https://a/b.png"


def test_files_in_json_are_found_where_the_schema_takes_media() -> None:
    shot = {"type": "object", "properties": {"image": IMAGE, "say": TEXT}}
    schema = {"anyOf": [{"type": "array", "items": {"$ref": "#/$defs/Shot"}}, {"type": "null"}]}
    found = read('x:=[{"image": "@a.png", "say": "@a.png"}]', schema, Shot=shot)
    assert found == [{"image": Path("a.png"), "say": "@a.png"}]
    assert list(local_files({"x": found})) == [Path("a.png")]


def test_a_name_given_again_makes_a_list_where_one_is_taken() -> None:
    schema = {"x": {"anyOf": [{"type": "array", "items": {"type": "integer"}}]}, "y": TEXT}
    assert values(["x=1", "x=2"], {"properties": schema}) == {"x": [1, 2]}
    assert values(["x=@a", "x=b"]) == {"x": [Path("a"), "b"]}
    assert faults("y=1", "y=2", schema=schema) == "y: given 2 times, but it takes one value"


def test_both_spellings_of_a_name_are_the_same_name() -> None:
    schema = {"properties": {"theEnd": {"type": "integer"}}}
    wire = {"the_end": "theEnd"}
    assert values(["the_end=1"], schema, wire) == {"the_end": 1}
    with pytest.raises(InvalidRequestError, match="given 2 times"):
        values(["the_end=1", "theEnd=2"], schema, wire)


def test_every_unreadable_argument_is_told_at_once() -> None:
    told = faults("boat", "=x", "y:={", "z:=NaN").splitlines()
    assert told == [
        "boat: write it as name=value, or name:=json",
        "=x: write it as name=value, or name:=json",
        "y: what follows := is not JSON; a text is written y=text",
        "z: what follows := is not JSON; a text is written z=text",
    ]


def test_json_nested_too_deeply_is_refused_in_a_sentence() -> None:
    assert "is not JSON" in faults("x:=" + "[" * 200_000)
