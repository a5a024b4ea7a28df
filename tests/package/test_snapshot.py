"""What lies in the bundled snapshot beside the details: where each comes from, and further ids."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest

import gmi_inference
from gmi_inference.models import minimax_h3, request_class
from gmigen import resources

KNOWN = resources.snapshot() / "known_ids.txt"


def known_ids() -> list[str]:
    lines = KNOWN.read_text("utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def test_every_model_says_where_it_comes_from(bundled: Mapping[str, bytes]) -> None:
    text = (resources.snapshot() / "SOURCES.md").read_text("utf-8")
    rows = re.findall(r"^\| `([^`]+)` \| (.+) \| (.+) \| (full|partial|upstream) \|$", text, re.M)
    assert [model for model, *_ in rows] == sorted(bundled, key=lambda m: (m.casefold(), m))


def test_ids_known_by_name_only_have_no_details(bundled: Mapping[str, bytes]) -> None:
    ids = known_ids()
    assert len(ids) == len({model_id.casefold() for model_id in ids}) > 90
    assert not {model_id.casefold() for model_id in ids} & {m.casefold() for m in bundled}
    assert all(model_id == model_id.strip() and model_id.isprintable() for model_id in ids)
    assert ids == sorted(ids, key=lambda m: (m.casefold(), m))


def test_the_model_that_was_misspelt_leaves_a_module_that_names_the_right_one() -> None:
    assert request_class("MiniMax-H3").MODEL_ID == "MiniMax-H3"
    with pytest.raises(gmi_inference.ModelNotFoundError, match="minimax-h3 is called MiniMax-H3,"):
        minimax_h3.MinimaxH3Request(prompt="a boat")
