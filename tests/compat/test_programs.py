"""A change is breaking exactly if a program that went through is refused, or sends another thing.

Programs are sampled: keyword arguments that the class of the old schema takes. Their payloads are
compared with what the class of the new schema makes of them.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from generator_world import class_with, element, read
from hypothesis import given, settings
from hypothesis import strategies as st

from gmigen.compat import as_markdown, as_text, bump, compare
from gmigen.compat.change import Change
from gmigen.compat.report import PRINTED, told
from gmigen.naming.names import Ledger
from gmigen.runtime.errors import InvalidRequestError

_VALUES = st.sampled_from(
    [
        0,
        1,
        2,
        3,
        1.0,
        2.5,
        True,
        False,
        "a",
        "bb",
        "https://e.xyz/a.png",
        [],
        [1],
        ["a"],
        {},
        {"a": 1},
    ]
)
_OPTIONS = st.lists(st.sampled_from([0, 1, True, False, 1.0, 2.0, "a", "1"]), max_size=3)
_ELEMENTS = st.fixed_dictionaries(
    {"type": st.sampled_from(["string", "integer", "float", "boolean", "image", "enum", "array"])},
    optional={
        "options": _OPTIONS,
        "required": st.booleans(),
        "default_value": st.sampled_from([0, 1, 2.5, True, "a", "", None, ["a"]]),
        "min_value": st.integers(0, 2),
        "max_value": st.integers(1, 3),
        "min_length": st.integers(0, 1),
        "max_length": st.integers(1, 2),
        "min_items": st.integers(0, 1),
        "max_items": st.integers(1, 2),
    },
)
_SCHEMAS = st.dictionaries(st.sampled_from("pq"), _ELEMENTS, min_size=1, max_size=2)


def payload(cls: Any, program: dict[str, Any]) -> str | None:
    """What a program sends, or None where it is refused."""
    try:
        return json.dumps(cls(**program).payload(), sort_keys=True)
    except InvalidRequestError:
        return None


def changed(old: dict[str, Any], new: dict[str, Any]) -> list[Change]:
    sides = [read(*({"name": k, **e} for k, e in schema.items())) for schema in (old, new)]
    return compare(sides[:1], sides[1:])


@pytest.mark.slow
@pytest.mark.row("B7")
@pytest.mark.row("G11")
@settings(max_examples=25, deadline=None)
@given(_SCHEMAS, _SCHEMAS, st.lists(st.dictionaries(st.sampled_from("pq"), _VALUES), max_size=12))
def test_no_program_is_broken_by_what_is_called_compatible(
    old: dict[str, Any], new: dict[str, Any], programs: list[dict[str, Any]]
) -> None:
    if any(change.breaking for change in changed(old, new)):
        return
    before, after = (
        class_with(*({"name": k, **e} for k, e in schema.items())) for schema in (old, new)
    )
    for program in [{}, *programs]:
        sent = payload(before, program)
        assert sent is None or payload(after, program) == sent, (program, changed(old, new))


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
