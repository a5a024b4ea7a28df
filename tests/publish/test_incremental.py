"""A run after many others makes, to the byte, what one from nothing makes of the same snapshot."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gmigen.build import build
from gmigen.catalog.fetch import collect_from_folder
from gmigen.catalog.store import store
from gmigen.publish.publish import changes, publish
from gmigen.settings import Settings

pytestmark = pytest.mark.slow

_TYPES = st.sampled_from(["string", "integer", "image", "enum", "array", "json"])
_DETAILS = st.dictionaries(
    st.sampled_from(["One", "Two", "three", "Three", "client"]),
    st.dictionaries(st.sampled_from(["prompt", "image", "from", "aB", "a_b"]), _TYPES, max_size=3),
    min_size=1,
    max_size=4,
)
Catalogue = dict[str, dict[str, str]]


def snapshot(where: Settings, catalogue: Catalogue) -> None:
    source = where.root / "details"
    shutil.rmtree(source, ignore_errors=True)
    source.mkdir(parents=True)
    for number, (model, parameters) in enumerate(catalogue.items()):
        listed = [{"name": name, "type": kind} for name, kind in parameters.items()]
        text = json.dumps({"model": model, "parameters": listed})
        (source / f"{number}.json").write_text(text)
    collected = collect_from_folder(where, source)
    store(where.snapshot_folder, collected, today="2026-01-01", allow_shrink=True)


def generated(where: Settings) -> dict[str, bytes]:
    publish(where, build(where).wanted)
    assert changes(where, build(where).wanted) == []
    root = where.root / "generated"
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file()
    }


_HISTORIES = st.lists(_DETAILS, min_size=2, max_size=4)


@settings(max_examples=8, deadline=None)
@given(_HISTORIES)
def test_a_long_history_and_none_agree_to_the_byte(history: list[Catalogue]) -> None:
    agree(history)


@pytest.mark.nightly
@settings(max_examples=60, deadline=None)
@given(_HISTORIES)
def test_many_long_histories_and_none_agree_to_the_byte(history: list[Catalogue]) -> None:
    agree(history)


def agree(history: list[Catalogue]) -> None:
    with tempfile.TemporaryDirectory() as name:
        lived, fresh = Settings(root=Path(name) / "lived"), Settings(root=Path(name) / "fresh")
        for catalogue in history:
            snapshot(lived, catalogue)
            made = generated(lived)
        shutil.copytree(lived.snapshot_folder, fresh.snapshot_folder)
        assert generated(fresh) == made
