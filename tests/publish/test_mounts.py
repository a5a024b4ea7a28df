"""A folder that is a mount point cannot be exchanged: its files are written one by one."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from gmigen.disk import mounts, write_folder

RUN = """
import sys
from click.testing import CliRunner
from gmigen.cli.commands import main
for words in (["generate"], ["check"]):
    result = CliRunner().invoke(main, words)
    if result.exit_code:
        sys.exit(result.output)
"""


def unshared(script: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """A shell whose mounts nobody else sees."""
    words = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-ec", script]
    return subprocess.run(words, cwd=cwd, capture_output=True, text=True, check=False)


def can_mount() -> bool:
    try:
        return unshared("mount -t tmpfs none /mnt", Path()).returncode == 0
    except OSError:
        return False


def details(*names: str) -> str:
    parameters = [{"name": name, "type": "string"} for name in names]
    return json.dumps({"model": "One", "parameters": parameters})


@pytest.mark.slow
@pytest.mark.row("half")
@pytest.mark.skipif(not can_mount(), reason="this system lets nobody mount anything")
def test_what_something_is_mounted_on_is_generated_into(
    gmigen: Callable[..., Result], project: Path
) -> None:
    for name in ("details", "disk", "other", "generated/docs/models", "generated/gmi_inference/x"):
        (project / name).mkdir(parents=True, exist_ok=True)
    (project / "details/one.json").write_text(details("prompt"))
    assert gmigen("fetch", "--from-dir", "details").exit_code == 0
    script = (
        "cd generated; mount --bind ../disk gmi_inference; mkdir gmi_inference/x;"
        "mount -t tmpfs none gmi_inference/x; mount --bind ../other docs/models; cd ..;"
        "for d in gmi_inference gmi_inference/x docs/models; do echo mine >generated/$d/mine; done;"
        f"{sys.executable} -c '{RUN}'; cat generated/gmi_inference/x/mine; ls -A generated"
    )
    done = unshared(script, project)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.split() == ["mine", "docs", "gmi_inference", "snapshot"]
    for name in ("disk/mine", "disk/manifest.json", "other/mine", "other/one.md"):
        assert (project / name).is_file()


@pytest.mark.row("half")
@pytest.mark.parametrize(
    ("told", "is_held"),
    [
        ("{folder}", True),
        ("{folder}/models", True),
        ("{folder}s", False),
        ("{parent}", False),
        ("/elsewhere", False),
    ],
)
def test_mounts_of_the_same_disk_are_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told: str, is_held: bool
) -> None:
    folder = tmp_path / "my docs"
    folder.mkdir()
    (folder / "old.txt").write_text("old")
    place = told.format(folder=folder, parent=tmp_path).replace(" ", "\\040")
    table = tmp_path / "mountinfo"
    table.write_text(f"22 1 8:1 / / rw - ext4 /dev/a rw\nshort line\n42 27 8:1 /x {place} rw\n")
    monkeypatch.setattr(mounts, "TABLE", table)
    assert mounts.holds_mount(folder) is is_held
    before = folder.stat().st_ino
    write_folder(folder, {"models/new.txt": b"new"}, ["old.txt"])
    assert [path.name for path in folder.rglob("*.txt")] == ["new.txt"]
    assert (folder.stat().st_ino == before) is is_held
