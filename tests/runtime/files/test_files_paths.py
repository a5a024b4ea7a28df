"""Names of saved files: ours, harmless, and such as a disk takes."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from files_world import PNG, Says, Virtual, found
from hypothesis import given
from hypothesis import strategies as st

from gmigen.runtime.errors import DownloadError
from gmigen.runtime.files import download
from gmigen.runtime.files.paths import NAME_LIMIT, destinations, file_name, fitting, is_folder


def saved(path: Any, **more: Any) -> Path:
    world = Virtual(lambda _: Says(200, {"etag": '"one"'}, [PNG]))
    one = found("https://media.example/a.png")
    return world.run(download.save(world.ctx, one, path, **more))


@pytest.mark.row("F13")
@pytest.mark.parametrize("length", [200, 244, 245, 246, 250, 251, 255])
@pytest.mark.parametrize("letter", ["a", "é", "\U0001f600"])
def test_a_name_the_disk_takes_is_taken(tmp_path: Path, length: int, letter: str) -> None:
    room = length - 4
    name = letter * (room // len(letter.encode())) + ".png"
    assert saved(tmp_path / name) == tmp_path / name
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.row("F13")
def test_numbered_names_are_cut_and_stay_apart(tmp_path: Path) -> None:
    names = destinations(tmp_path / ("é" * 125 + ".png"), "job", ["png"] * 12)
    assert len(set(names)) == 12
    assert all(len(os.fsencode(name.name)) <= NAME_LIMIT for name in names)


@pytest.mark.row("R22")
@pytest.mark.parametrize(
    "path",
    ["a" * 300 + ".png", "é" * 140 + ".png", "a\0b.png", "\ud800.png", "x\udfff/", "", b"a\0.png",
     None, 7, object(), "a" * 300 + "/b.png", "x/" * 3000 + "a.png"],
)  # fmt: skip
def test_what_no_disk_takes_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DownloadError):
        saved(path)
    if not isinstance(path, str) or not path.startswith("x/"):
        assert list(tmp_path.iterdir()) == []


@pytest.mark.row("F13")
@pytest.mark.parametrize("path", [".", "./", b".", Path(), "./" * 200, "..", "sub/.."])
def test_the_folder_one_is_in_is_a_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: Any
) -> None:
    (tmp_path / "here" / "sub").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "here")
    with saved(path).open("rb") as file:
        assert file.read() == PNG


@pytest.mark.row("F13")
@pytest.mark.parametrize("shape", ["folder", "link out", "a file above", "a folder of that name"])
def test_places_that_are_odd(tmp_path: Path, shape: str) -> None:
    if shape == "folder":
        assert saved(tmp_path / "2026.11.25" / "x").parent == tmp_path / "2026.11.25" / "x"
    elif shape == "link out":
        (tmp_path / "dangling.png").symlink_to(tmp_path / "nowhere.png")
        with pytest.raises(DownloadError, match="overwrite=True"):
            saved(tmp_path / "dangling.png")
        assert not saved(tmp_path / "dangling.png", overwrite=True).is_symlink()
        assert not (tmp_path / "nowhere.png").exists()
    elif shape == "a file above":
        (tmp_path / "plain").write_bytes(b"")
        with pytest.raises(DownloadError, match="disk refused it"):
            saved(tmp_path / "plain" / "a.png")
        with pytest.raises(DownloadError, match="exists already"):
            saved(tmp_path / "plain")
    else:
        (tmp_path / "fold.png").mkdir()
        assert saved(tmp_path / "fold.png").parent == tmp_path / "fold.png"


@given(st.text(max_size=300), st.text(max_size=300))
def test_names_of_ours_are_harmless_and_tell_ids_apart(one: str, other: str) -> None:
    names = [file_name(identity, 1, "png") for identity in (one, other)]
    assert (names[0] == names[1]) == (one == other)
    for name in names:
        assert Path(name).name == name
        assert len(name) < 130
        assert not name.startswith((".", "-"))


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=400))
def test_every_stem_fits(stem: str) -> None:
    cut = fitting(stem, ".part.json")
    assert len(os.fsencode(cut)) <= NAME_LIMIT
    assert cut.endswith(".part.json")


def test_what_is_a_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    assert is_folder(tmp_path)
    assert is_folder(f"{tmp_path}/new/")
    assert is_folder(tmp_path / "new")
    assert not is_folder(tmp_path / "file")
    assert not is_folder(tmp_path / "a.png")
