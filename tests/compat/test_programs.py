"""A change is breaking exactly if a program that went through is refused, or sends another thing.

Programs are sampled: keyword arguments that the class of the old schema takes. Their payloads are
compared with what the class of the new schema makes of them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from generator_world import classes_of, element, read, text_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gmigen.compat import as_markdown, as_text, bump, compare
from gmigen.compat.change import Change
from gmigen.compat.report import PRINTED, told
from gmigen.emit import render
from gmigen.emit.formatting import Draft
from gmigen.naming.names import Ledger
from gmigen.runtime.errors import InvalidRequestError
from gmigen.schema import Model, read_document

PICTURE = b"\x89PNG\r\n\x1a\n" + b"\0" * 24
_SCALARS = [0, 1, 2, 3, -1, 1.0, 2.0, 2.5, True, False, None, "", "a", "bb", "1", "ccc"]
_VALUES = st.one_of(
    st.sampled_from(_SCALARS),
    st.sampled_from(["https://e.xyz/a.png", "data:image/png;base64,iVBORw0KGgo=", PICTURE]),
    st.lists(st.sampled_from([1, 1.0, "a", True, "https://e.xyz/a.png", PICTURE]), max_size=3),
    st.dictionaries(
        st.sampled_from("ab"), st.sampled_from([*_SCALARS, [1], ["a"], {"a": 1}]), max_size=2
    ),
    st.lists(st.dictionaries(st.sampled_from("ab"), st.sampled_from(_SCALARS)), max_size=2),
)
_WORDS = st.sampled_from(
    [
        *("string", "integer", "float", "boolean", "enum", "array", "object", "json", "image"),
        *("video", "image[]", "string | null", "array of integer", "string/array", "number?"),
    ]
)
_LIMITS: dict[str, st.SearchStrategy[Any]] = {
    "options": st.lists(
        st.sampled_from([0, 1, 2, True, False, 1.0, 2.0, "a", "bb", "1", None, [1], {"a": 1}]),
        max_size=4,
    ),
    "required": st.booleans(),
    "default_value": st.sampled_from([0, 1, 2.5, True, "a", "", None, ["a"], {"a": 1}, 1.0]),
    "min_value": st.sampled_from([0, 1, 2, 0.5, -1]),
    "max_value": st.sampled_from([1, 2, 3, 2.5, 5]),
    "min_length": st.integers(0, 2),
    "max_length": st.integers(1, 3),
    "min_items": st.integers(0, 2),
    "max_items": st.integers(1, 3),
    "nullable": st.booleans(),
    "const": st.sampled_from(["a", 1, 1.0, True, ["a"]]),
    "items": st.fixed_dictionaries({"type": _WORDS}),
}


def _members(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    members = st.dictionaries(st.sampled_from("ab"), inner, min_size=1, max_size=2)
    return st.one_of(
        members.map(lambda m: {"type": "object", "properties": m}),
        members.map(lambda m: {"type": "array", "items": {"type": "object", "properties": m}}),
        st.lists(inner, min_size=1, max_size=2).map(lambda m: {"anyOf": m}),
    )


_FLAT = st.fixed_dictionaries({"type": _WORDS}, optional=_LIMITS)
_ELEMENTS = st.one_of(_FLAT, _FLAT, st.recursive(_FLAT, _members, max_leaves=4))
_SCHEMAS = st.dictionaries(st.sampled_from("pq"), _ELEMENTS, min_size=1, max_size=2)


@st.composite
def _edited(draw: st.DrawFn, old: dict[str, Any]) -> dict[str, Any]:
    """`old` after an edit of the kind a vendor makes; now and then another schema altogether."""
    new = json.loads(json.dumps(old))
    what = draw(st.integers(0, 9))
    if what == 0:
        return draw(_SCHEMAS)
    if what == 1:
        new[draw(st.sampled_from("pqr"))] = draw(_ELEMENTS)
        return new
    if what == 2 and len(new) > 1:
        del new[draw(st.sampled_from(sorted(new)))]
        return new
    places = [place for element in new.values() for place in _places(element)]
    place = draw(st.sampled_from(places))
    if what in (3, 4) and (gone := sorted(place.keys() - {"type", "properties", "anyOf"})):
        del place[draw(st.sampled_from(gone))]
    elif what == 5 and isinstance(place.get("options"), list) and place["options"]:
        place["options"].append(draw(st.sampled_from(_SCALARS)))
    elif what == 6:
        place["type"] = draw(_WORDS)
    else:
        key = draw(st.sampled_from(sorted(_LIMITS)))
        place[key] = draw(_LIMITS[key])
    return new


def _places(element: Any) -> Iterator[dict[str, Any]]:
    """An element and those inside it."""
    yield element
    inner = [*element.get("properties", {}).values(), *element.get("anyOf", [])]
    if isinstance(element.get("items"), dict):
        inner.append(element["items"])
    for part in inner:
        yield from _places(part)


_PAIRS = _SCHEMAS.flatmap(lambda old: st.tuples(st.just(old), _edited(old)))
_PROGRAMS = st.lists(
    st.dictionaries(st.sampled_from(["p", "q", "r", "P"]), _VALUES, max_size=3), max_size=24
)


def payload(cls: Any, program: dict[str, Any]) -> str | None:
    """What a program sends, or None where it is refused; null says as much as nothing."""
    try:
        sent = cls(**program).payload()
    except InvalidRequestError:
        return None
    return json.dumps(_without_nulls(sent), sort_keys=True, default=repr)


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nulls(part) for key, part in value.items() if part is not None}
    return [_without_nulls(part) for part in value] if isinstance(value, list) else value


def document(schema: dict[str, Any], model: str = "m") -> bytes:
    return text_of(*({"name": k, **e} for k, e in schema.items()), model=model)


def changed(old: dict[str, Any], new: dict[str, Any]) -> list[Change]:
    sides = [read_document(document(schema)) for schema in (old, new)]
    models = [side for side in sides if isinstance(side, Model)]
    assert len(models) == 2
    return compare(models[:1], models[1:])


Pair = tuple[dict[str, Any], dict[str, Any]]


@pytest.fixture
def unformatted(monkeypatch: pytest.MonkeyPatch) -> None:
    """How a module is laid out is nothing to its classes, and takes most of the time."""

    def as_rendered(source: str, _known: object) -> Draft:
        return Draft([(line,) for line in source.rstrip().splitlines()], {})

    monkeypatch.setattr(render, "drafted", as_rendered)


def held(pairs: list[Pair], programs: list[dict[str, Any]]) -> int:
    """Hold pairs to the promise that what is called compatible breaks no program; how many were
    compatible."""
    fine = [p for p in pairs if not any(change.breaking for change in changed(*p))]
    sides = [
        document(schema, f"m{number}{side}")
        for number, pair in enumerate(fine)
        for side, schema in enumerate(pair)
    ]
    classes = classes_of(*sides) if sides else []
    for number, pair in enumerate(fine):
        before, after = classes[2 * number : 2 * number + 2]
        for program in [{}, *programs, *_likely(pair[0])]:
            sent = payload(before, program)
            now = payload(after, program)
            assert sent is None or now == sent, (program, pair, sent, now, changed(*pair))
    return len(fine)


def _likely(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Programs that the old schema itself suggests."""
    for name, said in schema.items():
        given = [said.get("default_value"), said.get("const"), *said.get("options", [])]
        given += [said.get("min_value"), said.get("max_value")]
        yield from ({name: value} for value in given if value is not None)
        yield from ({name: [value]} for value in given if value is not None)


@pytest.mark.slow
@pytest.mark.row("B7")
@pytest.mark.row("G11")
@pytest.mark.usefixtures("unformatted")
@settings(max_examples=15, suppress_health_check=list(HealthCheck))
@given(st.lists(_PAIRS, min_size=12, max_size=12), _PROGRAMS)
def test_no_program_is_broken_by_what_is_called_compatible(
    pairs: list[Pair], programs: list[dict[str, Any]]
) -> None:
    held(pairs, programs)


@pytest.mark.nightly
@pytest.mark.usefixtures("unformatted")
@settings(max_examples=400, suppress_health_check=list(HealthCheck))
@given(st.lists(_PAIRS, min_size=12, max_size=12), _PROGRAMS)
def test_no_program_of_very_many_is_broken(
    pairs: list[Pair], programs: list[dict[str, Any]]
) -> None:
    held(pairs, programs)


@pytest.mark.row("G11")
@pytest.mark.parametrize(
    ("old", "new", "breaking"),
    [
        (
            {"type": "enum", "options": ["x" * 130 + "a"]},
            {"type": "enum", "options": ["x" * 130]},
            True,
        ),
        ({"type": "enum", "options": [1, 0]}, {"type": "enum", "options": [True, False]}, True),
        ({"type": "enum", "options": [1, 2]}, {"type": "enum", "options": [1.0, 2.0]}, True),
        ({"type": "string"}, {"type": "image"}, True),
        ({"type": "string"}, {"type": "string", "min_length": 0}, False),
        ({"type": "boolean"}, {"type": "enum", "options": [False, True]}, False),
        (
            {"type": "integer", "min_value": 1, "max_value": 3},
            {"type": "enum", "options": [1, 2, 3, 4]},
            False,
        ),
        (
            {"anyOf": [{"properties": {"a": "string"}}, {"properties": {"b": "string"}}]},
            {"anyOf": [{"properties": {"b": "string"}}, {"properties": {"a": "string"}}]},
            True,
        ),
        (
            {"type": "enum", "options": [{"a": 1, "b": 2}]},
            {"type": "enum", "options": [{"b": 2, "a": 1}]},
            None,
        ),
    ],
)
def test_values_are_compared_as_json(
    old: dict[str, Any], new: dict[str, Any], breaking: bool | None
) -> None:
    found = changed({"p": old}, {"p": new})
    if breaking is None:
        assert found == []
    else:
        assert any(change.breaking for change in found) is breaking


@pytest.mark.row("B7")
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"required": True, "default_value": 1}, {"required": True, "default_value": 4}),
        ({"required": True, "default_value": 1}, {"default_value": 1}),
        ({"default_value": 1}, {"required": True, "default_value": 1}),
        ({"required": True, "default_value": 1}, {"required": True, "default_value": 1.5}),
    ],
)
def test_what_unchanged_programs_send_decides(old: dict[str, Any], new: dict[str, Any]) -> None:
    found = changed({"n": {"type": "float", **old}}, {"n": {"type": "float", **new}})
    assert bump(found) == "major"
    assert any(change.parameter == "n" for change in found if change.breaking)


@pytest.mark.row("B1")
@pytest.mark.row("G17")
def test_a_name_that_moved_is_told() -> None:
    old, new = (read(element(wire)) for wire in ("durationSeconds", "duration_seconds"))
    before = Ledger()
    before.name([old])
    after = before.copy()
    after.name([new])
    assert after.models["m"].request.attributes == {"duration_seconds": "duration_seconds"}
    told = [change.message for change in compare([old], [new], (before, after))]
    assert "its attribute duration_seconds stands for duration_seconds now" in told
    swapped = Ledger({"m": before.models["m"]}).copy()
    swapped.models["m"].module = "other"
    [change] = compare([old], [old], (before, swapped))
    assert (change.kind, change.breaking) == ("name-changed", True)


@pytest.mark.row("half")
@pytest.mark.parametrize("form", ["text", "json", "markdown"])
def test_whatever_is_printed_fits_a_pull_request(form: str) -> None:
    changes = [
        Change(f"model-{n}", "p", "text-changed", n % 7 == 0, "x" * 300) for n in range(5000)
    ]
    cut = told(sorted(changes), form, most=PRINTED)
    assert len(cut) <= PRINTED < 65_536 < len(told(changes, form))
    assert "--output-file" in cut or json.loads(cut)["omitted"] > 0
    assert bump(changes) in cut
    assert as_text([]) == "No changes."
    assert as_markdown([]) == "No model changed."
