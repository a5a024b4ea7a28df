"""The second wall: whatever a template or an escaper did wrong, such a module is not written."""

from __future__ import annotations

import functools

import pytest
from generator_world import element, source_of

from gmigen.emit.audit import data_violations, listing_violations, violations


@functools.cache
def good() -> str:
    """An emitted module, made when it is needed and not when tests are collected."""
    return source_of(element("prompt", required=True), element("mode", "enum", options=["a"]))


def with_line(line: str) -> str:
    """The module with one more line in its class."""
    return good() + f"    {line}\n"


def test_an_emitted_module_passes() -> None:
    assert "class MRequest(Request):\n" in good()
    assert violations(good()) == []


BAD_LINES = [
    "import os",
    "x = 1",
    "x: int = open('y')",
    "x: int = str(1)",
    "x: int = Literal(1)",
    "x: int = __import__('os')",
    "x: int = Field(default_factory=lambda y: y)",
    "x: int = Field(**{})",
    "x: int = (lambda: 1)()",
    "x: int = [y for y in z]",
    "x: int = f'{1}'",
    "x: int = a.b",
    "x: int = 1 + 1",
    "x: int = 1 if 2 else 3",
    "x: int = (y := 1)",
    "x: int = Unknown",
    "x.y: int = 1",
    "x[0]: int = 1",
    "def x(self): pass",
    "async def x(self): pass",
    "pass",
    "del x",
    "class Inner: pass",
    "@Field\n    class Inner(Object): pass",
    "x: int  # a comment",
    "# type: ignore",
    "1",
    "x: int = b'bytes'[0]",
]


@pytest.mark.parametrize("line", BAD_LINES)
def test_a_class_with_anything_but_fields_does_not(line: str) -> None:
    assert violations(with_line(line))


BAD_STATEMENTS = [
    "import os",
    "from os import path",
    "from typing import Annotated as Object",
    "from typing import *",
    "from ..requests.base import Request as R",
    "from ..client.client import Client",
    "x = 1",
    "print(1)",
    "class Other(object): pass",
    "class Other(Request, Object): pass",
    "class Other(Object, metaclass=type): pass",
    "class Request(Object): pass",
    "class MRequest(Object): pass",
    "if 1: pass",
    "for x in y: pass",
    "def x(): pass",
]


@pytest.mark.parametrize("statement", BAD_STATEMENTS)
def test_a_module_with_anything_but_imports_and_classes_does_not(statement: str) -> None:
    assert violations(f"{good()}\n\n{statement}\n")


@pytest.mark.parametrize(
    "text",
    ["\t", "\r\n", "\0", "\x0c", "\x7f", "\u00e9", "\u202e", "\x1b[0m"],
)
def test_a_module_of_other_bytes_does_not(text: str) -> None:
    assert violations(good().replace("MODEL_ID", f"MODEL_ID{text}", 1))
    assert violations(good() + f'"""{text}"""\n')


@pytest.mark.parametrize("text", ["x", '"""', "(", "\\", "class A(Object):\n"])
def test_a_module_that_is_no_python_or_ends_too_early_does_not(text: str) -> None:
    assert violations(good() + text)


EMPTY = "A = []\nB = {a: b for a, b, _ in A}\nif T:\n    from ..x import Y\n"


@pytest.mark.parametrize(
    ("listing", "fine"),
    [
        (EMPTY, True),
        (
            'A = [("B", "b", "id")]\nB = {a: b for a, b, _ in A}\n'
            "if T:\n    from ..x import Y\n    from .b import B as B\n",
            True,
        ),
        (EMPTY.replace("[]", '[("B", "b", f())]'), False),
        (EMPTY.replace("[]", '[("B", "b")]'), False),
        (EMPTY + "import os\n", False),
        (EMPTY + "# comment\n", False),
        (EMPTY + '"""\u00e9"""\n', False),
        (EMPTY + "    from .b import B as C\n", False),
        (EMPTY + "    from .b import *\n", False),
        (EMPTY + "    from .B import B as B\n", False),
        (EMPTY.replace("[]", "[f]"), False),
    ],
)
def test_the_list_of_models_may_hold_names_and_texts_where_it_has_places_for_them(
    listing: str, fine: bool
) -> None:
    assert (listing_violations(listing, EMPTY) == []) is fine


FACTS = '"""Facts."""\n\nA: dict[str, object] = {}\n'


@pytest.mark.parametrize(
    ("facts", "fine"),
    [
        (FACTS, True),
        (FACTS.replace("{}", '{"a": [1, -0.5, None, {"b": "c"}]}'), True),
        (FACTS.replace("{}", "{'a': f()}"), False),
        (FACTS.replace("{}", "{'a': b.c}"), False),
        (FACTS.replace("A:", "B:"), False),
        (FACTS.replace("object", "f()"), False),
        (FACTS + "import os\n", False),
        (FACTS + "# comment\n", False),
        (FACTS.replace("{}", '{"a": "\u00e9"}'), False),
        (FACTS.replace("{}", "{"), False),
    ],
)
def test_a_module_of_facts_holds_one_plain_value(facts: str, fine: bool) -> None:
    assert (data_violations(facts, FACTS) == []) is fine
