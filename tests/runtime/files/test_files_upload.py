"""Local files become URLs before anything is submitted: asked for, sent, tried again, refused."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from files_world import MP4, PNG, WEBP, Answer, Asked, Says, Virtual, asking, storing

from gmigen.runtime.errors import (
    AuthenticationError,
    InvalidRequestError,
    ProtocolError,
    UploadError,
)
from gmigen.runtime.files import sources, upload, url_policy
from gmigen.runtime.files.sources import prepare
from gmigen.runtime.files.upload import LIFETIME, Uploads, prepared, upload_anything
from gmigen.runtime.protocol.effects import Failure, Send

ID3 = b"ID3\x04" + bytes(60)
MISMATCH = Says(403, {}, [b"<Error><Code>SignatureDoesNotMatch</Code></Error>"])
EXPIRED = Says(400, {}, [b"<Error><Code>ExpiredToken</Code></Error>"])


def grant(number: int = 0) -> Says:
    told = {
        "upload_url": f"https://storage.example/up/{number}?sig=secret",
        "public_url": f"https://storage.example/pub/{number}",
    }
    return Says(200, {}, [json.dumps(told).encode()])


async def with_uploads(
    ctx: Any, cache: Uploads, payload: dict[str, Any], urls: list[str], **more: Any
) -> dict[str, Any]:
    files = await prepared(payload, **more)
    with closing(files):
        return await files.uploaded(ctx, cache, urls)


class Queue(Virtual):
    """Grants places and takes files; `puts` answers the PUTs in turn, the last one for ever."""

    def __init__(self, *puts: Says | Failure) -> None:
        self.puts = list(puts) or [Says(200)]
        self.grants = 0
        super().__init__(self._serve)

    def _serve(self, effect: Send) -> Says | Failure:
        if effect.method == "POST":
            self.grants += 1
            return grant(self.grants)
        return self.puts.pop(0) if len(self.puts) > 1 else self.puts[0]

    @property
    def sent(self) -> list[tuple[str, bytes]]:
        bodies = zip(self.sends, self.bodies, strict=True)
        return [
            (send.headers["Content-Type"], body) for send, body in bodies if send.method == "PUT"
        ]

    def upload(self, value: Any, **more: Any) -> str:
        return self.run(upload_anything(self.ctx, Uploads(), value, **more))

    def payload(self, payload: dict[str, Any], **more: Any) -> dict[str, Any]:
        return self.run(with_uploads(self.ctx, Uploads(), payload, [], **more))


def test_local_files_anywhere_in_a_payload_become_urls(tmp_path: Path) -> None:
    picture = tmp_path / "cat.png"
    picture.write_bytes(PNG)
    queue, uploaded = Queue(), list[str]()
    payload = {"image": picture, "more": [{"frame": (MP4,)}, "stays"], "n": 1, "none": None}
    sent = queue.run(with_uploads(queue.ctx, Uploads(), payload, uploaded))
    assert sent == {
        "image": uploaded[0],
        "more": [{"frame": [uploaded[1]]}, "stays"],
        "n": 1,
        "none": None,
    }
    assert queue.sent == [("image/png", PNG), ("video/mp4", MP4)]
    assert all(send.lane == "bare" for send in queue.sends if send.method == "PUT")


def test_equal_content_is_sent_once_for_a_quarter_of_an_hour() -> None:
    queue, cache = Queue(), Uploads()
    first = queue.run(with_uploads(queue.ctx, cache, {"a": PNG, "b": io.BytesIO(PNG)}, []))
    assert first["a"] == first["b"]
    queue.now += LIFETIME - 1
    assert queue.run(upload_anything(queue.ctx, cache, PNG)) == first["a"]
    queue.now += 2
    assert queue.run(upload_anything(queue.ctx, cache, PNG)) != first["a"]
    assert len(queue.sent) == 2


def test_the_cache_is_bounded_and_shows_no_signature() -> None:
    cache = Uploads()
    first = prepare(PNG + b"first")
    for number in range(upload.REMEMBERED + 10):
        source = first if number == 0 else prepare(PNG + bytes(number))
        cache.remember(source, f"https://x.example/{number}?sig=secret", 0.0)
    assert len(cache.known) == upload.REMEMBERED
    assert cache.find(first, 0.0) is None
    assert cache.find(source, 0.0) == f"https://x.example/{upload.REMEMBERED + 9}?sig=secret"
    assert "secret" not in repr(cache)


def hashes(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """One entry for each hash begun; files count as settled from when they are written."""
    begun: list[int] = []

    def sha256(*given: bytes) -> Any:
        begun.append(1)
        return hashlib.sha256(*given)

    monkeypatch.setattr(sources, "SETTLED", 0.0)
    monkeypatch.setattr(sources, "hashlib", SimpleNamespace(sha256=sha256))
    return begun


def test_a_settled_file_is_hashed_only_beside_another_of_its_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = hashes(monkeypatch)
    queue, cache = Queue(), Uploads()

    def uploaded(name: str, content: bytes) -> str:
        path = tmp_path / name
        if not path.exists():
            path.write_bytes(content)
        return queue.run(upload_anything(queue.ctx, cache, path))

    first = uploaded("a.png", PNG)
    assert uploaded("a.png", PNG) == first
    uploaded("longer.png", PNG + b"x")
    assert not begun
    assert uploaded("copy.png", PNG) == first
    assert len(begun) == 2
    assert uploaded("other.png", PNG[:-1] + b"x") != first
    assert len(queue.sent) == 3


def test_a_settled_file_that_is_edited_is_another_one_and_never_leaves_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashes(monkeypatch)
    picture = tmp_path / "cat.png"
    picture.write_bytes(PNG)
    queue, cache = Queue(), Uploads()

    def edit() -> None:
        when = picture.stat()
        while picture.stat().st_ctime_ns == when.st_ctime_ns:
            picture.write_bytes(PNG[:-1] + b"x")
            os.utime(picture, ns=(when.st_atime_ns, when.st_mtime_ns))

    first = queue.run(upload_anything(queue.ctx, cache, picture))
    edit()
    assert queue.run(upload_anything(queue.ctx, cache, picture)) != first
    assert [body for _, body in queue.sent] == [PNG, PNG[:-1] + b"x"]
    source = prepare(picture)
    edit()
    pieces = io.BytesIO()
    with pytest.raises(UploadError, match=r"cat\.png changed while it was read"):
        pieces.writelines(source.chunks())
    assert pieces.tell() < source.size


@pytest.mark.row("F20")
@pytest.mark.parametrize(
    "trouble",
    [
        Says(503),
        Says(429, {"retry-after": "3"}),
        Failure("connect", False, "the host of the storage was not found"),
        Failure("broken", True, "dropped"),
    ],
)
def test_a_put_is_repeated_with_the_whole_file(trouble: Says | Failure) -> None:
    queue = Queue(trouble, trouble, Says(200))
    queue.upload(Pipe(PNG))
    assert queue.sent == [("image/png", PNG)] * 3
    assert queue.grants == 1


class Pipe(io.RawIOBase):
    def __init__(self, data: bytes) -> None:
        self._stream = io.BytesIO(data)

    def read(self, size: int = -1) -> bytes:
        return self._stream.read(size)


@pytest.mark.row("F20")
def test_a_name_that_is_not_found_for_a_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[str] = []

    def resolve(host: str, port: int) -> list[str]:
        looks.append(host)
        if len(looks) < 3:
            raise OSError("Temporary failure in name resolution")
        return ["93.184.216.34"]

    monkeypatch.setattr(url_policy, "resolve", resolve)
    queue = Queue()
    queue.ctx.pins = bool
    assert queue.upload(PNG)
    assert queue.sends[-1].connect_to == "93.184.216.34"
    monkeypatch.setattr(url_policy, "resolve", lambda *_: ["93.184.216.34", "10.0.0.1"])
    with pytest.raises(UploadError, match="private address"):
        queue.upload(PNG)


def test_trouble_that_stays_is_a_sentence() -> None:
    queue = Queue(Says(503))
    with pytest.raises(UploadError, match="answered 503"):
        queue.upload(PNG)
    assert len(queue.sent) == 4
    assert queue.now < LIFETIME


def test_a_signature_that_does_not_match_is_tried_with_the_other_type_once() -> None:
    queue = Queue(MISMATCH)
    with pytest.raises(UploadError, match="SignatureDoesNotMatch"):
        queue.upload(ID3)
    assert [kind for kind, _ in queue.sent] == ["audio/mpeg", "audio/mp3"]
    assert queue.grants == 2
    queue = Queue(MISMATCH)
    with pytest.raises(UploadError):
        queue.upload(PNG)
    assert queue.grants == 1


def test_a_place_that_ran_out_is_asked_for_again_once() -> None:
    queue = Queue(EXPIRED, Says(200))
    assert queue.upload(PNG).endswith("/pub/2")
    queue = Queue(EXPIRED)
    with pytest.raises(UploadError, match="ExpiredToken"):
        queue.upload(PNG)
    assert queue.grants == 2
    queue = Queue(EXPIRED, MISMATCH, Says(200))
    assert queue.upload(ID3).endswith("/pub/3")


@pytest.mark.row("F1")
@pytest.mark.parametrize("change", ["grown", "touched", "replaced", "gone"])
def test_a_file_that_changes_before_the_storage_has_answered_is_refused(
    tmp_path: Path, change: str
) -> None:
    picture = tmp_path / "cat.png"
    picture.write_bytes(PNG)

    def put(effect: Send) -> Says:
        if effect.method == "POST":
            return grant()
        if change == "grown":
            with picture.open("ab") as stream:
                stream.write(b"x")
        elif change == "touched":
            os.utime(picture, ns=(0, 0))
        else:
            picture.rename(tmp_path / "old.png")
        if change == "replaced":
            picture.write_bytes(PNG)
        return Says(200)

    world = Virtual(put)
    with pytest.raises(UploadError, match=r"cat\.png (changed while it was read|cannot be read)"):
        world.run(upload_anything(world.ctx, Uploads(), picture))
    assert len(world.bodies[-1]) == len(PNG)


@pytest.mark.row("F3")
@pytest.mark.parametrize(
    ("bad", "words"), [(WEBP, "Pillow"), (b"", "empty"), (b"%PDF-1.7", "PDF"), (MP4, "an image")]
)
def test_a_bad_file_is_refused_before_the_first_byte_leaves(bad: bytes, words: str) -> None:
    queue = Queue()
    with pytest.raises(UploadError, match=rf"{words}.*\. Nothing was submitted\.$"):
        queue.payload({"good": PNG, "image": [bad]}, kinds={"image": "image"})
    assert queue.sends == []


def test_what_was_submitted_is_said_only_where_something_could_have_been() -> None:
    queue = Queue(Says(404))
    with pytest.raises(UploadError) as raised:
        queue.upload(PNG)
    assert "submitted" not in str(raised.value)
    with pytest.raises(UploadError, match=r"hosted file\. Nothing was submitted\.$"):
        queue.payload({"image": PNG})


@pytest.mark.parametrize(
    ("value", "words"),
    [("cat.png", "Path"), (7, "pathlib"), (None, "pathlib"), ((piece for piece in [PNG]), "join")],
)
def test_what_is_no_file_is_told_what_to_write(value: Any, words: str) -> None:
    with pytest.raises(InvalidRequestError, match=words):
        Queue().upload(value)


def test_depth_is_bounded() -> None:
    deep: Any = PNG
    for _ in range(5000):
        deep = [deep]
    with pytest.raises(InvalidRequestError, match="nested"):
        Queue().payload({"image": deep})


@pytest.mark.row("R22")
@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b'{"upload_url": 1, "public_url": "x"}', b"[" * 9999, b"\xff",
     b'{"upload_url": "https://s.example/x", "public_url": "file:///x"}',
     b'{"upload_url": "https://s.example/x", "public_url": "https://a..b/x"}'],
)  # fmt: skip
def test_a_grant_that_makes_no_sense(body: bytes) -> None:
    world = Virtual(lambda _: Says(200, {}, [body]))
    with pytest.raises(ProtocolError, match="upload_url"):
        world.run(upload_anything(world.ctx, Uploads(), PNG))


@pytest.mark.parametrize(
    "url", ["http://s.example/x", "https://10.0.0.1/x", "https://a..b/x", "file:///x", "\ud800", ""]
)
def test_a_place_that_is_no_good_is_refused(url: str) -> None:
    told = {"upload_url": url, "public_url": "https://s.example/x"}
    world = Virtual(lambda _: Says(200, {}, [json.dumps(told).encode()]))
    with pytest.raises(UploadError, match="the storage address was refused"):
        world.run(upload_anything(world.ctx, Uploads(), PNG))
    assert len(world.sends) == 1


def test_an_error_of_the_api_stays_what_it_is() -> None:
    world = Virtual(lambda _: Says(401, {}, [b'{"error": "no"}']))
    with pytest.raises(AuthenticationError):
        world.run(with_uploads(world.ctx, Uploads(), {"a": PNG}, []))


@pytest.mark.row("F16")
@pytest.mark.parametrize("raised", [TimeoutError("mine"), OSError("mine"), KeyError("mine")])
@pytest.mark.parametrize("colour", ["sync", "async"])
def test_what_a_progress_callback_raises_passes_through(colour: str, raised: Exception) -> None:
    def moved(*_: object) -> None:
        raise raised

    with storing(lambda asked: Answer(b"")) as storage, asking(colour, storage.url) as asker:
        storage.serve = granting(storage)
        with pytest.raises(type(raised)) as caught:
            asker(upload_anything(asker.ctx, Uploads(), PNG, on_progress=moved))
    assert caught.value is raised


def granting(storage: Any) -> Callable[[Asked], Answer]:
    def serve(asked: Asked) -> Answer:
        if asked.method == "POST":
            told = {"upload_url": f"{storage.url}/up/a b", "public_url": f"{storage.url}/pub/1"}
            return Answer(json.dumps(told).encode())
        return Answer()

    return serve


@pytest.mark.row("F10")
@pytest.mark.parametrize("colour", ["sync", "async"])
def test_a_file_goes_over_a_socket_as_it_is(colour: str) -> None:
    with storing(lambda asked: Answer(b"")) as storage, asking(colour, storage.url) as asker:
        storage.serve = granting(storage)
        url = asker(upload_anything(asker.ctx, Uploads(), io.BytesIO(PNG * 3000)))
    assert url == f"{storage.url}/pub/1"
    post, put = storage.asked
    assert json.loads(post.body) == {"file_type": "png"}
    assert (put.path, put.body) == ("/up/a%20b", PNG * 3000)
    assert put.headers["content-type"] == "image/png"
    assert put.headers["content-length"] == str(len(put.body))
    assert "authorization" not in put.headers


@pytest.mark.row("R21")
def test_no_frame_shows_a_signature() -> None:
    queue = Queue(Says(404))
    with pytest.raises(UploadError) as raised:
        queue.upload(PNG)
    trace, shown = raised.value.__traceback__, [repr(raised.value)]
    while trace is not None:
        if "gmigen" in trace.tb_frame.f_code.co_filename:
            shown += [repr(value) for value in trace.tb_frame.f_locals.values()]
        trace = trace.tb_next
    assert len(shown) > 10
    assert not [text for text in shown if "secret" in text]


class Artifact:
    """What a result hands out; it can be read, and stands for its URL."""

    def __init__(self, url: str) -> None:
        self.url = url

    def as_input(self) -> str:
        return self.url

    def read(self) -> bytes:
        raise AssertionError("nobody fetches it")


@pytest.mark.row("C")
def test_an_artifact_stands_for_its_url() -> None:
    queue, one = Queue(), Artifact("https://media.example/a.png?sig=1")
    assert queue.upload(one) == one.url
    assert queue.payload({"image": one, "more": (one,)}) == {"image": one.url, "more": [one.url]}
    assert queue.sends == []


def test_an_artifact_that_came_inline_is_uploaded() -> None:
    queue = Queue()
    one = Artifact("data:image/png;base64," + base64.b64encode(PNG).decode())
    assert queue.payload({"image": one})["image"].startswith("https://storage.example/pub/")
    assert queue.sent == [("image/png", PNG)]
    with pytest.raises(UploadError, match="base64"):
        queue.upload(Artifact("data:image/png;base64,***"))
