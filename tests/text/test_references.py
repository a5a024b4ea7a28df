"""Remote text in the site: references for whatever could mean something."""

from __future__ import annotations

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gmigen.text.prose import line
from gmigen.text.references import exact, lines, words


@pytest.mark.parametrize("told", ["kling-v2.6", "Veo3", "a boat, in rain"])
def test_what_means_nothing_stays_readable(told: str) -> None:
    assert words(told).text == told


@given(st.text(max_size=200))
def test_references_are_exact_and_hold_no_markup(text: str) -> None:
    told = words(text).text
    assert html.unescape(told) == line(text, 2000)
    assert not set(told.replace("&#", "")) & set("<>&\"'`*[](){}|\\!~$^@:=/")


def test_code_and_lines_are_references_in_elements_of_ours() -> None:
    assert exact("<b>").text == "<code>&#60;b&#62;</code>"
    assert exact("").text == "(empty)"
    assert lines("a\n<b>").text == "a<br>&#60;b&#62;"
