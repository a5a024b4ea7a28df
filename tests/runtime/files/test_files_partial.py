"""A part belongs to one attempt, follows no link, and becomes a file only whole and once."""

from __future__ import annotations

import errno
import json
import multiprocessing
import os
import threading
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from files_world import PNG, Says, Virtual, asking, found, storing, token, whole
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gmigen.runtime.errors import DownloadError
from gmigen.runtime.files import download
from gmigen.runtime.files.partial import PartialFile
from gmigen.runtime.files.paths import digest
from gmigen.runtime.protocol.effects import Failure

URL = "https://media.example/a.png"
BROKEN = Failure("broken", True, "cut")


def saved(path: Path, body: bytes = PNG, **more: Any) -> Path:
    world = Virtual(lambda _: Says(200, {"etag": '"one"'}, [body]))
    return world.run(download.save(world.ctx, found(URL), path, **more))


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def bodies(number: int) -> bytes:
    return PNG + bytes([number]) * (300_000 + number)


@pytest.mark.row("R6")
@pytest.mark.parametrize("overwrite", [True, False])
def test_threads_saving_different_jobs_under_one_name(tmp_path: Path, overwrite: bool) -> None:
    crowd = 8
    path = tmp_path / "one.png"
    ended: list[Any] = [None] * crowd
    with storing(lambda asked: whole(bodies(int(asked.path[1:])))(asked)) as storage:
        start = threading.Barrier(crowd)

        def one(number: int) -> None:
            with asking("sync", storage.url) as asker:
                artifact = found(f"{storage.url}/{number}")
                start.wait(10)
                try:
                    ended[number] = asker(
                        download.save(asker.ctx, artifact, path, overwrite=overwrite)
                    )
                except DownloadError as error:
                    ended[number] = error

        threads = [threading.Thread(target=one, args=(number,)) for number in range(crowd)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
    won = [number for number in range(crowd) if ended[number] == path]
    lost = [error for error in ended if isinstance(error, DownloadError)]
    assert len(won) + len(lost) == crowd
    assert path.read_bytes() in [bodies(number) for number in won]
    if not overwrite:
        assert len(won) == 1
        assert all("exists already" in str(error) for error in lost)
    assert names(tmp_path) == ["one.png"]


def _process(url: str, number: int, path: str, start: Any, ended: Any) -> None:
    with asking("sync", url) as asker:
        start.wait(30)
        try:
            asker(download.save(asker.ctx, found(f"{url}/{number}"), path))
            ended.put((number, "saved"))
        except DownloadError as error:
            ended.put((number, "exists" if "exists already" in str(error) else str(error)))


@pytest.mark.row("R6")
def test_processes_saving_different_jobs_under_one_name(tmp_path: Path) -> None:
    crowd = 4
    path = tmp_path / "one.png"
    context = multiprocessing.get_context("spawn")
    start, ended = context.Barrier(crowd), context.Queue()
    with storing(lambda asked: whole(bodies(int(asked.path[1:])))(asked)) as storage:
        processes = [
            context.Process(target=_process, args=(storage.url, number, str(path), start, ended))
            for number in range(crowd)
        ]
        for process in processes:
            process.start()
        words = dict(ended.get(timeout=60) for _ in processes)
        for process in processes:
            process.join(60)
    assert Counter(words.values()) == {"saved": 1, "exists": crowd - 1}
    (winner,) = [number for number, word in words.items() if word == "saved"]
    assert path.read_bytes() == bodies(winner)
    assert names(tmp_path) == ["one.png"]


@pytest.mark.row("R7")
@pytest.mark.parametrize("name", ["a.png.part", "a.png.part.json"])
@pytest.mark.parametrize("link", ["symbolic", "hard", "dangling"])
def test_planted_links_are_not_followed(tmp_path: Path, name: str, link: str) -> None:
    victim = tmp_path / "victim"
    note = {"url_sha256": digest(URL), "etag": '"one"', "size": None}
    victim.write_text(json.dumps(note))
    before = victim.read_bytes()
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "a.png.part.json").write_text(json.dumps(note))
    (folder / name).unlink(missing_ok=True)
    if link == "hard":
        os.link(victim, folder / name)
    else:
        (folder / name).symlink_to(victim if link == "symbolic" else tmp_path / "nowhere")
    path = saved(folder / "a.png")
    assert path.read_bytes() == PNG
    assert not path.is_symlink()
    assert path.stat().st_nlink == 1
    assert victim.read_bytes() == before
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.row("R7")
@pytest.mark.parametrize("what", ["fifo", "folder", "stranger"])
def test_what_stands_where_the_part_should_is_left_alone(tmp_path: Path, what: str) -> None:
    place = tmp_path / "a.png.part"
    if what == "fifo":
        os.mkfifo(place)
    elif what == "folder":
        place.mkdir()
    else:
        place.write_bytes(b"a file of the user's")
    assert saved(tmp_path / "a.png").read_bytes() == PNG
    assert place.exists()
    if what == "stranger":
        assert place.read_bytes() == b"a file of the user's"
    assert names(tmp_path) == ["a.png", "a.png.part"]


NOTES = st.one_of(
    st.binary(max_size=200),
    st.recursive(
        st.one_of(st.none(), st.integers(), st.floats(), st.text()),
        lambda inner: st.dictionaries(
            st.sampled_from(["url_sha256", "etag", "size"]), inner, max_size=3
        ),
    ).map(lambda value: json.dumps(value).encode()),
    st.just(b"[" * 60_000),
    st.just(b'{"url_sha256": "' + b"a" * 70_000),
    st.just(json.dumps({"url_sha256": digest(URL), "etag": "x\r\nY: z"}).encode()),
    st.just(json.dumps({"url_sha256": digest(URL), "etag": "é\ud800", "size": 10**400}).encode()),
)


@pytest.mark.row("R22")
@given(NOTES, st.binary(max_size=50))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_no_note_breaks_a_download(tmp_path: Path, note: bytes, part: bytes) -> None:
    final = tmp_path / "a.png"
    (tmp_path / "a.png.part.json").write_bytes(note)
    (tmp_path / "a.png.part").write_bytes(part)
    assert saved(final, overwrite=True).read_bytes() == PNG
    for path in tmp_path.iterdir():
        path.unlink()


def test_two_attempts_never_write_one_part(tmp_path: Path) -> None:
    first = PartialFile(tmp_path / "a.png", token())
    second = PartialFile(tmp_path / "a.png", token())
    assert first.path != second.path
    for part, body in ((first, b"one"), (second, b"two")):
        part.begin(URL, '"e"', 3)
        part.file.write(body)
    first.finish(tmp_path / "a.png", False)
    with pytest.raises(FileExistsError):
        second.finish(tmp_path / "a.png", False)
    first.close()
    second.close()
    assert (tmp_path / "a.png").read_bytes() == b"one"
    assert names(tmp_path) == ["a.png"]


def test_a_part_that_was_let_go_can_be_taken_over(tmp_path: Path) -> None:
    first = PartialFile(tmp_path / "a.png", token())
    first.begin(URL, '"e"', 9)
    first.file.write(b"abc")
    first.close()
    second = PartialFile(tmp_path / "a.png", token())
    assert second.resumable(URL) == (3, '"e"')
    assert second.resumable(f"{URL}?other") is None
    assert second.total == 9
    second.close()
    assert "media.example" not in (tmp_path / "a.png.part.json").read_text()


@pytest.mark.row("F19")
@pytest.mark.parametrize("name", ["EINVAL", "ENOTSUP", "EIO"])
def test_a_file_system_without_fsync(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    def refuse(_: int) -> None:
        raise OSError(getattr(errno, name), name)

    monkeypatch.setattr(os, "fsync", refuse)
    if name == "EIO":
        with pytest.raises(DownloadError, match="disk refused it"):
            saved(tmp_path / "a.png")
        assert not (tmp_path / "a.png").exists()
    else:
        assert saved(tmp_path / "a.png").read_bytes() == PNG


@pytest.mark.row("R6")
def test_a_file_system_without_links_gives_a_name_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", refuse)
    assert saved(tmp_path / "a.png").read_bytes() == PNG
    part = PartialFile(tmp_path / "a.png", token())
    part.file.write(b"other")
    with pytest.raises(FileExistsError):
        part.finish(tmp_path / "a.png", False)
    part.close()
    assert (tmp_path / "a.png").read_bytes() == PNG


def test_a_full_disk_is_a_sentence_and_keeps_what_has_arrived(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, hard))
    try:
        with pytest.raises(DownloadError, match="disk refused it") as raised:
            saved(tmp_path / "a.png", PNG * 100)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert raised.value.partial_path == tmp_path / "a.png.part"
    assert not (tmp_path / "a.png").exists()
    assert saved(tmp_path / "a.png").read_bytes() == PNG
    assert names(tmp_path) == ["a.png"]
