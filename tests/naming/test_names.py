"""Names: what the contract promises, and that a name once given never changes."""

from __future__ import annotations

import builtins
import keyword
import re
import sys
import unicodedata
from typing import Any

import pytest
from generator_world import class_with, element, made, text_of
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from gmigen.naming import ledger, reserved
from gmigen.naming.names import Ledger, ModelNames, Scope, digest, slug, snake
from gmigen.schema import Model, Parameter
from gmigen.schema.types import ListOf, Record, Text

MODELS = {
    "Kling-Image2Video-V2.1-Master": (
        "kling_image2video_v2_1_master",
        "KlingImage2VideoV2_1MasterRequest",
    ),
    "Veo3": ("veo3", "Veo3Request"),
    "veo-3.1-fast-generate-001": ("veo_3_1_fast_generate_001", "Veo3_1FastGenerate001Request"),
    "Wan-AI_Wan2.1-T2V-14B": ("wan_ai_wan2_1_t2v_14b", "WanAIWan2_1T2V14BRequest"),
    "wan2.6-i2v": ("wan2_6_i2v", "Wan2_6I2vRequest"),
    "gpt-image-1.5": ("gpt_image_1_5", "GptImage1_5Request"),
    "550e8400-e29b-41d4-a716-446655440000": ("model_550e8400", "Model_550e8400Request"),
    "3d-gen": ("model_3d_gen", "Model3dGenRequest"),
    "Chirstmas Postcard": ("chirstmas_postcard", "ChirstmasPostcardRequest"),
    "client": ("client", "ClientRequest"),
    "__init__": ("init", "InitRequest"),
    "json": ("model_json", "JsonRequest"),
    "CON": ("model_con", "CONRequest"),
    "request-class": ("model_request_class", "RequestClassRequest"),
    "class": ("model_class", "ClassRequest"),
}

ATTRIBUTES = {
    "durationSeconds": "duration_seconds",
    "person_image.24": "person_image_24",
    "cfg.scale": "cfg_scale",
    "model_config": "model_config_",
    "payload": "payload_",
    "self": "self_",
    "from": "from_",
    "None": "none",
    "\uff41": "a",
    "type": "type",
    "format": "format",
    "input": "input",
    "str": "str_",
    "list": "list_",
    "Literal": "literal",
    "extra_payload": "extra_payload_",
    "model_fields": "model_fields_",
    "__class__": "class_",
    "24fps": "parameter_24fps",
    "aspectRatio": "aspect_ratio",
    "imageURL2": "image_url2",
    "IDs": "ids",
}


def named(*ids: str, known: Ledger | None = None) -> dict[str, ModelNames]:
    return (known or Ledger()).name([Model(model_id, ()) for model_id in ids])


@pytest.mark.parametrize("model_id", MODELS)
def test_a_model_id_gives_its_module_and_class(model_id: str) -> None:
    [names] = named(model_id).values()
    assert (names.module, names.request.cls) == MODELS[model_id]


@pytest.mark.parametrize("wire", ATTRIBUTES)
def test_a_wire_name_gives_its_attribute(wire: str) -> None:
    model = Model("m", (Parameter(wire, Text(), False),))
    assert Ledger().name([model])["m"].request.attributes == {wire: ATTRIBUTES[wire]}


def test_one_class_with_every_awkward_name_sends_each_under_its_own() -> None:
    # `None` and `__class__` beside their plain forms, too: 24 wire names, 24 attributes.
    wires = [*ATTRIBUTES, "none", "class_", "a", "", "a[]", "a#2", "\u00e9", "e\u0301"]
    cls = class_with(*(element(wire) for wire in wires))
    attributes = [name for name in cls.model_fields if name != "extra_payload"]
    assert len(set(attributes)) == len(wires)
    values = {name: f"https://example.com/{n}" for n, name in enumerate(attributes)}
    payload = cls(**values).payload()
    assert payload == {wire: f"https://example.com/{n}" for n, wire in enumerate(wires)}


def test_case_and_slug_collisions_get_a_suffix_that_depends_on_the_id_alone() -> None:
    ids = ["veo-3", "veo.3", "Veo-3", "veo 3", "VEO_3"]
    names = named(*ids)
    modules = [names[model_id].module for model_id in ids]
    classes = {names[model_id].request.cls.casefold() for model_id in ids}
    assert len(set(modules)) == len(classes) == len(ids)
    assert named(*reversed(ids)) == names
    assert all(re.fullmatch(r"veo_3(_[0-9a-f]{8})?", module) for module in modules)


def test_of_several_new_ids_the_ordinary_one_gets_the_plain_name() -> None:
    for decorated in (" veo-3", "!veo-3", "../veo-3", "\u00a0veo-3"):
        names = named(decorated, "veo-3")
        assert names["veo-3"].module == "veo_3"
        assert names[decorated].module.startswith("veo_3_")


def test_a_list_and_a_parameter_named_like_its_elements_keep_their_own_classes() -> None:
    cls = class_with(
        element("a", "array", items={"properties": [element("x", "integer")]}),
        element("a[]", "object", properties=[element("y")]),
        element("a#2", "object", properties=[element("z")]),
    )
    attributes = [name for name in cls.model_fields if name != "extra_payload"]
    given: dict[str, Any] = dict(zip(attributes, ([{"x": 1}], {"y": "2"}, {"z": "3"}), strict=True))
    assert cls(**given).payload() == {"a": [{"x": 1}], "a[]": {"y": "2"}, "a#2": {"z": "3"}}


def test_a_nested_class_never_hides_what_the_module_imports() -> None:
    for model_id, wire in [
        ("Options", "!"),
        ("Any", "!"),
        ("None", "-"),
        ("a", "Request"),
        ("Field", "?"),
        ("Nullable", "?"),
    ]:
        text = text_of(element(wire, "object", properties=[element("x")]), model=model_id)
        assert not made(text).refused


wires = st.text(alphabet="abAB_. -1\uff41\u00e9[]#%", max_size=6)
records = st.recursive(
    st.just(Text()),
    lambda inner: st.one_of(
        st.builds(ListOf, inner),
        st.lists(st.tuples(wires, inner), max_size=3, unique_by=lambda pair: pair[0]).map(
            lambda pairs: Record(tuple(Parameter(wire, kind, False) for wire, kind in pairs))
        ),
    ),
    max_leaves=8,
)
parameters = st.lists(
    st.builds(Parameter, wires, records, st.booleans()), max_size=5, unique_by=lambda p: p.name
)
catalogues = st.dictionaries(st.text(alphabet="aA-._ 1\uff41", min_size=1, max_size=5), parameters)


def models_of(catalogue: dict[str, list[Parameter]]) -> list[Model]:
    return [Model(model_id, tuple(members)) for model_id, members in catalogue.items()]


def given_names(known: Ledger) -> dict[tuple[str, ...], str]:
    """Every name in a ledger, by what it names."""
    told: dict[tuple[str, ...], str] = {}

    def scope(inner: Scope, *path: str) -> None:
        told[(*path, "class")] = inner.cls
        told.update({(*path, "attribute", wire): name for wire, name in inner.attributes.items()})
        for place, nested in inner.nested.items():
            scope(nested, *path, place)

    for model_id, names in known.models.items():
        told[model_id, "module"] = names.module
        scope(names.request, model_id)
    return told


@settings(max_examples=40, deadline=None)
@given(before=catalogues, after=catalogues, data=st.data())
def test_adding_removing_returning_and_moving_never_rename(
    before: dict[str, list[Parameter]], after: dict[str, list[Parameter]], data: st.DataObject
) -> None:
    known = Ledger()
    known.name(models_of(before))
    first = given_names(known)
    known = ledger.load(ledger.dump(known))
    known.name(data.draw(st.permutations(models_of(after))))
    known = ledger.load(ledger.dump(known))
    known.name(data.draw(st.permutations(models_of(before))))
    # A name that is a parameter's on the wire goes to that one, should its holder be gone.
    on_the_wire = {path[-1] for path in given_names(known) if path[-2:-1] == ("attribute",)}
    kept = {
        path: name
        for path, name in first.items()
        if path[-2:-1] != ("attribute",) or path[-1] == name or name not in on_the_wire
    }
    assert kept.items() <= given_names(known).items()


def test_a_name_goes_to_the_parameter_that_bears_it_on_the_wire_and_stays_there() -> None:
    known = Ledger()
    upper, lower = (Parameter(wire, Text(), False) for wire in ("A", "a"))
    for members, expected in (
        ((upper,), {"A": "a"}),
        ((lower,), {"a": "a"}),
        ((upper,), {"a": "a", "A": f"a_{digest('A')}"}),
        ((upper, lower), {"a": "a", "A": f"a_{digest('A')}"}),
    ):
        known.name([Model("m", members)])
        assert known.models["m"].request.attributes == expected


@settings(max_examples=40, deadline=None)
@given(catalogue=catalogues, data=st.data())
def test_the_order_of_models_and_parameters_decides_no_name(
    catalogue: dict[str, list[Parameter]], data: st.DataObject
) -> None:
    known, moved = Ledger(), Ledger()
    known.name(models_of(catalogue))
    shuffled = {i: data.draw(st.permutations(members)) for i, members in catalogue.items()}
    moved.name(data.draw(st.permutations(models_of(shuffled))))
    assert ledger.dump(known) == ledger.dump(moved)


@settings(max_examples=40, deadline=None)
@given(catalogue=catalogues)
def test_names_are_plain_and_each_is_given_once(catalogue: dict[str, list[Parameter]]) -> None:
    known = Ledger()
    known.name(models_of(catalogue))
    modules = [names.module for names in known.models.values()]
    classes = [names.request.cls.casefold() for names in known.models.values()]
    assert len(set(modules)) == len(set(classes)) == len(catalogue)
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*", module) for module in modules)
    assert reserved.MODULES.isdisjoint(modules)
    for names in known.models.values():
        _own_names(names.request)


def _own_names(scope: Scope) -> None:
    attributes = list(scope.attributes.values())
    assert len(set(attributes)) == len(attributes)
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*", name) for name in attributes)
    assert reserved.ATTRIBUTES.isdisjoint(attributes)
    for inner in scope.nested.values():
        _own_names(inner)


@given(st.text(max_size=40))
def test_a_slug_and_a_snake_are_ascii_whatever_the_text(text: str) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9_]*", slug(text))
    assert re.fullmatch(r"[a-z0-9_]*", snake(text))
    assert unicodedata.normalize("NFKC", snake(text)) == snake(text)


def test_the_frozen_tables_hold_all_that_the_versions_at_hand_reserve() -> None:
    public = {name for name in dir(BaseModel) if not name.startswith("_")}
    assert public <= reserved.ATTRIBUTES
    assert set(keyword.kwlist) <= reserved.ATTRIBUTES
    used = {"str", "int", "float", "bool", "list", "dict"}
    assert used <= set(dir(builtins)) & reserved.ATTRIBUTES
    stdlib = {name for name in sys.stdlib_module_names if not name.startswith("_")}
    assert {name for name in stdlib if name.islower()} <= reserved.MODULES


@pytest.mark.parametrize(
    "broken",
    [
        "",
        "[]",
        "{}",
        '{"format": 1}',
        '{"format": 1, "models": {"a": {}}}',
        '{"format": 1, "models": {"a": {"module": "../x", "class": "A", "attributes": {}}}}',
        '{"format": 1, "models": {"a": {"module": "x", "class": "A(1)", "attributes": {}}}}',
        '{"format": 1, "models": {"a": {"module": "x", "class": "A", "attributes": {"b": "c d"}}}}',
        '{"format": 1, "models": {"a": {"module": "x", "class": 7, "attributes": {}}}}',
        '{"format": 99, "models": {}}',
    ],
)
def test_a_ledger_that_is_none_says_what_to_do(broken: str) -> None:
    with pytest.raises(ledger.LedgerError, match=r"Restore it|upgrade"):
        ledger.load(broken)


@pytest.mark.row("B13")
def test_what_a_metaclass_has_is_no_attribute() -> None:
    from pydantic import BaseModel

    every = {name for name in (*dir(BaseModel), *dir(type(BaseModel))) if not name.startswith("_")}
    assert every <= reserved.ATTRIBUTES
    cls = class_with(element("register"), element("mro"), element("with"))
    payload = {"register": "a", "mro": "b", "with": "c"}
    assert cls(**payload).payload() == payload
    assert cls(register_="a", mro_="b", with__="c").payload() == payload
