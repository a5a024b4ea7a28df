"""Documents nobody wrote: generated, judged, and shrunk to the smallest one that breaks a rule.

The nightly run draws ten thousand: `GMI_NIGHTLY=1 pytest -m nightly tests/hostile`.
"""

from __future__ import annotations

import os
from typing import Any

import pytest
from hostile_world import benign, encoded, made_of
from hypothesis import HealthCheck, given, settings
from judging import judged
from strategies import anything, documents

from gmigen.problems import Problem
from gmigen.schema import read_document

pytestmark = pytest.mark.slow

_CALM = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
NEIGHBOUR = encoded(benign(model="neighbour"))


def _judge(document: dict[str, Any]) -> None:
    text = encoded(document)
    output = made_of(text)
    assert len(output.models) + len(output.refused) == 1
    assert judged(output, [text]) == []


@settings(max_examples=60, deadline=None, suppress_health_check=_CALM, derandomize=True)
@given(document=documents())
def test_any_document_is_generated_faithfully_or_refused_with_a_reason(
    document: dict[str, Any],
) -> None:
    _judge(document)


@pytest.mark.nightly
@pytest.mark.skipif("GMI_NIGHTLY" not in os.environ, reason="ten thousand documents: nightly")
@settings(max_examples=10_000, deadline=None, suppress_health_check=_CALM)
@given(document=documents())
def test_ten_thousand_documents(document: dict[str, Any]) -> None:
    _judge(document)


@settings(max_examples=300, deadline=None, suppress_health_check=_CALM, derandomize=True)
@given(value=anything)
def test_json_of_any_shape_is_read_or_refused_and_never_raises(value: Any) -> None:
    read = read_document(encoded(value))
    if isinstance(read, Problem):
        assert read.level == "refused"
        assert read.message


@settings(max_examples=8, deadline=None, suppress_health_check=_CALM, derandomize=True)
@given(document=documents())
def test_a_neighbour_is_the_same_with_and_without_any_document(document: dict[str, Any]) -> None:
    alone, together = made_of(NEIGHBOUR).files, made_of(encoded(document), NEIGHBOUR).files
    for key in (("package", "models/neighbour.py"), ("docs", "models/neighbour.md")):
        assert together[key] == alone[key]
