"""The command over a hostile snapshot: what it prints, and that it writes where it should."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import properties
from atoms import ATOMS
from click.testing import Result
from hostile_world import benign, cases, encoded

from gmigen.catalog.files import file_names

Command = Callable[..., Result]


def _hashes(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_a_hostile_snapshot_prints_plain_text_and_writes_nothing_outside(
    project: Path, gmigen: Command
) -> None:
    snapshot = project / "inside" / "snapshot"
    snapshot.mkdir(parents=True)
    (project / "canary").write_text("untouched")
    texts = [text for case in cases() for text in case.documents if len(text) < 10**6]
    texts += [
        encoded(benign(model=f"m{n}{atom}"[:900], parameters=[{"name": f"n{atom}", "type": atom}]))
        for n, atom in enumerate(ATOMS)
    ]
    texts += [encoded(benign(model=atom, parameters=[{"name": 7}])) for atom in ATOMS if atom]
    for number, text in enumerate(texts):
        (snapshot / f"d{number}.json").write_bytes(text)
    before = _hashes(project)
    folders = ("--output", "inside/out", "--docs", "inside/docs", "--snapshot", "inside/snapshot")
    result = gmigen("generate", *folders)
    assert result.exit_code == 3
    assert "parameter-unnamed" in result.output
    assert list(properties.printable(result.output)) == []
    after = _hashes(project)
    outside = {name: told for name, told in after.items() if not name.startswith("inside/")}
    assert outside == {
        name: told for name, told in before.items() if not name.startswith("inside/")
    }
    assert all(after[name] == told for name, told in before.items())
    again = gmigen("check", *folders)
    assert list(properties.printable(again.output)) == []
    assert again.exit_code == 0, again.output
    shutil.rmtree(project / "inside")


def test_the_findings_and_the_ledger_of_a_hostile_snapshot_are_plain_json() -> None:
    from hostile_world import made_of

    output = made_of(*(encoded(benign(model=f"m{atom}"[:900])) for atom in ATOMS))
    for key in (("package", "findings.json"), ("snapshot", "names.json")):
        text = output.files[key]
        assert text.isascii()
        assert list(properties.printable(text)) == []
        json.loads(text)


def test_files_of_a_snapshot_have_plain_names_whatever_the_ids() -> None:
    ids = [*ATOMS, "a", "A", "a.b", "a-b", "../x", "CON", "lock", "names", "manifest"]
    names = file_names([model_id for model_id in ids if model_id], {})
    stems = {("package", f"models/{name.removesuffix('.json')}.py") for name in names.values()}
    assert len({name.casefold() for name in names.values()}) == len(names)
    assert list(properties.paths(stems)) == []
