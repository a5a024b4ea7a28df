"""A warm run makes, to the byte, what a cold one would, and compiles only what changed."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gmigen.build import build
from gmigen.catalog.fetch import collect_from_folder
from gmigen.catalog.store import store
from gmigen.emit import generate as room
from gmigen.publish.publish import publish, read_manifest
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


def generated(where: Settings, *, warm: bool) -> dict[str, bytes]:
    built = build(where, old=read_manifest(where) if warm else None)
    if built.files is not None:
        publish(where, built.files, built.manifest)
    root = where.root / "generated"
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file()
    }


@settings(max_examples=8, deadline=None)
@given(st.lists(_DETAILS, min_size=2, max_size=4))
def test_warm_runs_and_cold_runs_agree_to_the_byte(history: list[Catalogue]) -> None:
    with tempfile.TemporaryDirectory() as name:
        warm, cold = Settings(root=Path(name) / "warm"), Settings(root=Path(name) / "cold")
        for catalogue in history:
            snapshot(warm, catalogue)
            snapshot(cold, catalogue)
            assert generated(warm, warm=True) == generated(cold, warm=False)


def test_only_the_changed_model_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = Settings(root=tmp_path)
    catalogue: Catalogue = {f"Model{n}": {"prompt": "string"} for n in range(5)}
    snapshot(where, catalogue)
    generated(where, warm=True)
    made: list[str] = []
    original = room._model_files

    def counted(model: Any, *rest: Any) -> Any:
        made.append(model.id)
        return original(model, *rest)

    monkeypatch.setattr(room, "_model_files", counted)
    snapshot(where, {**catalogue, "Model3": {"prompt": "integer"}})
    generated(where, warm=True)
    assert made == ["Model3"]


def test_nothing_to_do_needs_none_of_the_tools(tmp_path: Path) -> None:
    import subprocess
    import sys

    where = Settings(root=tmp_path)
    snapshot(where, {"One": {"prompt": "string"}})
    generated(where, warm=True)
    code = (
        "import sys\nfrom gmigen.cli.commands import main\n"
        "try:\n    main(['check'])\nexcept SystemExit as end:\n    assert not end.code, end.code\n"
        "tools = {'datamodel_code_generator', 'black', 'jinja2', 'httpx'} & set(sys.modules)\n"
        "assert not tools, tools"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
