"""Every kind of difference between two snapshots, and whether it breaks callers."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gmigen.compat import as_json, as_markdown, as_text, bump, compare, covers
from gmigen.schema import Model, read_details
from gmigen.schema.element import read_type
from gmigen.schema.findings import Findings
from gmigen.schema.types import Choice, ListOf, Media, OneOf, Parameter, Text, Type


def model(*parameters: dict[str, Any], name: str = "M", **more: Any) -> Model:
    read = read_details({"model": name, "parameters": list(parameters), **more})
    assert isinstance(read, Model), read
    return read


def p(**more: Any) -> dict[str, Any]:
    return {"name": "p", "type": "string", **more}


CASES: list[tuple[str, dict[str, Any] | None, dict[str, Any] | None, str, bool]] = [
    ("a new optional parameter", None, p(), "parameter-added", False),
    ("a new required parameter", None, p(required=True), "parameter-added", True),
    (
        "a new required parameter with a default",
        None,
        p(required=True, default_value="x"),
        "parameter-added",
        True,
    ),
    ("a parameter that is gone", p(), None, "parameter-removed", True),
    ("required now", p(), p(required=True), "became-required", True),
    (
        "required now, with a default",
        p(),
        p(required=True, default_value="x"),
        "became-required",
        True,
    ),
    ("optional now", p(required=True), p(), "became-optional", False),
    ("another type", p(type="integer"), p(type="string"), "type-changed", True),
    ("a wider type", p(type="integer"), p(type="number"), "type-widened", False),
    ("a narrower type", p(type="number"), p(type="integer"), "type-changed", True),
    ("text that may be null now", p(), p(type="string | null"), "type-widened", False),
    ("no longer null", p(type="string | null"), p(), "type-changed", True),
    ("a list beside the text", p(), p(type="string/array"), "type-widened", False),
    (
        "one option more",
        p(type="enum", options=["a"]),
        p(type="enum", options=["a", "b"]),
        "options-added",
        False,
    ),
    (
        "one option less",
        p(type="enum", options=["a", "b"]),
        p(type="enum", options=["a"]),
        "options-removed",
        True,
    ),
    (
        "an option of another JSON type",
        p(type="enum", options=["5"]),
        p(type="enum", options=[5]),
        "options-removed",
        True,
    ),
    ("free text now", p(type="enum", options=["a"]), p(), "type-widened", False),
    ("listed options now", p(), p(type="enum", options=["a"]), "type-changed", True),
    (
        "a tighter bound",
        p(type="integer", max_value=9),
        p(type="integer", max_value=8),
        "bounds-tightened",
        True,
    ),
    (
        "a looser bound",
        p(type="integer", min_value=3),
        p(type="integer", min_value=-3),
        "bounds-loosened",
        False,
    ),
    ("a shorter text", p(max_length=9), p(max_length=8), "bounds-tightened", True),
    (
        "fewer elements",
        p(type="array", max_items=3),
        p(type="array", max_items=2),
        "bounds-tightened",
        True,
    ),
    ("another default", p(default_value="a"), p(default_value="b"), "default-changed", False),
    ("other words", p(description="a"), p(description="b"), "text-changed", False),
]


@pytest.mark.parametrize(
    ("old", "new", "kind", "breaking"), [case[1:] for case in CASES], ids=[c[0] for c in CASES]
)
def test_each_difference_is_classed_for_the_caller(
    old: dict[str, Any] | None, new: dict[str, Any] | None, kind: str, breaking: bool
) -> None:
    sides = [model(*([side] if side else [])) for side in (old, new)]
    found = [(change.kind, change.breaking) for change in compare(sides[:1], sides[1:])]
    assert (kind, breaking) in found
    assert any(was for _, was in found) == breaking


def test_nested_members_are_compared_where_they_stand() -> None:
    def nested(*members: dict[str, Any]) -> Model:
        return model(p(type="array", items={"type": "object", "properties": list(members)}))

    old = nested({"name": "a", "type": "string"}, {"name": "b", "type": "integer"})
    new = nested({"name": "a", "type": "string", "required": True})
    told = {(change.parameter, change.kind) for change in compare([old], [new])}
    assert told == {("p[].a", "became-required"), ("p[].b", "parameter-removed")}


def test_models_come_go_and_seem_renamed() -> None:
    shape = [{"name": name, "type": "string"} for name in ("prompt", "image", "seed")]
    old = [model(*shape, name="kling-v2-5"), model(name="lonely")]
    new = [model(*shape, name="kling-v2-6"), model(p(), name="fresh")]
    told = {(change.model, change.kind, change.breaking) for change in compare(old, new)}
    assert told == {
        ("kling-v2-5", "model-renamed", True),
        ("kling-v2-6", "model-added", False),
        ("lonely", "model-removed", True),
        ("fresh", "model-added", False),
    }


def test_the_version_step_is_the_least_that_tells_the_truth() -> None:
    base = model(p(), price_info={"price": 1, "unit": "second"})
    dearer = model(p(), price_info={"price": 2, "unit": "second"})
    more = model(p(), {"name": "q", "type": "string"}, price_info={"price": 1, "unit": "second"})
    assert bump(compare([base], [base])) == "none"
    assert bump(compare([base], [dearer])) == "patch"
    cheaper = model(p(), price_info={"price": 1, "unit": "second"}, percentage_discount=20)
    assert bump(compare([base], [cheaper])) == "patch"
    assert "discount 0 % -> 20 %" in as_text(compare([base], [cheaper]))
    assert bump(compare([base], [more])) == "minor"
    assert bump(compare([base], [model()])) == "major"


def test_the_reports_say_the_same_in_three_forms() -> None:
    changes = compare(
        [model(p(), price_info={"price": 152000, "unit": "second"})],
        [model(p(required=True), price_info={"price": 100000, "unit": "second"}), model(name="N")],
    )
    text = as_text(changes)
    assert "Breaking:\n  M p: must be given now" in text
    assert "price $0.152 per second -> $0.1 per second" in text
    assert text.endswith("Suggested version step: major.")
    value = json.loads(as_json(changes))
    assert value["bump"] == "major"
    assert value["breaking"] is True
    assert {change["kind"] for change in value["changes"]} >= {"became-required", "model-added"}
    page = as_markdown(changes)
    assert page.startswith("### Breaking\n\n- `M`: `p`: must be given now\n")
    assert "### New models\n\n- `N` is new" in page


def test_remote_text_is_inert_in_the_markdown() -> None:
    attack = "</script>](javascript:x) | `x`\n# heading {{x}}"
    page = as_markdown(compare([], [model(name=attack)]))
    assert "<" not in page
    assert "{{" not in page
    assert "\n# heading" not in page


_WORDS = st.sampled_from(
    ["string", "integer", "float", "boolean", "image", "array", "object", "json", "string | null"]
)
_ELEMENTS = st.fixed_dictionaries(
    {"type": _WORDS},
    optional={
        "options": st.lists(st.one_of(st.integers(-3, 3), st.sampled_from("abc")), max_size=3),
        "min_value": st.integers(-5, 5),
        "max_value": st.integers(-5, 5),
        "max_length": st.integers(0, 5),
        "max_items": st.integers(0, 5),
    },
)


def read(element: dict[str, Any]) -> Type:
    return read_type(element, "p", "p", Findings("M"))


@given(_ELEMENTS)
def test_every_type_covers_itself(element: dict[str, Any]) -> None:
    assert covers(read(element), read(element))


@given(_ELEMENTS, _ELEMENTS, st.one_of(st.none(), st.integers(-6, 6), st.sampled_from(["a", "b"])))
def test_what_is_covered_admits_no_value_the_cover_refuses(
    wide: dict[str, Any], narrow: dict[str, Any], value: Any
) -> None:
    from gmigen.schema.algebra import admits

    if covers(read(wide), read(narrow)) and admits(read(narrow), value):
        assert admits(read(wide), value)


@given(_ELEMENTS)
def test_nothing_changed_means_no_changes(element: dict[str, Any]) -> None:
    one = model({"name": "p", **element})
    assert compare([one], [one]) == []


def renamed(old: dict[str, Any], new: dict[str, Any], *more: dict[str, Any]) -> list[Any]:
    return [
        (change.kind, change.message)
        for change in compare([model(old)], [model(new, *more)])
        if change.kind != "text-changed"
    ]


LENGTH = {"type": "enum", "options": ["4", "8"], "default_value": "8"}


def test_a_parameter_that_only_changed_its_name_is_probably_renamed() -> None:
    old, new = {"name": "durationSeconds", **LENGTH}, {"name": "clipLength", **LENGTH}
    assert renamed(old, new) == [
        ("parameter-renamed", "probably renamed: durationSeconds -> clipLength")
    ]
    (change,) = compare([model(old)], [model(new)])
    assert change.breaking
    assert bump([change]) == "major"
    assert "probably renamed: durationSeconds -> clipLength" in as_text([change])


@pytest.mark.parametrize(
    "new",
    [
        {**LENGTH, "options": ["4", "6"], "default_value": "4"},
        {**LENGTH, "default_value": "4"},
        {**LENGTH, "required": True},
        {"type": "string"},
    ],
)
def test_one_that_differs_in_more_is_not(new: dict[str, Any]) -> None:
    kinds = [kind for kind, _ in renamed({"name": "old", **LENGTH}, {"name": "other", **new})]
    assert sorted(kinds) == ["parameter-added", "parameter-removed"]


def test_of_two_that_agree_neither_is_taken_for_it() -> None:
    kinds = [
        kind
        for kind, _ in renamed(
            {"name": "durationSeconds", **LENGTH},
            {"name": "clipLength", **LENGTH},
            {"name": "length", **LENGTH},
        )
    ]
    assert sorted(kinds) == ["parameter-added", "parameter-added", "parameter-removed"]


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [("negativePrompt", "negative_prompt", True), ("style", "callback", False)],
)
def test_a_plain_text_has_to_read_alike_too(old: str, new: str, same: bool) -> None:
    kinds = [kind for kind, _ in renamed(p(name=old), p(name=new))]
    assert (kinds == ["parameter-renamed"]) is same


def shuffled(value: Any) -> Any:
    """The same JSON, the keys of every object in another order."""
    if isinstance(value, dict):
        return {key: shuffled(value[key]) for key in reversed(value)}
    return [shuffled(one) for one in value] if isinstance(value, list) else value


def test_the_order_of_a_servers_keys_is_no_change(bundled: Any) -> None:
    texts = [json.loads(text) for text in bundled.values()]
    before = [read_details(text) for text in texts]
    after = [read_details(shuffled(text)) for text in texts]
    assert compare(before, after) == []  # type: ignore[arg-type]
    assert before == after


def test_a_text_that_was_an_option_is_no_picture() -> None:
    old = Model("m", (Parameter("q", ListOf(Choice(("a",))), False),))
    new = Model("m", (Parameter("q", OneOf((Text(), ListOf(Media("video")))), False),))
    assert [change.breaking for change in compare([old], [new])] == [True]
