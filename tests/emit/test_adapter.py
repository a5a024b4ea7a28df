"""The adapter alone: our types through the pinned compiler, and the source that comes back."""

from __future__ import annotations

import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from gmigen.emit import compiler as pymodels
from gmigen.emit.compiler import Annotation, CompilerError, compile_leaves, leaf_key, leaves
from gmigen.schema.types import (
    Anything,
    Boolean,
    Choice,
    Integer,
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

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

GOLDEN: list[tuple[Type, Annotation]] = [
    (Text(), Annotation("str")),
    (Text(1, 9), Annotation("str", ("max_length=9", "min_length=1"))),
    (Integer(), Annotation("int")),
    (Integer(-1, 2**40), Annotation("int", ("ge=-1", "le=1099511627776"))),
    (Number(0, 1), Annotation("float", ("ge=0.0", "le=1.0"))),
    (Number(-1.5, None), Annotation("float", ("ge=-1.5",))),
    (Number(None, 1e300), Annotation("float", ("le=1e+300",))),
    (Boolean(), Annotation("bool")),
    (Null(), Annotation("None")),
    (Anything(), Annotation("Any")),
    (OpenRecord(), Annotation("dict[str, Any]")),
    (Choice(("a", "b")), Annotation("Literal['@0', '@1']")),
    (Choice(("a", None)), Annotation("Literal['@0']")),
    (ListOf(Text()), Annotation("list[Literal['@item']]")),
    (ListOf(Text(), 1, 4), Annotation("list[Literal['@item']]", ("max_length=4", "min_length=1"))),
]


@pytest.mark.parametrize(("kind", "expected"), GOLDEN, ids=[repr(kind)[:50] for kind, _ in GOLDEN])
def test_the_pinned_compiler_says_of_a_type_what_it_always_said(
    kind: Type, expected: Annotation
) -> None:
    key = leaf_key(kind)
    assert key is not None
    assert compile_leaves([key])[key] == expected


def test_the_compiler_is_the_one_the_project_pins() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())
    pins = project["project"]["optional-dependencies"]["codegen"]
    assert f"datamodel-code-generator=={version('datamodel-code-generator')}" in pins
    assert f"black=={version('black')}" in pins


def test_what_is_put_together_without_the_compiler_has_no_key_of_its_own() -> None:
    assert leaf_key(Media("image")) is None
    assert leaf_key(Record(())) is None
    assert len(list(leaves(OneOf((Text(), ListOf(OneOf((Integer(), Media("file"))))))))) == 3


def test_holes_are_filled_with_source_and_never_seen_by_the_compiler() -> None:
    choice = Annotation("Literal['@0', '@1']")
    assert choice.with_options(["1", "'@0'"]).base == "Literal[1, '@0']"
    assert Annotation("list[Literal['@item']]").with_item("str | None").base == "list[str | None]"


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "class Other: pass",
        "class Fields:\n    pass",
        "class Fields:\n    f0: int\n    f1: int",
        "class Fields:\n    f0: Annotated[int, Gt(1)]",
        "class Fields:\n    f0: Annotated[int, Field(1)]",
        "import os\nclass Fields:\n    other: int",
        "not python",
    ],
)
def test_an_answer_in_another_shape_is_refused(
    monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    monkeypatch.setattr(pymodels, "_compiled", lambda schema: answer)
    key = leaf_key(Text())
    assert key is not None
    with pytest.raises(CompilerError):
        compile_leaves([key])


def test_whatever_the_compiler_raises_is_one_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(schema: Any) -> str:
        raise KeyError("x")

    monkeypatch.setattr(pymodels, "_compiled", broken)
    with pytest.raises(CompilerError, match="KeyError"):
        compile_leaves(["{}"])
