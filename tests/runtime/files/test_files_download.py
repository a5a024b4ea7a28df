"""Every way to have a file meets the same faults, over real sockets and in virtual time."""

from __future__ import annotations

import base64
import gzip
import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from files_world import (
    BROKEN,
    JOB,
    MP4,
    PNG,
    WAYS,
    WEBP,
    Answer,
    Asked,
    Asker,
    Says,
    Serve,
    Storage,
    Virtual,
    asking,
    found,
    have,
    in_turn,
    storing,
    whole,
)

from gmigen.runtime.errors import DownloadError
from gmigen.runtime.files import download
from gmigen.runtime.files.outcome import Found, files
from gmigen.runtime.protocol.effects import Failure, Send

BIG = PNG * 400
HALF = len(BIG) // 2
PACKED = gzip.compress(BIG, mtime=0)
CUT = Answer(BIG[:HALF], {"ETag": '"one"'}, length=len(BIG))


def md5(data: bytes) -> str:
    return "crc32c=AAAAAA==,md5=" + base64.b64encode(hashlib.md5(data).digest()).decode()


@pytest.fixture(params=["sync", "async"])
def colour(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def storage() -> Iterator[Storage]:
    with storing(whole(PNG)) as one:
        yield one


@pytest.fixture
def asker(colour: str, storage: Storage) -> Iterator[Asker]:
    with asking(colour, storage.url) as one:
        yield one


def going_on(body: bytes, etag: str | None, at: int | None = None, total: int = len(BIG)) -> Serve:
    """Answers a question for the rest of a file with a part of `body`."""

    def serve(asked: Asked) -> Answer:
        start = int(asked.headers["range"].removeprefix("bytes=").rstrip("-")) if at is None else at
        place = {"Content-Range": f"bytes {start}-{total - 1}/{total}"}
        headers = place if etag is None else {**place, "ETag": etag}
        return Answer(body[start:], headers, 206)

    return serve


OTHER = bytes(reversed(BIG))
SURVIVED: dict[str, Callable[[], Serve]] = {
    "nothing wrong": lambda: whole(BIG),
    "cut once": lambda: in_turn(CUT, whole(BIG)),
    "503 once": lambda: in_turn(Answer(b"busy", status=503), whole(BIG)),
    "another validator": lambda: in_turn(CUT, going_on(OTHER, '"two"'), whole(BIG)),
    "no validator": lambda: in_turn(CUT, going_on(OTHER, None), whole(BIG)),
    "a weak validator": lambda: in_turn(CUT, going_on(OTHER, 'W/"one"'), whole(BIG)),
    "another total": lambda: in_turn(CUT, going_on(OTHER, '"one"', total=len(BIG) - 1), whole(BIG)),
    "another place": lambda: in_turn(CUT, going_on(BIG, '"one"', at=0), whole(BIG)),
    "no range": lambda: in_turn(CUT, Answer(BIG, {"ETag": '"one"'}, 206), whole(BIG)),
    "a range of nonsense": lambda: in_turn(
        CUT, Answer(BIG, {"Content-Range": "bytes 9-1/" + "9" * 400}, 206), whole(BIG)
    ),
    "416": lambda: in_turn(CUT, Answer(b"", status=416), whole(BIG)),
    "an empty answer after a cut one": lambda: in_turn(CUT, Answer(chunked=True), whole(BIG)),
    "a wrong checksum once": lambda: in_turn(
        Answer(BIG, {"x-goog-hash": md5(PNG)}), whole(BIG, **{"x-goog-hash": md5(BIG)})
    ),
    "packed as it is stored": lambda: in_turn(
        Answer(
            PACKED,
            {
                "Content-Encoding": "gzip",
                "x-goog-hash": md5(PACKED),
                "x-goog-stored-content-encoding": "gzip",
            },
        )
    ),
    "packed in two members": lambda: in_turn(
        Answer(gzip.compress(BIG[:99]) + gzip.compress(BIG[99:]), {"Content-Encoding": "x-gzip"})
    ),
    "packed, cut, and packed again": lambda: in_turn(
        Answer(PACKED[:50], {"Content-Encoding": "gzip", "ETag": '"one"'}, length=len(PACKED)),
        Answer(PACKED, {"Content-Encoding": "gzip", "ETag": '"one"'}),
    ),
    "unpacked on the way": lambda: in_turn(
        Answer(
            BIG,
            {"x-goog-hash": md5(PACKED), "x-goog-stored-content-encoding": "gzip"},
            chunked=True,
        )
    ),
    "plain, said in capitals": lambda: in_turn(Answer(BIG, {"Content-Encoding": "Identity"})),
    "a word of uploads": lambda: in_turn(Answer(BIG, {"Content-Encoding": "aws-chunked"})),
    "no length": lambda: in_turn(Answer(BIG, chunked=True)),
    "a page once": lambda: in_turn(Answer(b"<!doctype html><title>Wait</title>"), whole(BIG)),
}


@pytest.mark.row("R5")
@pytest.mark.row("R25")
@pytest.mark.row("F9")
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("fault", SURVIVED)
def test_what_can_be_survived_ends_whole(
    asker: Asker, storage: Storage, tmp_path: Path, way: str, fault: str
) -> None:
    storage.serve = SURVIVED[fault]()
    assert asker(have(way, asker.ctx, found(f"{storage.url}/a.png"), tmp_path)) == BIG
    assert [path.name for path in tmp_path.iterdir()] == ["file.bin"] * (way == "save")


PLAIN = "https://media.example/a.png"


def towards(status: int, location: str) -> Serve:
    return in_turn(Answer(status=status, headers={"Location": location}))


REFUSED: dict[str, tuple[Serve, str]] = {
    "gone": (in_turn(Answer(b"<Error/>", status=404)), "expired"),
    "a wrong checksum for ever": (in_turn(Answer(BIG, {"x-goog-hash": md5(PNG)})), "checksum"),
    "another checksum than the packed form's": (
        in_turn(Answer(PACKED, {"Content-Encoding": "gzip", "x-goog-hash": md5(BIG)})),
        "checksum",
    ),
    "a page": (in_turn(Answer(b"<html><title>Sign in</title>")), "a web page"),
    "JSON": (in_turn(Answer(b'{"error": "no"}', {"Content-Type": "image/png"})), "JSON"),
    "XML": (in_turn(Answer(b"<?xml version='1.0'?><Error><Code>No</Code></Error>")), "XML"),
    "a text said to be one": (in_turn(Answer(b"not here", {"Content-Type": "text/plain"})), "text"),
    "another medium": (in_turn(Answer(MP4)), "MP4"),
    "nothing": (in_turn(Answer(b"")), "nothing came"),
    "brotli": (in_turn(Answer(b"\x0b\x02\x80abc\x03", {"Content-Encoding": "br"})), "packed as br"),
    "packed twice": (in_turn(Answer(PACKED, {"Content-Encoding": "gzip, gzip"})), "gzip, gzip"),
    "not packed at all": (in_turn(Answer(BIG, {"Content-Encoding": "gzip"})), "not"),
    "packed and cut": (in_turn(Answer(PACKED[:-9], {"Content-Encoding": "gzip"})), "not"),
    "a private address": (towards(302, "https://10.0.0.1/x"), "private"),
    "plain http": (towards(302, "http://m.example/x"), "https"),
    "another scheme": (towards(307, "file:///x"), "address"),
    "no host": (towards(308, "https://a..b/x"), "well-formed"),
    "a circle": (towards(301, "/a.png"), "redirects too often"),
    "ranges nobody asked for": (
        in_turn(Answer(BIG, {"Content-Range": "bytes 0-1/9"}, 206)), "place"
    ),
}  # fmt: skip


@pytest.mark.row("F9")
@pytest.mark.row("F12")
@pytest.mark.row("R22")
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("fault", REFUSED)
def test_what_is_no_such_file_is_refused_and_leaves_nothing(
    asker: Asker, storage: Storage, tmp_path: Path, way: str, fault: str
) -> None:
    storage.serve, words = REFUSED[fault]
    artifact = found(f"{storage.url}/a.png?sig=secret")
    with pytest.raises(DownloadError, match=words) as raised:
        asker(have(way, asker.ctx, artifact, tmp_path))
    assert raised.value.artifact is artifact
    assert raised.value.job is artifact.job
    assert "secret" not in str(raised.value)
    assert list(tmp_path.iterdir()) == []
    assert len(storage.asked) <= 6


def test_unpacking_is_bounded(asker: Asker, storage: Storage, tmp_path: Path) -> None:
    bomb = gzip.compress(PNG + bytes(30_000_000))
    storage.serve = in_turn(Answer(bomb, {"Content-Encoding": "gzip"}))
    with pytest.raises(DownloadError, match="longer than 1000000 bytes"):
        asker(download.read(asker.ctx, found(f"{storage.url}/a.png"), 1_000_000))


def test_a_part_is_gone_on_with_by_a_later_call(
    asker: Asker, storage: Storage, tmp_path: Path
) -> None:
    storage.serve = in_turn(CUT, Answer(b"no", status=400))
    artifact = found(f"{storage.url}/a.png")
    with pytest.raises(DownloadError, match="400") as raised:
        asker(download.save(asker.ctx, artifact, tmp_path / "a.png"))
    assert raised.value.partial_path == tmp_path / "a.png.part"
    storage.serve = whole(BIG)
    assert asker(download.save(asker.ctx, artifact, tmp_path / "a.png")).read_bytes() == BIG
    assert storage.asked[-1].headers["range"] == f"bytes={HALF}-"
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]


def test_without_resume_a_part_is_begun_anew(
    asker: Asker, storage: Storage, tmp_path: Path
) -> None:
    storage.serve = in_turn(CUT, Answer(b"no", status=400))
    artifact = found(f"{storage.url}/a.png")
    with pytest.raises(DownloadError):
        asker(download.save(asker.ctx, artifact, tmp_path / "a.png"))
    storage.serve = whole(BIG)
    asker(download.save(asker.ctx, artifact, tmp_path / "a.png", resume=False))
    assert "range" not in storage.asked[-1].headers


@pytest.mark.row("R5")
def test_a_part_of_another_address_is_not_gone_on_with(
    asker: Asker, storage: Storage, tmp_path: Path
) -> None:
    storage.serve = in_turn(CUT, Answer(b"no", status=400))
    with pytest.raises(DownloadError):
        asker(download.save(asker.ctx, found(f"{storage.url}/a.png"), tmp_path / "a.png"))
    storage.serve = whole(OTHER, **{"Content-Type": "image/png"})
    path = asker(download.save(asker.ctx, found(f"{storage.url}/b.png"), tmp_path / "a.png"))
    assert path.read_bytes() == OTHER
    assert "range" not in storage.asked[-1].headers


def virtual(*answers: Says | Failure) -> Virtual:
    rest = list(answers)
    return Virtual(lambda _: rest.pop(0) if len(rest) > 1 else rest[0])


def had(world: Virtual, way: str, folder: Path, **more: Any) -> bytes:
    return world.run(have(way, world.ctx, found(PLAIN), folder, **more))


@pytest.mark.row("R14")
@pytest.mark.parametrize("way", WAYS)
def test_a_byte_a_second_is_no_progress(tmp_path: Path, way: str) -> None:
    drip: list[Any] = [PNG]
    for _ in range(3000):
        drip += [1.0, b"x"]
    world = virtual(Says(200, {}, drip))
    with pytest.raises(DownloadError, match="hardly a byte"):
        had(world, way, tmp_path)
    assert world.now < 130


@pytest.mark.row("R14")
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("etag", [{}, {"etag": '"one"'}])
def test_being_cut_again_and_again_ends(tmp_path: Path, way: str, etag: dict[str, str]) -> None:
    size = str(10**9)

    def serve(effect: Send) -> Says:
        start = int(effect.headers.get("Range", "=0-")[:-1].partition("=")[2])
        if start:
            place = {"content-range": f"bytes {start}-{10**9 - 1}/{size}"}
            return Says(206, {**etag, **place}, [b"x" * 100, BROKEN])
        return Says(200, {**etag, "content-length": size}, [PNG, BROKEN])

    world = Virtual(serve)
    with pytest.raises(DownloadError, match="dropped"):
        had(world, way, tmp_path)
    assert world.now < 130


@pytest.mark.row("R14")
@pytest.mark.parametrize("way", WAYS)
def test_a_length_that_is_a_lie_ends(tmp_path: Path, way: str) -> None:
    world = virtual(Says(200, {"content-length": "9999"}, [PNG]))
    with pytest.raises(DownloadError, match="instead of 9999"):
        had(world, way, tmp_path)
    assert len(world.sends) == 3


@pytest.mark.row("R14")
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("timeout", [5, 30.0])
def test_the_caller_bounds_the_whole(tmp_path: Path, way: str, timeout: float) -> None:
    steady: list[Any] = [PNG]
    for _ in range(1000):
        steady += [1.0, b"x" * 100_000]
    world = virtual(Says(200, {}, steady))
    with pytest.raises(DownloadError, match="longer than it may"):
        had(world, way, tmp_path, timeout=timeout)
    assert world.now <= timeout + 2


@pytest.mark.row("R14")
def test_a_slow_but_steady_download_is_let_be(tmp_path: Path) -> None:
    steady: list[Any] = [PNG]
    for _ in range(300):
        steady += [10.0, b"x" * 10_000]
    assert len(had(virtual(Says(200, {}, steady)), "save", tmp_path)) == len(PNG) + 3_000_000


def test_an_hour_is_the_bound_by_default(tmp_path: Path) -> None:
    world = virtual(Says(503))
    world.serve = lambda _: Says(200, {}, [PNG, *[100.0, b"x" * 100_000] * 100])
    with pytest.raises(DownloadError):
        had(world, "save", tmp_path)
    assert 3500 < world.now < 3800


@pytest.mark.row("F16")
@pytest.mark.parametrize("raised", [TimeoutError("mine"), OSError("mine"), KeyError("mine")])
def test_what_a_progress_callback_raises_passes_through(
    asker: Asker, storage: Storage, tmp_path: Path, raised: Exception
) -> None:
    def moved(*_: object) -> None:
        raise raised

    with pytest.raises(type(raised)) as caught:
        asker(
            download.save(
                asker.ctx, found(f"{storage.url}/a.png"), tmp_path / "a.png", on_progress=moved
            )
        )
    assert caught.value is raised


@pytest.mark.row("F10")
@pytest.mark.parametrize("way", WAYS)
def test_addresses_are_read_as_browsers_do(
    asker: Asker, storage: Storage, tmp_path: Path, way: str
) -> None:
    artifact = found(f"{storage.url}/my cat/é.png?name=a b")
    assert asker(have(way, asker.ctx, artifact, tmp_path)) == PNG
    assert storage.asked[-1].path == "/my%20cat/%C3%A9.png?name=a%20b"


@pytest.mark.row("R22")
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "url",
    ["https://a..b/x", "https://[/x", "https://" + "a" * 300 + ".example/x", "https://\ud800.ex/x",
     "https://ex\x00ample.com/x", "https://10.0.0.1/x", "http://media.example/x", "https://0x7f.1/x",
     "https://user:pw@media.example/x", "https://media.example:22/x", "https://localhost/x",
     "https://[::ffff:10.0.0.1]/x", "https://media.example./x", "https://:99999/x"],
)  # fmt: skip
def test_addresses_that_lead_nowhere_good_are_refused(tmp_path: Path, way: str, url: str) -> None:
    world = virtual(Says())
    with pytest.raises(DownloadError, match="its address was refused, because"):
        world.run(have(way, world.ctx, found(url), tmp_path))
    assert world.sends == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.row("R21")
def test_the_signature_stands_in_no_repr_of_a_frame(tmp_path: Path) -> None:
    world = virtual(Says(404))
    with pytest.raises(DownloadError) as raised:
        world.run(have("save", world.ctx, found(f"{PLAIN}?X-Goog-Signature=secret"), tmp_path))
    shown = [repr(raised.value), repr(raised.value.artifact)]
    trace = raised.value.__traceback__
    while trace is not None:
        if "gmigen" in trace.tb_frame.f_code.co_filename:
            shown += [repr(value) for value in trace.tb_frame.f_locals.values()]
        trace = trace.tb_next
    assert len(shown) > 10
    assert not [text for text in shown if "secret" in text]


def test_an_expired_address_is_renewed_once(tmp_path: Path) -> None:
    fresh = {"request_id": JOB, "model": "m", "status": "success"}

    def serve(effect: Send) -> Says:
        if "/requests/" in effect.url:
            import json

            outcome = {"media_urls": [f"{PLAIN}?fresh=1"]}
            return Says(200, {}, [json.dumps({**fresh, "outcome": outcome}).encode()])
        return Says(200, {}, [PNG]) if "fresh" in effect.url else Says(403)

    world = Virtual(serve)
    assert had(world, "save", tmp_path) == PNG
    assert [effect.url.partition("?")[0] for effect in world.sends if "media" in effect.url] == [
        PLAIN,
        PLAIN,
    ]


def inline(data: str) -> Found:
    part = {"inlineData": {"mimeType": "image/png", "data": data}}
    return files({"candidates": [{"content": {"parts": [part]}}]})[0]


@pytest.mark.parametrize("way", WAYS)
def test_what_came_inline_needs_no_network(tmp_path: Path, way: str) -> None:
    world = virtual(Says())
    for text in (
        base64.b64encode(PNG).decode(),
        base64.urlsafe_b64encode(PNG).decode().rstrip("="),
    ):
        again = world.run(have(way, world.ctx, inline(text), tmp_path / text[-3:]))
        assert again == PNG
    for bad in ("***", "é", base64.b64encode(b"<html>").decode(), "A"):
        with pytest.raises(DownloadError):
            world.run(have(way, world.ctx, inline(bad), tmp_path / "bad"))
    assert world.sends == []


def test_reading_more_than_allowed_is_refused(asker: Asker, storage: Storage) -> None:
    one = found(f"{storage.url}/a.png")
    for serve in (whole(PNG), in_turn(Answer(PNG, chunked=True))):
        storage.serve = serve
        with pytest.raises(DownloadError, match="longer than 10 bytes"):
            asker(download.read(asker.ctx, one, 10))
    with pytest.raises(DownloadError, match="longer than 10 bytes"):
        asker(download.read(asker.ctx, inline(base64.b64encode(PNG).decode()), 10))


@pytest.mark.row("F14")
def test_no_temporary_folder_is_a_sentence(
    asker: Asker, storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    import tempfile

    monkeypatch.setattr(tempfile, "tempdir", "/nowhere/at/all")
    with pytest.raises(DownloadError, match="disk refused it"):
        asker(download.opened(asker.ctx, found(f"{storage.url}/a.png")))


@pytest.mark.row("F12")
@pytest.mark.parametrize(
    ("body", "headers", "url", "name"),
    [
        (WEBP, {}, "a.png", "webp"),
        (WEBP, {"Content-Type": "image/png"}, "a.png", "webp"),
        (PNG, {"Content-Type": "image/webp"}, "a", "png"),
        (b"\1\2\3\4" * 50, {"Content-Type": "image/webp"}, "a.png", "webp"),
        (b"\1\2\3\4" * 50, {"Content-Type": "application/octet-stream"}, "a.gif", "gif"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", {}, "a.png", "svg"),
        (b"\xff\xd8\xff\xe0" + PNG, {"Content-Type": "text/x-python"}, "a.py", "jpg"),
    ],
)
def test_a_name_of_ours_follows_the_bytes(
    asker: Asker, storage: Storage, tmp_path: Path, body: bytes, headers: Any, url: str, name: str
) -> None:
    storage.serve = in_turn(Answer(body, headers))
    artifact = found(f"{storage.url}/{url}")
    path = asker(download.save(asker.ctx, artifact, tmp_path))
    assert path == tmp_path / f"{JOB}-1.{name}"
    with pytest.raises(DownloadError, match="overwrite=True"):
        asker(download.save(asker.ctx, artifact, tmp_path))
    assert asker(download.save(asker.ctx, artifact, tmp_path, overwrite=True)) == path


def four(url: str) -> list[Found]:
    outcome = {"media_urls": [{"url": f"{url}/{letter}.png"} for letter in "abcd"]}
    return files(outcome)


@pytest.mark.row("F11")
@pytest.mark.parametrize("place", [".", "pictures.png"])
def test_one_that_fails_keeps_nobody_else_from_being_saved(
    asker: Asker, storage: Storage, tmp_path: Path, place: str
) -> None:
    good = whole(PNG)
    storage.serve = lambda asked: (
        Answer(b"no", status=400) if "c.png" in asked.path else good(asked)
    )
    founds = four(storage.url)
    with pytest.raises(DownloadError, match="1 of 4 files") as raised:
        asker(download.save_all(asker.ctx, founds, tmp_path / place, JOB))
    assert len(raised.value.saved) == len(list(tmp_path.iterdir())) == 3
    assert raised.value.artifact is founds[2]
    storage.serve = good
    storage.asked.clear()
    saved = asker(download.save_all(asker.ctx, founds, tmp_path / place, JOB))
    assert [asked.path for asked in storage.asked] == ["/c.png"]
    assert len(set(saved)) == 4
    assert all(path.read_bytes() == PNG for path in saved)


def test_a_file_of_somebody_else_is_left_alone(
    asker: Asker, storage: Storage, tmp_path: Path
) -> None:
    (tmp_path / "boat.png").write_bytes(b"mine")
    with pytest.raises(DownloadError, match="overwrite=True"):
        asker(download.save_all(asker.ctx, four(storage.url)[:1], tmp_path / "boat.png", JOB))
    assert (tmp_path / "boat.png").read_bytes() == b"mine"
    assert storage.asked == []


def test_what_came_inline_takes_nothing_of_an_older_part(
    asker: Asker, storage: Storage, tmp_path: Path
) -> None:
    storage.serve = in_turn(CUT, Answer(b"no", status=400))
    with pytest.raises(DownloadError):
        asker(download.save(asker.ctx, found(f"{storage.url}/a.png"), tmp_path / "a.png"))
    one = inline(base64.b64encode(PNG).decode())
    assert asker(download.save(asker.ctx, one, tmp_path / "a.png")).read_bytes() == PNG
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]


@pytest.mark.row("R16")
def test_what_is_no_file_is_not_replaced(tmp_path: Path) -> None:
    import os

    os.mkfifo(tmp_path / "pipe.png")
    with pytest.raises(DownloadError, match="no file that could be replaced"):
        virtual(Says(200, {}, [PNG])).run(
            download.save(
                Virtual(lambda _: Says()).ctx, found(PLAIN), tmp_path / "pipe.png", overwrite=True
            )
        )
