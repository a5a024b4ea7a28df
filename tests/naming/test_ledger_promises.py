"""The ledger keeps what was published: checked when it is read, mended where that is certain."""

from __future__ import annotations

import contextlib
import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from generator_world import element, made, text_of
from hypothesis import given, settings
from hypothesis import strategies as st

from gmigen.errors import LedgerError
from gmigen.naming import ledger
from gmigen.naming.emitted import read_back
from gmigen.naming.names import Ledger, ModelNames, Scope
from gmigen.naming.settle import settle, sides

Command = Callable[..., Result]
PACKAGE = Path("generated/gmi_inference")
NAMES = Path("generated/snapshot/names.json")


def entry(module: str, cls: str, **attributes: str) -> dict[str, Any]:
    return {"module": module, "class": cls, "attributes": attributes}


def text(**models: dict[str, Any]) -> str:
    return json.dumps({"format": 1, "models": models}, indent=1, sort_keys=True) + "\n"


@pytest.mark.row("G7")
@pytest.mark.parametrize(
    ("models", "told"),
    [
        (
            {"A": entry("a", "ARequest"), "B": entry("a", "BRequest")},
            "'A' and 'B' are both called a",
        ),
        ({"A": entry("a", "XRequest"), "B": entry("b", "XrequesT")}, "are both called xrequest"),
        ({"A": entry("a", "ARequest", x="y", z="y")}, "'x' and 'z' are both called y"),
        ({"A": entry("a", "ARequest", x="payload")}, "is called payload"),
        ({"A": entry("a", "ARequest", x="extra_payload")}, "is called extra_payload"),
        ({"A": entry("a", "Request")}, "the class name Request is taken"),
    ],
)
def test_a_ledger_with_a_conflict_is_refused_with_both_names(
    models: dict[str, Any], told: str
) -> None:
    with pytest.raises(LedgerError, match="names --settle") as refused:
        ledger.load(text(**models))
    assert told in str(refused.value)


_JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["format", "models", "module", "class", "attributes", "nested", "A"]),
            inner,
            max_size=4,
        ),
    ),
)


@pytest.mark.row("G18")
@given(st.one_of(st.binary(max_size=200), _JSON.map(lambda v: json.dumps(v).encode())))
def test_any_bytes_are_a_ledger_or_a_sentence(content: bytes) -> None:
    with contextlib.suppress(LedgerError):
        ledger.load(content)


@pytest.mark.row("G18")
def test_deep_nesting_is_a_sentence() -> None:
    with pytest.raises(LedgerError, match="nested"):
        ledger.load(b'{"models":' * 5000 + b"{}" + b"}" * 5000)


_NAMES = st.sampled_from(["prompt", "a.b", "aB", "from", "image", "list", "", "class_", "x-y"])
_TYPES = st.sampled_from(
    [
        {"type": "string"},
        {"type": "integer", "default_value": 3, "required": True},
        {"type": "array", "items": {"properties": {"a b": "string", "aB": "integer"}}},
        {"type": "object", "properties": {"deep": {"properties": {"x y": "string"}}}},
        {"anyOf": [{"properties": {"a": "string"}}, {"properties": {"b": "string"}}]},
        {"type": "array", "items": [{"type": "array", "items": {"properties": {"q": "image"}}}]},
    ]
)


@pytest.mark.slow
@pytest.mark.row("B1")
@settings(max_examples=30, deadline=None)
@given(st.dictionaries(_NAMES, _TYPES, max_size=4))
def test_what_was_emitted_gives_the_ledger_back(parameters: dict[str, Any]) -> None:
    output = made(text_of(*(element(name, **kind) for name, kind in parameters.items())))
    given = ledger.load(output.files["snapshot", "names.json"])
    module = given.models["m"].module
    source = output.files["package", f"models/{module}.py"]
    assert read_back({module: source}).ledger == given


def test_a_module_that_cannot_be_read_is_named() -> None:
    broken = {"a": "<<<<<<< HEAD\n", "b": "x = 1\n", "c": "class A(Request):\n    pass\n"}
    assert read_back(broken).unread == ("a", "b", "c")


@pytest.fixture
def project_with_names(gmigen: Command, project: Path) -> Path:
    (project / "details").mkdir()
    for name in ("A-B", "aB"):
        (project / f"details/{name}.json").write_text(text_of(element("p"), model=name).decode())
    assert gmigen("fetch", "--from-dir", "details").exit_code == 0
    assert gmigen("generate").exit_code == 0
    return project


@pytest.mark.row("B1")
def test_a_lost_ledger_is_made_anew_from_what_was_emitted(
    gmigen: Command, project_with_names: Path
) -> None:
    right = NAMES.read_bytes()
    # The one that came later is the only one left: named anew, it would take the other's names.
    NAMES.unlink()
    result = gmigen("generate")
    assert result.exit_code == 0
    assert "ledger-rebuilt" in result.output
    assert NAMES.read_bytes() == right
    assert gmigen("check").exit_code == 0


@pytest.mark.row("B1")
def test_a_lost_ledger_beside_a_torn_module_is_refused(
    gmigen: Command, project_with_names: Path
) -> None:
    NAMES.unlink()
    module = next((PACKAGE / "models").glob("a_b*.py"))
    module.write_text("<<<<<<< HEAD\n")
    result = gmigen("generate")
    assert result.exit_code == 2
    assert module.name in result.output
    assert not NAMES.exists()


@pytest.mark.row("G7")
@pytest.mark.parametrize("style", ["merge", "diff3"])
def test_a_merge_is_settled_and_nothing_published_is_renamed(
    gmigen: Command, project_with_names: Path, style: str
) -> None:
    right = NAMES.read_text()
    head, _, tail = right.partition('  "A-B"')
    base = "||||||| base\n" if style == "diff3" else ""
    members = '   "attributes": {},\n   "class": "OtherRequest",\n   "module": "other"\n'
    other = f'  "Other": {{\n{members}  }},\n'
    NAMES.write_text(f'{head}<<<<<<< HEAD\n{base}=======\n{other}>>>>>>> branch\n  "A-B"{tail}')
    refused = gmigen("generate")
    assert refused.exit_code == 2
    assert "gmigen names --settle" in refused.output
    settled = gmigen("names", "--settle")
    assert settled.exit_code == 0, settled.output
    known = ledger.load(NAMES.read_bytes())
    assert set(known.models) == {"A-B", "aB", "Other"}
    assert {k: v for k, v in known.models.items() if k != "Other"} == ledger.load(right).models
    assert gmigen("generate").exit_code == 0


@pytest.mark.row("G7")
def test_two_that_want_one_name_are_told_apart_by_what_is_published_or_by_the_user() -> None:
    mine, theirs = (
        Ledger({name: ModelNames("veo3", Scope("Veo3Request"))}) for name in ("Veo3", "veo-3")
    )
    assert set(settle([theirs, mine], mine).models) == {"Veo3"}
    assert set(settle([mine, theirs], theirs).models) == {"veo-3"}
    with pytest.raises(LedgerError, match=r"'Veo3' and 'veo-3'.*--keep"):
        settle([mine, theirs], Ledger())
    assert set(settle([mine, theirs], Ledger(), keep=["veo-3"]).models) == {"veo-3"}


_ATTRIBUTES = st.dictionaries(
    st.sampled_from(["p", "q", "aB", "a_b"]), st.sampled_from(["p", "q", "a_b", "payload"])
)
_LEDGERS = st.dictionaries(
    st.sampled_from(["A", "B", "C"]), st.tuples(st.sampled_from(["a", "b", "c"]), _ATTRIBUTES)
).map(
    lambda models: Ledger(
        {k: ModelNames(m, Scope(f"{m.upper()}Request", dict(a))) for k, (m, a) in models.items()}
    )
)


@given(st.lists(_LEDGERS, max_size=2), _LEDGERS)
def test_a_settled_ledger_stands_and_keeps_what_was_published(
    known: list[Ledger], published: Ledger
) -> None:
    if any(ledger.conflicts(published)):
        return
    before = copy.deepcopy(published)
    try:
        settled = settle(known, published)
    except LedgerError:  # two want one name and neither is published
        assert len({n.module for side in known for n in side.models.values()}) < sum(
            len(side.models) for side in known
        ) + len(published.models)
        return
    assert published == before
    assert list(ledger.conflicts(settled)) == []
    for model_id, names in published.models.items():
        assert settled.models[model_id].module == names.module
        assert settled.models[model_id].request.cls == names.request.cls
        assert (
            names.request.attributes.items() <= settled.models[model_id].request.attributes.items()
        )


@given(st.text(max_size=300))
def test_any_text_has_sides(content: str) -> None:
    assert len(sides(content)) <= 2


@pytest.mark.row("G17")
def test_a_retired_name_is_free_for_the_one_that_bears_it_on_the_wire() -> None:
    from generator_world import read

    known = Ledger()
    known.name([read(element("durationSeconds"))])
    known.name([read(element("duration_seconds"))])
    assert known.models["m"].request.attributes == {"duration_seconds": "duration_seconds"}
    known.name([read(element("durationSeconds"), element("duration_seconds"))])
    attributes = known.models["m"].request.attributes
    assert attributes["duration_seconds"] == "duration_seconds"
    assert attributes["durationSeconds"].startswith("duration_seconds_")
