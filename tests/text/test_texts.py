"""The writers of literals, docstrings and Markdown: exact where it must be, harmless elsewhere."""

from __future__ import annotations

import ast
import doctest
import math
import re
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from gmigen.text.literals import literal
from gmigen.text.markdown import code, fence, inline, quoted
from gmigen.text.prose import cleaned, docstring, line, sentence

json_values = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(10**50), 10**50),
        st.floats(allow_nan=False, allow_infinity=False),
        st.text(max_size=8),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=4), inner)
    ),
    max_leaves=6,
)


def test_every_character_there_is_survives_a_literal() -> None:
    for start in range(0, 0x110000, 0x1000):
        text = "".join(map(chr, range(start, start + 0x1000)))
        assert ast.literal_eval(literal(text).text) == text


@given(json_values)
def test_a_literal_is_the_value_on_one_ascii_line(value: Any) -> None:
    source = literal(value).text
    assert repr(ast.literal_eval(source)) == repr(value)
    assert source.isascii()
    assert source.isprintable()


@pytest.mark.parametrize("number", [math.inf, -math.inf, math.nan])
def test_a_number_that_json_lacks_has_no_literal(number: float) -> None:
    with pytest.raises(ValueError, match="JSON"):
        literal(number)


nasty = st.one_of(
    st.text(max_size=60),
    st.text(alphabet="\"\\'\n >.:`x()-{}*_#|<[]!", max_size=60),
)


@given(text=nasty, indent=st.sampled_from([0, 4]))
def test_a_docstring_is_one_string_that_nothing_runs(text: str, indent: int) -> None:
    source = docstring(text, indent).text
    value = ast.literal_eval(source)
    assert isinstance(value, str)
    assert source.isascii()
    assert doctest.DocTestParser().get_examples(value) == []
    assert not any(told.lstrip().startswith(".. ") for told in value.split("\n"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Plain.", '"""Plain."""'),
        ('Ends "so"', '"""Ends "so\\""""'),
        ("Back\\slash\\", '"""Back\\\\slash\\\\"""'),
        ('"""', '"""\\"\\"\\""""'),
        ('Back\\"', '"""Back\\\\\\""""'),
        ('Three """ here.', '"""Three \\"\\"\\" here."""'),
        ("\u4f60", '"""\\u4f60"""'),
        ("", '""""""'),
    ],
)
def test_a_docstring_reads_like_one(text: str, expected: str) -> None:
    assert docstring(text, 0).text == expected


def test_a_long_docstring_is_wrapped_and_keeps_its_paragraphs() -> None:
    source = docstring("word " * 60 + "\n\nArgs:\n    a: " + "told " * 40, 4).text
    assert max(map(len, source.split("\n"))) <= 100
    assert "\n\n    Args:\n        a: told" in source


@given(st.text(max_size=80))
def test_prose_keeps_no_character_that_cannot_be_seen(text: str) -> None:
    kept = cleaned(text)
    assert all(c == "\n" or unicodedata.category(c)[0] != "C" for c in kept)
    assert "\n" not in line(text)
    assert cleaned(kept) == kept


def test_a_sentence_ends_like_one() -> None:
    assert [sentence(text) for text in ("a", "a.", "a?", "", " a  b ")] == [
        "a.",
        "a.",
        "a?",
        "",
        "a b.",
    ]


_MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


@given(nasty)
def test_inline_text_renders_as_itself_in_one_paragraph(text: str) -> None:
    rendered = _MARKDOWN.parse(f"before {inline(text)} after")
    assert [token.type for token in rendered] == ["paragraph_open", "inline", "paragraph_close"]
    children = rendered[1].children or []
    assert {child.type for child in children} <= {"text", "text_special", "code_inline"}
    told = "".join(child.content for child in children)
    shown = line(text).replace("@", " (at) ")  # what no code span can hold is taken apart
    plain = "".join(told.replace("@", " (at) ").split())
    assert plain == "".join(f"before {shown} after".split())


@given(nasty)
def test_inline_text_alone_begins_no_block(text: str) -> None:
    rendered = _MARKDOWN.parse(inline(text).text)
    assert {token.type for token in rendered} <= {"paragraph_open", "inline", "paragraph_close"}


@given(nasty)
def test_a_code_span_and_a_quote_hold_text_and_nothing_else(text: str) -> None:
    for token in _MARKDOWN.parse(
        f"| {code(text)} | x |\n|---|---|\n| {inline(text)} | y |\n\n{quoted(text)}"
    ):
        assert token.type not in ("html_block", "heading_open", "fence", "code_block", "hr")
        for child in token.children or ():
            assert child.type in ("text", "code_inline", "softbreak", "text_special"), child


@given(nasty)
def test_nothing_closes_a_fence_from_inside(text: str) -> None:
    [token] = _MARKDOWN.parse(fence(f"x {text}", "text").text)
    assert token.type == "fence"


def test_harmless_text_stays_readable() -> None:
    assert inline("A clip of 5-10 s (MP4), snake_case and 16:9.").text == (
        "A clip of 5-10 s (MP4), snake_case and 16:9."
    )
    assert code("person_image.24").text == "`person_image.24`"


@pytest.mark.row("G22")
@pytest.mark.parametrize(
    "text",
    [
        "write to help@example.com now",
        "see example.com, please",
        "thanks, @octocat!",
        "(https://evil.example/x)",
        "ftp://x.y/z",
        "a|b@example.com",
        "{me@example.com}",
        "mailto:me@example.com",
    ],
)
def test_no_address_is_left_where_a_renderer_would_make_a_link_of_it(text: str) -> None:
    [_, paragraph, _] = MarkdownIt("commonmark").parse(inline(f"x {text} y").text)
    plain = " ".join(c.content for c in paragraph.children or [] if c.type != "code_inline")
    assert "example.com" not in plain.replace("example. com", "")
    assert not re.search(r"@\w|\w@|://", plain)
