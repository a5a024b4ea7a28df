"""Files in and out over real sockets."""

from __future__ import annotations

import base64
import hashlib
import io
from pathlib import Path
from typing import Any

import pytest
from runtime_world import PNG, PROMPT, Talk

from gmigen.emulator import Emulator, faults
from gmigen.runtime import errors


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "cat.png"
    path.write_bytes(PNG)
    return path


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def puts(running: Emulator) -> list[str | None]:
    return [entry.body_sha256 for entry in running.ledger.requests(route="put")]


@pytest.mark.parametrize("shape", ["path", "bytes", "file", "stream", "memory", "pipe"])
def test_every_shape_of_a_local_file_is_uploaded_whole(
    talk: Talk, running: Emulator, picture: Path, shape: str
) -> None:
    with picture.open("rb") as opened:
        source: Any = {
            "path": picture,
            "bytes": PNG,
            "file": opened,
            "stream": io.BytesIO(PNG),
            "memory": bytearray(PNG),
            "pipe": Pipe(PNG),
        }[shape]
        url = talk(talk.client.upload(source))
    assert url.startswith(running.files_url)
    assert puts(running) == [sha256(PNG)]
    (put,) = running.ledger.requests(route="put")
    assert put.header("content-type") == "image/png"
    assert put.header("content-length") == str(len(PNG))
    assert put.credentials == ()


class Pipe(io.RawIOBase):
    """A stream that can be read once."""

    def __init__(self, data: bytes) -> None:
        self._stream = io.BytesIO(data)

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        return self._stream.read(size)


def test_local_files_anywhere_in_a_payload_become_urls(
    talk: Talk, running: Emulator, picture: Path
) -> None:
    payload = {**PROMPT, "image": picture, "more": [{"frame": PNG[:50]}, "a str stays"], "n": 1}
    talk(talk.client.submit("clip-1", payload))
    (post,) = running.ledger.posts()
    sent = post.json["payload"]
    assert sent["image"].startswith(running.files_url)
    assert sent["more"][0]["frame"].startswith(running.files_url)
    assert sent["more"][1] == "a str stays"
    assert sent["n"] == 1
    assert isinstance(payload["image"], Path)


def test_equal_files_are_sent_once(talk: Talk, running: Emulator, picture: Path) -> None:
    talk(talk.client.submit("clip-1", {**PROMPT, "first": picture, "last": PNG}))
    talk(talk.client.upload(picture))
    assert len(puts(running)) == 1


def test_every_jpeg_is_asked_for_under_the_one_name_that_works(
    talk: Talk, running: Emulator, tmp_path: Path
) -> None:
    path = tmp_path / "cat.jpg"
    path.write_bytes(b"\xff\xd8\xff\xe0" + b"x" * 50)
    talk(talk.client.upload(path))
    (put,) = running.ledger.requests(route="put")
    assert put.header("content-type") == "image/jpeg"
    assert put.status == 200


@pytest.mark.parametrize(
    "fault",
    [faults.Status(503), faults.Reset("after"), faults.Fin("before"), faults.Status(429)],
    ids=repr,
)
def test_a_put_is_repeated_with_the_whole_file(talk: Talk, running: Emulator, fault: Any) -> None:
    running.faults.add("put", fault)
    talk(talk.client.upload(io.BytesIO(PNG)))
    assert puts(running)[-1] == sha256(PNG)
    assert len(running.ledger.requests(route="upload_url")) == 1


def test_a_signature_that_does_not_match_is_tried_with_the_other_type_once(
    talk: Talk, running: Emulator
) -> None:
    body = "<Error><Code>SignatureDoesNotMatch</Code></Error>"
    running.faults.add("put", faults.Status(403, body=body), nth=None)
    with pytest.raises(errors.UploadError, match="SignatureDoesNotMatch"):
        talk(talk.client.upload(b"ID3" + b"x" * 40))
    tried = [entry.header("content-type") for entry in running.ledger.requests(route="put")]
    assert tried == ["audio/mpeg", "audio/mp3"]


def test_an_expired_grant_is_asked_for_again_once(talk: Talk, running: Emulator) -> None:
    body = "<Error><Code>ExpiredToken</Code></Error>"
    running.faults.add("put", faults.Status(400, body=body))
    assert talk(talk.client.upload(PNG))
    assert len(running.ledger.requests(route="upload_url")) == 2


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("cat.webp", b"RIFF1234WEBP", "png, jpg"),
        ("empty.png", b"", "empty"),
        ("notes.txt", b"hello", "png, jpg"),
    ],
)
def test_a_file_that_cannot_be_uploaded_is_refused_before_the_network(
    talk: Talk, running: Emulator, tmp_path: Path, name: str, content: bytes, words: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(errors.UploadError, match=words):
        talk(talk.client.submit("clip-1", {**PROMPT, "good": PNG, "bad": path}))
    assert len(running.ledger) == 0


def test_a_missing_file_is_a_sentence(talk: Talk, tmp_path: Path) -> None:
    with pytest.raises(errors.UploadError, match=r"gone\.png cannot be read"):
        talk(talk.client.upload(tmp_path / "gone.png"))


def test_a_str_is_not_guessed_to_be_a_path(talk: Talk, picture: Path) -> None:
    with pytest.raises(errors.InvalidRequestError, match="Path"):
        talk(talk.client.upload(str(picture)))


def test_a_file_open_as_text_is_told_to_be_opened_otherwise(talk: Talk, picture: Path) -> None:
    with (
        picture.open("r", errors="replace") as opened,
        pytest.raises(errors.UploadError, match="rb"),
    ):
        talk(talk.client.upload(opened))


def test_progress_of_an_upload_ends_at_its_size(talk: Talk) -> None:
    seen: list[tuple[int, int | None]] = []
    data = PNG + b"x" * 600_000
    talk(talk.client.upload(data, on_progress=lambda sent, total: seen.append((sent, total))))
    assert seen[-1] == (len(data), len(data))
    assert len(seen) > 1


def test_results_are_saved_in_a_folder_under_names_of_ours(talk: Talk, tmp_path: Path) -> None:
    result = talk(talk.client.run("picture-1", PROMPT))
    saved = talk.save(result, tmp_path / "out")
    assert [path.name for path in saved] == [
        f"{result.job.id}-{number}.png" for number in range(1, len(result.artifacts) + 1)
    ]
    assert saved[0].read_bytes() == talk.read(result.artifact)
    assert len(list((tmp_path / "out").iterdir())) == len(saved)


def test_a_file_is_never_overwritten_unless_told(talk: Talk, tmp_path: Path) -> None:
    result = talk(talk.client.run("clip-1", PROMPT))
    target = tmp_path / "boat.mp4"
    target.write_bytes(b"mine")
    with pytest.raises(errors.DownloadError, match="overwrite=True"):
        talk.save(result, target)
    assert target.read_bytes() == b"mine"
    assert talk.save(result, target, overwrite=True) == [target]
    assert target.read_bytes() == talk.read(result.artifact)


def test_inline_images_are_decoded(talk: Talk, running: Emulator, tmp_path: Path) -> None:
    result = talk(talk.client.run("gemini-picture", PROMPT))
    (path,) = talk.save(result, tmp_path / "x.png")
    assert path.read_bytes() == base64.b64decode(result.url.partition(",")[2])
    assert path.read_bytes().startswith(b"\x89PNG")
    assert running.ledger.requests(route="media") == ()


CUTS = {
    "fin": faults.Truncated(0.5, "fin"),
    "reset": faults.Truncated(0.5, "reset"),
    "reset before": faults.Reset("before"),
    "503": faults.Status(503),
    "500 xml": faults.Status(500, body="<Error/>"),
    "hang": faults.Hang(),
}


@pytest.mark.parametrize("fault", CUTS.values(), ids=CUTS)
def test_a_broken_download_ends_whole(
    talk: Talk, running: Emulator, tmp_path: Path, fault: Any
) -> None:
    result = talk(talk.client.run("clip-1", PROMPT))
    talk.impatient()
    running.faults.add("media", fault)
    (path,) = talk.save(result, tmp_path / "boat.mp4")
    assert path.read_bytes() == talk.read(result.artifact)
    assert list(tmp_path.iterdir()) == [path]


def test_a_download_cut_in_the_middle_goes_on_where_it_was(
    talk: Talk, running: Emulator, tmp_path: Path
) -> None:
    result = talk(talk.client.run("clip-1", PROMPT))
    running.faults.add("media", faults.Truncated(0.5, "fin"))
    talk.save(result, tmp_path / "boat.mp4")
    first, second = running.ledger.requests(route="media")
    assert first.header("range") is None
    assert second.header("range")
    assert second.header("if-range")
    assert second.status == 206


def test_a_part_of_another_file_is_not_gone_on_with(
    talk: Talk, running: Emulator, tmp_path: Path
) -> None:
    result = talk(talk.client.run("clip-1", PROMPT))
    (tmp_path / "boat.mp4.part").write_bytes(b"something else")
    (tmp_path / "boat.mp4.part.json").write_text('{"url_sha256": "no", "etag": "x"}')
    (path,) = talk.save(result, tmp_path / "boat.mp4")
    assert path.read_bytes() == talk.read(result.artifact)
    assert running.ledger.requests(route="media")[0].header("range") is None


def test_a_file_with_the_wrong_checksum_never_gets_its_name(
    talk: Talk, running: Emulator, tmp_path: Path
) -> None:
    result = talk(talk.client.run("clip-1", PROMPT))
    running.faults.add("media", faults.BadChecksum(), nth=None)
    with pytest.raises(errors.DownloadError, match="checksum") as raised:
        talk.save(result, tmp_path / "boat.mp4")
    assert not (tmp_path / "boat.mp4").exists()
    assert len(running.ledger.requests(route="media")) == 3
    running.faults.clear()
    artifact: Any = raised.value.artifact
    assert talk.save(artifact, tmp_path / "boat.mp4").exists()


def test_a_checksum_wrong_once_is_survived(talk: Talk, running: Emulator, tmp_path: Path) -> None:
    result = talk(talk.client.run("clip-1", PROMPT))
    running.faults.add("media", faults.BadChecksum())
    assert talk.save(result, tmp_path / "boat.mp4")


def test_a_web_page_in_place_of_the_file_is_not_saved(
    talk: Talk, running: Emulator, tmp_path: Path
) -> None:
    result = talk(talk.client.run("clip-1", PROMPT))
    running.faults.add("media", faults.Html(200, "Sign in"), nth=None)
    with pytest.raises(errors.DownloadError, match="web page"):
        talk.save(result, tmp_path / "boat.mp4")
    assert list(tmp_path.iterdir()) == []


def test_an_expired_file_says_so_and_the_job_stays_well(
    talk: Talk, running: Emulator, tmp_path: Path
) -> None:
    result = talk(talk.client.run("clip-1", PROMPT))
    running.faults.add("media", faults.Status(403, body="<Error/>"), nth=None)
    with pytest.raises(errors.DownloadError, match="expired") as raised:
        talk.save(result, tmp_path / "boat.mp4")
    assert raised.value.job is not None
    assert raised.value.job.status == "success"


@pytest.mark.parametrize("location", ["https://10.0.0.1/x", "http://media.example/x", "file:///x"])
def test_a_redirect_to_a_private_or_plain_address_is_refused(
    talk: Talk, running: Emulator, tmp_path: Path, location: str
) -> None:
    result = talk(talk.client.run("clip-1", PROMPT))
    running.faults.add("media", faults.Redirect(location), nth=None)
    with pytest.raises(errors.DownloadError, match="refused"):
        talk.save(result, tmp_path / "boat.mp4")
    with pytest.raises(errors.DownloadError, match="refused"):
        talk.read(result.artifact)


def test_redirects_are_followed_a_few_times_only(
    talk: Talk, running: Emulator, tmp_path: Path
) -> None:
    result = talk(talk.client.run("clip-1", PROMPT))
    running.faults.add("media", faults.Redirect(result.url), nth=[1, 2])
    assert talk.save(result, tmp_path / "one.mp4")
    running.faults.add("media", faults.Redirect(result.url), nth=None)
    with pytest.raises(errors.DownloadError, match="redirects too often"):
        talk.save(result, tmp_path / "two.mp4")


def test_the_disk_refusing_is_a_download_error(talk: Talk, tmp_path: Path) -> None:
    result = talk(talk.client.run("clip-1", PROMPT))
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(errors.DownloadError, match="disk"):
        talk.save(result, tmp_path / "file" / "boat.mp4")


def test_reading_more_than_allowed_is_refused(talk: Talk) -> None:
    result = talk(talk.client.run("clip-1", PROMPT))
    with pytest.raises(errors.DownloadError, match="longer than 10 bytes"):
        talk.read(result.artifact, max_bytes=10)


def test_progress_of_a_download_ends_at_its_size(talk: Talk, tmp_path: Path) -> None:
    seen: list[tuple[int, int | None]] = []
    result = talk(talk.client.run("clip-1", PROMPT))
    (path,) = talk.save(
        result, tmp_path / "boat.mp4", on_progress=lambda done, total: seen.append((done, total))
    )
    size = path.stat().st_size
    assert seen[-1] == (size, size)
