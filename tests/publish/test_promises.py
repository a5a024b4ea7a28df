"""What was published is a promise, and what stands on disk is compared, never believed."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from gmigen.disk import held, recover, write_folder
from gmigen.errors import PublishError
from gmigen.publish.manifest import dump, load, print_of

Command = Callable[..., Result]
PACKAGE = Path("generated/gmi_inference")
SNAPSHOT = Path("generated/snapshot")


def details(model: str, *names: str) -> str:
    parameters = [{"name": name, "type": "string"} for name in names]
    return json.dumps({"model": model, "parameters": parameters})


@pytest.fixture
def made(gmigen: Command, project: Path) -> Path:
    """A project with two models, generated."""
    (project / "details").mkdir()
    (project / "details/one.json").write_text(details("One", "prompt", "durationSeconds"))
    (project / "details/two.json").write_text(details("Two", "prompt"))
    assert gmigen("fetch", "--from-dir", "details").exit_code == 0
    assert gmigen("generate").exit_code == 0
    return project


def everything(root: Path) -> dict[str, bytes]:
    files = (path for path in root.rglob("*") if path.is_file() and ".git/" not in str(path))
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in files}


def forged(made: Path, name: str, content: bytes) -> None:
    """Change a file of the package and its hash in the manifest."""
    (made / PACKAGE / name).write_bytes(content)
    place = made / PACKAGE / "manifest.json"
    manifest = json.loads(place.read_text())
    manifest["files"][name] = print_of(content)
    place.write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n")


@pytest.mark.row("G1")
@pytest.mark.parametrize("name", ["models/one.py", "runtime/errors.py", "__init__.py", "py.typed"])
def test_a_change_is_found_whatever_the_manifest_says(
    gmigen: Command, made: Path, name: str
) -> None:
    right = (made / PACKAGE / name).read_bytes()
    forged(made, name, right + b"\nimport os\n")
    checked = gmigen("check")
    assert checked.exit_code == 1
    assert f"hand edit: generated/gmi_inference/{name}" in checked.output
    assert gmigen("generate", "--force").exit_code == 0
    assert (made / PACKAGE / name).read_bytes() == right


@pytest.mark.row("G1")
@pytest.mark.row("B17")
def test_check_compares_every_file_that_generate_writes(gmigen: Command, made: Path) -> None:
    written = [*(made / PACKAGE).rglob("*"), *(made / "generated/docs").rglob("*")]
    right = {path: path.read_bytes() for path in written if path.is_file()}
    for path, content in right.items():
        path.write_bytes(content + b" ")
    found = gmigen("check")
    assert found.exit_code == 1
    silent = [path for path in right if path.relative_to(made).as_posix() not in found.output]
    assert silent == []
    for path, content in right.items():
        path.write_bytes(content)
    ledger = made / SNAPSHOT / "names.json"
    names = ledger.read_bytes()
    ledger.write_bytes(names.replace(b'"format"', b' "format"'))
    assert gmigen("check").exit_code == 1
    ledger.write_bytes(names)
    assert gmigen("check").exit_code == 0
    place = made / PACKAGE / "manifest.json"
    manifest = json.loads(place.read_text())
    manifest["tools"]["black"] = "1.0"
    place.write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n")
    checked = gmigen("check")
    assert (checked.exit_code, "tool: generated/gmi_inference/manifest.json" in checked.output) == (
        1,
        True,
    )
    assert gmigen("generate").exit_code == 0
    assert gmigen("check").exit_code == 0


@pytest.mark.row("B6")
def test_two_projects_share_a_snapshot_and_a_trial_leaves_no_trace(
    gmigen: Command, made: Path
) -> None:
    assert gmigen("generate", "--package", "tryout", "--docs", "tryout-docs").exit_code == 0
    assert gmigen("check").exit_code == 0
    assert gmigen("check", "--package", "tryout", "--docs", "tryout-docs").exit_code == 0
    (made / "details/one.json").write_text(details("One", "prompt", "seed"))
    assert gmigen("fetch", "--from-dir", "details").exit_code == 0
    for names in ((), ("--package", "tryout", "--docs", "tryout-docs")):
        result = gmigen("generate", *names)
        assert result.exit_code == 0, result.output
        assert gmigen("check", *names).exit_code == 0


HARMS: dict[str, Callable[[Path], object]] = {
    "missing": lambda path: path.unlink(),
    "conflict": lambda path: path.write_text("<<<<<<< HEAD\n{}\n=======\n{}\n>>>>>>> b\n"),
    "cut": lambda path: path.write_text('{"model": "One", "par'),
    "pointer": lambda path: path.write_text("version https://git-lfs.github.com/spec/v1\n"),
    "link": lambda path: (path.unlink(), path.symlink_to("two.json")),
    "device": lambda path: (path.unlink(), path.symlink_to("/dev/zero")),
    "folder": lambda path: (path.unlink(), path.mkdir()),
    "latin": lambda path: path.write_bytes(b'{"model": "One", "display_name": "\xe9"}'),
    "other": lambda path: path.write_text(details("Three", "prompt")),
    "huge": lambda path: path.write_bytes(b" " * 3_000_000),
}


@pytest.mark.row("B4")
@pytest.mark.row("G20")
@pytest.mark.parametrize("harm", HARMS)
def test_a_published_model_stays_when_its_document_cannot_be_read(
    gmigen: Command, made: Path, harm: str
) -> None:
    before = everything(made / "generated")
    HARMS[harm](made / SNAPSHOT / "one.json")
    (made / "details/two.json").write_text(details("Two", "prompt", "seed"))
    result = gmigen("generate", *(["--force"] if harm == "other" else []))
    assert result.exit_code == 3, result.output
    assert "one.json" in result.output or "One" in result.output
    for name in ("gmi_inference/models/one.py", "docs/models/one.md"):
        assert (made / "generated" / name).read_bytes() == before[name]
    assert b"OneRequest" in (made / PACKAGE / "models/__init__.py").read_bytes()
    checked = gmigen("check")
    assert checked.exit_code == 1, "nobody can say that what is kept is right"
    told = "changed by hand" if harm == "other" else "kept as it is: generated/gmi_inference"
    assert told in checked.output


@pytest.mark.row("B4")
def test_what_is_kept_hides_no_other_edit_and_goes_on_request(gmigen: Command, made: Path) -> None:
    (made / SNAPSHOT / "one.json").unlink()
    assert gmigen("generate").exit_code == 3
    assert gmigen("generate", "--exclude", "One").exit_code == 3
    assert not (made / PACKAGE / "models/one.py").exists()


@pytest.mark.row("B1")
def test_a_lost_lock_lets_no_tombstone_vanish(gmigen: Command, made: Path) -> None:
    (made / "details/one.json").unlink()
    (made / "details/three.json").write_text(details("Three", "prompt"))
    assert gmigen("fetch", "--from-dir", "details", "--allow-shrink").exit_code == 0
    assert gmigen("generate").exit_code == 0
    (made / SNAPSHOT / "lock.json").unlink()
    result = gmigen("generate")
    assert result.exit_code == 3
    assert "One" in result.output
    assert (made / PACKAGE / "models/one.py").exists()
    assert gmigen("prune", "One").exit_code == 0
    assert not (made / PACKAGE / "models/one.py").exists()


@pytest.mark.row("G15")
def test_the_file_the_lock_lists_wins_over_a_stray(gmigen: Command, made: Path) -> None:
    (made / SNAPSHOT / "a_stray.json").write_text(details("One", "other"))
    result = gmigen("generate")
    assert result.exit_code == 0
    assert "a_stray.json describes a model whose details are in one.json" in result.output
    assert "other" not in (made / PACKAGE / "models/one.py").read_text()


@pytest.mark.row("G13")
def test_what_is_left_out_stays_in_the_lock(gmigen: Command, made: Path) -> None:
    lock = (made / SNAPSHOT / "lock.json").read_bytes()
    assert gmigen("generate", "--exclude", "One").exit_code == 0
    assert gmigen("check", "--exclude", "One").exit_code == 0
    assert (made / SNAPSHOT / "lock.json").read_bytes() == lock
    assert gmigen("generate").exit_code == 0
    assert gmigen("check").exit_code == 0


@pytest.mark.row("G5")
def test_line_endings_do_not_count(gmigen: Command, made: Path) -> None:
    for path in (made / "generated").rglob("*"):
        if path.is_file():
            path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert gmigen("check").exit_code == 0
    (made / "details/one.json").write_text(details("One", "prompt", "seed"))
    fetched = gmigen("fetch", "--from-dir", "details")
    assert "1 changed" in fetched.output
    assert gmigen("generate").exit_code == 0
    assert gmigen("check").exit_code == 0
    for folder in (PACKAGE, Path("generated/docs"), SNAPSHOT):
        assert "eol=lf" in (made / folder / ".gitattributes").read_text()


RUN = "from gmigen.cli.commands import main\nmain()"


@pytest.mark.row("G3")
@pytest.mark.slow
@pytest.mark.parametrize("turns", [3, pytest.param(20, marks=pytest.mark.nightly)])
def test_runs_at_the_same_time_lose_nothing(made: Path, turns: int) -> None:
    for turn in range(turns):
        (made / SNAPSHOT / "one.json").write_text(details("One", "prompt", f"seed{turn}"))
        mine = {made / PACKAGE / f"mine{turn}.py": f"MINE = {turn}\n"}
        for path, text in mine.items():
            path.write_text(text)
        commands = [
            ["generate", "--force"],
            ["generate", "--force"],
            ["fetch", "--from-dir", "details"],
        ]
        children = [
            subprocess.Popen(
                [sys.executable, "-c", RUN, *words],
                cwd=made,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            for words in commands
        ]
        for child in children:
            said, _ = child.communicate(timeout=120)
            assert child.returncode == 0, said
        for earlier in range(turn + 1):
            assert (made / PACKAGE / f"mine{earlier}.py").read_text() == f"MINE = {earlier}\n"
    assert not list(made.rglob(".*gmigen*"))


@pytest.mark.row("G3")
def test_a_second_run_waits_and_says_so(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    said: list[str] = []
    code = (
        "import sys, pathlib\nfrom gmigen.disk import held\n"
        "with held([pathlib.Path(sys.argv[1])], lambda: print('waiting', flush=True)):\n"
        "    print('mine', flush=True)"
    )
    with held([folder], lambda: said.append("waited")):
        child = subprocess.Popen(
            [sys.executable, "-c", code, str(folder)], stdout=subprocess.PIPE, text=True
        )
        assert child.stdout is not None
        assert child.stdout.readline() == "waiting\n"
    assert child.stdout.readline() == "mine\n"
    child.wait()
    child.stdout.close()
    assert said == []


@pytest.mark.row("G21")
def test_a_swap_keeps_modes_empty_folders_and_every_name(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    (folder / "empty").mkdir(parents=True)
    (folder / "my__pycache__notes").mkdir()
    (folder / "my__pycache__notes/a.txt").write_text("mine")
    (folder / "empty").chmod(0o750)
    folder.chmod(0o751)
    (folder / "tool.sh").write_text("#!/bin/sh\n")
    (folder / "tool.sh").chmod(0o755)
    (folder / "link").symlink_to("empty")
    write_folder(folder, {"models/a.py": b"1\n"})
    write_folder(folder, {"models/b.py": b"2\n"}, ["models/a.py"])
    write_folder(folder, {}, ["models/b.py"])
    assert sorted(path.name for path in folder.iterdir()) == [
        *("empty", "link", "my__pycache__notes", "tool.sh")
    ]
    modes = {n: stat.S_IMODE((folder / n).stat().st_mode) for n in ("", "empty", "tool.sh")}
    assert modes == {"": 0o751, "empty": 0o750, "tool.sh": 0o755}
    assert (folder / "link").is_symlink()


@pytest.mark.row("G21")
@pytest.mark.parametrize("force", [[], ["--force"]])
def test_what_is_in_the_way_is_left_there(gmigen: Command, made: Path, force: list[str]) -> None:
    shutil.rmtree(made / "generated/docs")
    (made / "generated/docs").write_text("mine")
    shutil.rmtree(made / PACKAGE / "runtime")
    (made / PACKAGE / "runtime").write_text("mine too")
    result = gmigen("generate", *force)
    assert result.exit_code == 1
    assert "move it away" in result.output.lower()
    assert (made / "generated/docs").read_text() == "mine"
    assert (made / PACKAGE / "runtime").read_text() == "mine too"


@pytest.mark.row("G14")
@pytest.mark.row("G3")
def test_recovery_touches_only_what_is_provably_abandoned(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    write_folder(folder, {"a.py": b"1\n"})
    users = tmp_path / ".out.gmigen-notes"
    users.mkdir()
    (users / "mine.txt").write_text("mine")
    before = tmp_path / ".out.gmigen-abc"
    (before / "tree").mkdir(parents=True)
    (before / "gmigen-staging.json").write_text('{"format": 1}')
    (before / "tree/a.py").write_text("half")
    after = tmp_path / ".out.gmigen-def"
    (after / "tree").mkdir(parents=True)
    (after / "tree/late.txt").write_text("written by a user during the exchange")
    (after / "tree/a.py").write_text("0\n")
    seen = (after / "tree/a.py").stat()
    mark = {
        "format": 1,
        "tree": folder.stat().st_ino,
        "seen": {"a.py": [seen.st_mtime_ns, seen.st_size]},
    }
    (after / "gmigen-staging.json").write_text(json.dumps(mark))
    recover(folder)
    assert (users / "mine.txt").read_text() == "mine"
    assert not before.exists()
    assert not after.exists()
    assert (folder / "a.py").read_bytes() == b"1\n"
    assert (folder / "late.txt").read_text() == "written by a user during the exchange"


@pytest.mark.row("G14")
@pytest.mark.parametrize("area", ["gmi_inference", "docs", "snapshot"])
def test_whoever_dies_between_two_areas_blames_nobody(
    gmigen: Command, made: Path, area: str
) -> None:
    old = everything(made / "generated" / area)
    (made / "details/one.json").write_text(details("One", "prompt", "seed"))
    assert gmigen("fetch", "--from-dir", "details").exit_code == 0
    lock = (made / SNAPSHOT / "lock.json").read_bytes()
    document = (made / SNAPSHOT / "one.json").read_bytes()
    assert gmigen("generate").exit_code == 0
    shutil.rmtree(made / "generated" / area)
    for name, content in old.items():
        (made / "generated" / area / name).parent.mkdir(parents=True, exist_ok=True)
        (made / "generated" / area / name).write_bytes(content)
    (made / SNAPSHOT / "lock.json").write_bytes(lock)
    (made / SNAPSHOT / "one.json").write_bytes(document)
    result = gmigen("generate")
    assert result.exit_code == 0, result.output
    assert gmigen("check").exit_code == 0


@pytest.mark.row("G18")
@pytest.mark.row("G20")
@pytest.mark.parametrize(
    "files",
    [{"../x": "a"}, {"/etc/passwd": "a"}, {"a\\b": "a"}, {"a//b": "a"}, {"C:x": "a"}, {"a": 1}, []],
)
def test_a_manifest_speaks_of_its_own_folder_only(files: Any) -> None:
    text = json.dumps({"format": 2, "files": files, "made_from": {}, "tools": {}})
    assert load(text.encode()) is None
    for broken in (b"", b"[]", b"\xff", b"[" * 10_000, b'{"format": 99}', b"<<<<<<< a\n"):
        assert load(broken) is None


def test_a_manifest_reads_as_it_was_written(made: Path) -> None:
    content = (made / PACKAGE / "manifest.json").read_bytes()
    manifest = load(content)
    assert manifest is not None
    assert dump(manifest).encode() == content


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_disk_that_refuses_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "shut").mkdir(mode=0o500)
    with pytest.raises(PublishError, match="still there"):
        write_folder(tmp_path / "shut/out", {"a": b""})
