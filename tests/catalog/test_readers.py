"""Every reader of the catalogue is total: any bytes are read, or refused in a sentence."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from hypothesis import given
from hypothesis import strategies as st

from gmigen.catalog.lock import Lock, dump, read_lock
from gmigen.emit import findings
from gmigen.emulator import emulator
from gmigen.errors import SettingsError, SnapshotError
from gmigen.problems import Problem
from gmigen.schema.json_text import Unreadable, parse
from gmigen.settings import load

Command = Callable[..., Result]

_JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=8)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(
                ["format", "models", "file", "sha256", "removed", "unfetched", "origin", "date"]
            ),
            inner,
            max_size=8,
        ),
    ),
)
_BYTES = st.one_of(st.binary(max_size=200), _JSON.map(lambda v: json.dumps(v).encode()))


@pytest.mark.row("G18")
@given(_BYTES)
def test_any_bytes_are_a_lock_or_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    folder = tmp_path_factory.mktemp("snapshot")
    (folder / "lock.json").write_bytes(content)
    try:
        assert isinstance(read_lock(folder), Lock)
    except SnapshotError as error:
        told = str(error)
        assert "lock" in told


@pytest.mark.row("G18")
@pytest.mark.parametrize(
    "content", [b"[" * 100_000, b"\xff\xfe", b"{}", b'{"format": "1"}', b'{"format": 1e400}']
)
def test_odd_locks_are_sentences(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "lock.json").write_bytes(content)
    with pytest.raises(SnapshotError, match="not a lock"):
        read_lock(tmp_path)


@pytest.mark.row("G18")
def test_a_problem_with_escape_characters_for_a_level_is_no_problem(tmp_path: Path) -> None:
    lock = json.loads(dump(Lock()))
    problem = {"model": "m", "parameter": "", "code": "c", "message": "m"}
    lock["unfetched"] = [{**problem, "level": "\x1b[2Jnote"}]
    (tmp_path / "lock.json").write_text(json.dumps(lock))
    with pytest.raises(SnapshotError):
        read_lock(tmp_path)
    told = Problem("warning", "m", "", "c", "m")
    good = Lock(unfetched=(told,))
    (tmp_path / "lock.json").write_bytes(dump(good))
    assert read_lock(tmp_path) == good


@pytest.mark.row("G18")
@given(_BYTES)
def test_any_bytes_are_findings(content: bytes) -> None:
    assert isinstance(findings.overlays_of(content), dict)


@pytest.mark.row("G18")
@pytest.mark.parametrize(
    "content",
    [
        b"\xff",
        b"a = " + b"[" * 5000,
        b"tool = 1\n[tool.gmigen]",
        b"[tool]\ngmigen = 3",
        b"[tool.gmigen]\npackage = []",
        b"[tool.gmigen]\ninclude = [1]",
        b'[tool.gmigen]\noutput = "a\\u0000b"',
    ],
)
def test_odd_settings_are_sentences(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "pyproject.toml").write_bytes(content)
    with pytest.raises(SettingsError):
        load(tmp_path)


@pytest.mark.row("B4")
@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("<<<<<<< HEAD\n{}\n=======\n{}\n>>>>>>> b\n", "conflict-markers"),
        ('{\n<<<<<<< HEAD\n"a": 1\n=======\n"a": 2\n>>>>>>> b\n}', "conflict-markers"),
        ("version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "lfs-pointer"),
    ],
)
def test_what_git_leaves_behind_is_named(text: str, code: str) -> None:
    value = parse(text)
    assert isinstance(value, Unreadable)
    assert value.code == code


@pytest.mark.row("G9")
def test_a_catalogue_has_a_bound(
    gmigen: Command, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    documents: dict[str, Any] = {
        f"m{n}": json.dumps({"model": f"m{n}", "parameters": []}).encode() for n in range(4)
    }
    with emulator(documents) as api:
        monkeypatch.setenv("GMI_BASE_URL", api.base_url)
        monkeypatch.setenv("GMI_API_KEY", "emu-key")
        refused = gmigen("fetch", "--max-models", "3")
        assert (refused.exit_code, "--max-models" in refused.output) == (1, True)
        assert not (project / "generated").exists()
        assert gmigen("fetch", "--max-models", "4").exit_code == 0


@pytest.mark.row("half")
def test_another_order_of_keys_is_no_change(gmigen: Command, project: Path) -> None:
    details = {"model": "m", "tags": ["a"], "parameters": [{"name": "p", "type": "string"}]}
    (project / "details").mkdir()
    for turned in (details, {**details, "parameters": [{"type": "string", "name": "p"}]}):
        (project / "details/m.json").write_text(json.dumps(turned))
        fetched = gmigen("fetch", "--from-dir", "details")
    assert "0 added, 0 changed" in fetched.output
