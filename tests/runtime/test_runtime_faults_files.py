"""Faults of uploads and downloads over real sockets; a bad download never fails the job."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from runtime_world import PNG, PROMPT, Talk

from gmigen.emulator import Emulator, faults
from gmigen.runtime import errors

MP4 = b"HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\n"


class Expires:
    """A grant whose time runs out on the way to the storage."""

    async def answer(self, exchange: Any) -> Any:
        exchange.clock.advance(900)
        return await exchange.honest()


def test_an_upload_address_that_ran_out_is_asked_for_again(talk: Talk, running: Emulator) -> None:
    running.faults.add("put", Expires())
    assert talk(talk.client.upload(PNG))
    assert len(running.ledger.requests(route="upload_url")) == 2
    assert [entry.status for entry in running.ledger.requests(route="put")][-1] == 200
    assert running.ledger.auth_seen_on_foreign_host == ()


BODIES = {
    # The end of the answer is where its length says; what follows is another's.
    "more than announced": faults.Raw(MP4 + b"Content-Length: 12\r\n\r\n0000ftypisom and more"),
    "no length": faults.Raw(MP4 + b"\r\n0000ftypisom"),
}


@pytest.mark.parametrize("fault", BODIES.values(), ids=BODIES)
def test_a_body_of_another_length_than_announced_is_cut_or_taken_as_it_is(
    talk: Talk, running: Emulator, tmp_path: Path, fault: Any
) -> None:
    result = talk(talk.client.run("clip-1", PROMPT))
    running.faults.add("media", fault)
    (path,) = talk.save(result, tmp_path / "clip.mp4")
    assert path.read_bytes() == b"0000ftypisom"


def test_a_body_cut_without_a_length_is_caught_by_its_checksum(
    talk: Talk, running: Emulator, tmp_path: Path
) -> None:
    result = talk(talk.client.run("clip-1", PROMPT))
    running.faults.add("media", faults.Truncated(0.5, "unmeasured"))
    (path,) = talk.save(result, tmp_path / "clip.mp4")
    assert path.read_bytes() == talk.read(result.artifact)
    assert len(running.ledger.requests(route="media")) == 3


def test_a_file_that_comes_compressed_is_never_unpacked(
    talk: Talk, running: Emulator, tmp_path: Path
) -> None:
    result = talk(talk.client.run("clip-1", PROMPT))
    running.faults.add("media", faults.Headers({"Content-Encoding": "gzip"}), nth=None)
    with pytest.raises(errors.DownloadError):
        talk.save(result, tmp_path / "clip.mp4")
    assert list(tmp_path.iterdir()) == []
    asked, *_ = running.ledger.requests(route="media")
    assert asked.header("accept-encoding") == "identity"


class Fresh:
    """A job whose files stand at another address at every look."""

    def tell(self, record: dict[str, Any], job: Any) -> dict[str, Any] | None:
        outcome = record["outcome"]
        if not outcome:
            return record
        url = f"{outcome['video_url']}?look={job.looks}"
        return {**record, "outcome": {"video_url": url}}


def test_a_file_that_expired_is_fetched_from_the_fresh_address(
    talk: Talk, running: Emulator, tmp_path: Path
) -> None:
    running.faults.add("job", Fresh())
    result = talk(talk.client.run("clip-1", PROMPT))
    running.faults.add("media", faults.Status(403, body="<Error><Code>Expired</Code></Error>"))
    assert talk.save(result, tmp_path / "clip.mp4")[0].exists()
    first, second = running.ledger.requests(route="media")
    assert first.path != second.path
    assert len(running.ledger.posts()) == 1


@pytest.mark.parametrize("name", ["../../evil.py", "evil.pth", 'x"; filename="a.sh'])
def test_no_server_names_a_file(talk: Talk, running: Emulator, tmp_path: Path, name: str) -> None:
    folder = tmp_path / "deep" / "out"
    folder.mkdir(parents=True)
    result = talk(talk.client.run("clip-1", PROMPT))
    named = faults.Headers({"Content-Disposition": f'attachment; filename="{name}"'})
    running.faults.add("media", named, nth=None)
    (path,) = talk.save(result, folder)
    assert path == folder / f"{result.job.id}-1.mp4"
    files = [found for found in tmp_path.rglob("*") if found.is_file()]
    assert files == [path]


@pytest.fixture
def small_disk() -> Iterator[None]:
    """No file of this process may grow beyond 1000 bytes."""
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_keeps_the_job_and_what_has_arrived(
    talk: Talk, running: Emulator, tmp_path: Path, small_disk: None
) -> None:
    resource = pytest.importorskip("resource")
    result = talk(talk.client.run("clip-1", PROMPT))
    with pytest.raises(errors.DownloadError, match="disk") as raised:
        talk.save(result, tmp_path / "clip.mp4")
    assert not (tmp_path / "clip.mp4").exists()
    assert result.job.status == "success"
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    artifact: Any = raised.value.artifact
    path = talk.save(artifact, tmp_path / "clip.mp4")
    assert path.read_bytes() == talk.read(artifact)


def test_an_artifact_is_an_open_file_too(talk: Talk, running: Emulator) -> None:
    result = talk(talk.client.run("clip-1", PROMPT))
    whole = talk.read(result.artifact)
    running.faults.add("media", faults.Truncated(0.5, "fin"))
    opened = result.artifact.open()
    with talk(opened) as stream:
        assert stream.read() == whole
    pieces = result.artifact.iter_bytes(100)
    assert b"".join(talk.all(pieces)) == whole


def test_leaving_an_open_artifact_early_leaves_nothing_on_the_disk(
    talk: Talk, running: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import tempfile

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    result = talk(talk.client.run("clip-1", PROMPT))
    if talk.is_async:

        async def first() -> bytes:
            pieces = result.artifact.iter_bytes(10)
            piece: bytes = await pieces.__anext__()
            await pieces.aclose()
            return piece

        assert len(talk(first())) == 10
    else:
        pieces = result.artifact.iter_bytes(10)
        assert len(next(pieces)) == 10
        pieces.close()
    running.faults.add("media", faults.Status(404), nth=None)
    with pytest.raises(errors.DownloadError):
        talk(result.artifact.open())
    assert list(tmp_path.iterdir()) == []


def test_a_cancelled_download_keeps_its_part(tmp_path: Path, running: Emulator) -> None:
    from runtime_world import KEY, QUICK

    from gmigen.client import AsyncClient

    async def scenario() -> None:
        async with AsyncClient(KEY, base_url=running.base_url, poll=QUICK) as client:
            result = await client.run("clip-1", PROMPT)
            running.faults.add("media", faults.Drip(size=200, seconds=0.01))
            moved = asyncio.Event()
            task = asyncio.create_task(
                result.save(tmp_path / "a.mp4", on_progress=lambda *_: moved.set())
            )
            await moved.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert not (tmp_path / "a.mp4").exists()
            assert (tmp_path / "a.mp4.part").stat().st_size > 0
            (path,) = await result.save(tmp_path / "a.mp4")
            assert path.read_bytes() == await result.artifact.read()

    asyncio.run(scenario())
    assert running.ledger.requests(route="media")[1].header("range")
