"""Our own connections and a client of the caller's: the same faults, the same bounds."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import time
import zlib
from pathlib import Path
from typing import Any

import pytest
from wire_world import (
    CLOSES,
    KEY,
    LATEST,
    PATIENT,
    QUICK,
    WAYS,
    Script,
    Talk,
    answer,
    asking,
    get,
    post,
    says,
    serving,
)

from gmigen.runtime.protocol.effects import KEPT, Failure, Reply, Send, Stored

pytestmark = pytest.mark.parametrize("way", WAYS)

ID = b'{"request_id": "job-1", "status": "queued"'
PAGE = b"HTTP/1.1 200 OK\r\n"

HERE = Path(__file__).parent


def bare(data: bytes) -> bytes:
    """Deflate without a frame, as some servers send it."""
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


def hangs(*pieces: bytes) -> Script:
    def script(talk: Talk) -> None:
        talk.hear()
        for piece in pieces:
            talk.say(piece)
        talk.hang()

    return script


def drips(start: bytes, then: bytes) -> Script:
    def script(talk: Talk) -> None:
        talk.hear()
        talk.say(start)
        talk.drip(then)

    return script


def resets(*pieces: bytes, hear: bool = True) -> Script:
    def script(talk: Talk) -> None:
        if hear:
            talk.hear()
        for piece in pieces:
            talk.say(piece)
        talk.reset()

    return script


# Name: script, kinds it may be called, whether the id arrived.
FAULTS: dict[str, tuple[Script, set[str], bool]] = {
    "nothing is said": (hangs(), {"timeout"}, False),
    "a head that drips": (drips(b"", PAGE), {"timeout"}, False),
    "a header that drips": (drips(PAGE + b"X: ", b"y"), {"timeout"}, False),
    "informational answers for ever": (
        drips(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        {"timeout"},
        False,
    ),
    "a body that drips": (
        drips(PAGE + b"Content-Length: 10000\r\n\r\n" + ID, b" "),
        {"timeout"},
        True,
    ),
    "a chunked body that drips": (
        drips(PAGE + b"Transfer-Encoding: chunked\r\n\r\n2a\r\n" + ID + b"\r\n", b"1\r\n \r\n"),
        {"timeout"},
        True,
    ),
    "a body that stops": (hangs(answer(ID, length=99)), {"timeout"}, True),
    "a FIN at once": (lambda talk: None, {"broken"}, False),
    "a FIN after the request": (says(), {"broken"}, False),
    "a RST after the request": (resets(), {"broken"}, False),
    "a RST in the body": (hangs(answer(ID, length=99)), {"timeout", "broken"}, True),
    "a body cut short": (says(answer(ID, length=99)), {"broken"}, True),
    "a chunk cut short": (
        says(PAGE + b"Transfer-Encoding: chunked\r\n\r\nff\r\n" + ID),
        {"broken"},
        True,
    ),
    "two lengths": (says(answer(ID, "Content-Length: 3")), {"broken"}, False),
    "a length that is none": (says(PAGE + b"Content-Length: -5\r\n\r\n"), {"broken"}, False),
    "100 KiB of headers": (says(PAGE + b"X: y\r\n" * 20_000), {"broken"}, False),
    "one header of 200 KiB": (says(PAGE + b"X: " + b"y" * 200_000), {"broken"}, False),
    "no HTTP": (says(b"SSH-2.0-OpenSSH_9.6\r\n"), {"broken"}, False),
    "packed in a way not asked for": (
        says(answer(ID, "Content-Encoding: br")),
        {"unreadable"},
        True,
    ),
    "said to be packed, and not": (
        says(answer(ID, "Content-Encoding: gzip")),
        {"unreadable"},
        True,
    ),
    "packed twice": (
        says(answer(gzip.compress(gzip.compress(ID)), "Content-Encoding: gzip, gzip")),
        {"unreadable"},
        False,
    ),
    "packed twice in two lines": (
        says(
            answer(
                gzip.compress(gzip.compress(ID)), "Content-Encoding: gzip", "content-encoding: gzip"
            )
        ),
        {"unreadable"},
        False,
    ),
    "the packed body is cut": (
        says(answer(gzip.compress(ID + b"?" * 5000)[:-12], "Content-Encoding: gzip")),
        {"unreadable"},
        True,
    ),
    "longer than it may be": (says(answer(ID + b" " * 300_000)), {"too large"}, True),
    "longer than it may be, in chunks": (
        says(
            PAGE + b"Transfer-Encoding: chunked\r\n\r\n2a\r\n" + ID + b"\r\n",
            (b"10000\r\n" + b" " * 65536 + b"\r\n") * 4,
        ),
        {"too large"},
        True,
    ),
    "longer than it may be, and cut": (says(answer(ID, length=200_000_000)), {"broken"}, True),
    "a bomb": (
        says(answer(gzip.compress(ID + b" " * 50_000_000), "Content-Encoding: gzip")),
        {"too large"},
        True,
    ),
    "a bare deflate bomb": (
        says(answer(bare(ID + b" " * 50_000_000), "Content-Encoding: deflate")),
        {"too large"},
        True,
    ),
}


@pytest.mark.row("R1")
@pytest.mark.row("R4")
@pytest.mark.row("R15")
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_ends_in_time_and_keeps_what_arrived(way: str, fault: str) -> None:
    script, kinds, arrived = FAULTS[fault]
    with serving(script) as server, asking(way, server.url) as ask:
        began = time.monotonic()
        found = ask(post(server.url, max_bytes=100_000, timeouts=QUICK))
        took = time.monotonic() - began
    assert isinstance(found, Failure), found
    assert found.kind in kinds, found
    assert found.sent
    assert took < LATEST
    assert (b"job-1" in found.start) is arrived
    assert len(found.start) <= KEPT
    assert found.status == (200 if arrived or found.kind == "unreadable" else None)
    assert len(server.requests) <= 1


@pytest.mark.row("R1")
@pytest.mark.parametrize(
    ("packed", "name"),
    [
        (gzip.compress(ID), "gzip"),
        (gzip.compress(ID), "x-gzip"),
        (gzip.compress(ID), "GZIP , identity"),
        (zlib.compress(ID), "deflate"),
        (bare(ID), "deflate"),
        (ID, "identity"),
    ],
    ids=["gzip", "x-gzip", "gzip and identity", "deflate", "bare deflate", "identity"],
)
def test_what_was_asked_for_is_unpacked(way: str, packed: bytes, name: str) -> None:
    with (
        serving(says(answer(packed, f"Content-Encoding: {name}"))) as server,
        asking(way, server.url) as ask,
    ):
        found = ask(get(server.url))
    assert isinstance(found, Reply)
    assert found.body == ID
    assert b"accept-encoding: gzip, deflate\r\n" in server.requests[0].lower()


def test_a_limit_is_the_most_that_may_come(way: str) -> None:
    body = b"x" * 70_000
    with serving(says(answer(body, CLOSES))) as server, asking(way, server.url) as ask:
        found = ask(get(server.url, max_bytes=70_000))
        assert isinstance(found, Reply)
        assert found.body == body
        assert isinstance(ask(get(server.url, max_bytes=69_999)), Failure)


def test_an_empty_body_is_one_whatever_it_is_said_to_be_packed_with(way: str) -> None:
    raw = b"HTTP/1.1 204 No Content\r\nContent-Encoding: gzip\r\n\r\n"
    with serving(says(raw)) as server, asking(way, server.url) as ask:
        assert ask(get(server.url)) == Reply(204, {"content-encoding": "gzip"}, b"")


def test_checksums_in_two_lines_are_both_kept_and_of_an_address_the_last_counts(way: str) -> None:
    lines = "X-Goog-Hash: crc32c=AAAAAA==", "x-goog-hash: md5=BBBB", "Location: /a", "Location: /b"
    with serving(says(answer(b"x", *lines))) as server, asking(way, server.url) as ask:
        found = ask(get(server.url))
    assert isinstance(found, Reply)
    assert found.headers["x-goog-hash"] == "crc32c=AAAAAA==, md5=BBBB"
    assert found.headers["location"] == "/b"


class Kept:
    def __init__(self) -> None:
        self.pieces: list[bytes] = []

    def write(self, data: bytes, /) -> None:
        self.pieces.append(data)


def stored(url: str, sink: Any, **more: Any) -> Send:
    return get(url, lane="bare", sink=sink, **more)


@pytest.mark.row("R14")
def test_a_sink_gets_the_bytes_as_they_came_and_is_told_of_every_end(way: str) -> None:
    packed = gzip.compress(ID * 50)
    scripts: dict[str, Script] = {
        "whole": says(answer(packed, "Content-Encoding: gzip")),
        "broken": says(answer(packed, "Content-Encoding: gzip", length=999_999)),
        "timeout": drips(PAGE + b"Content-Length: 99999\r\n\r\n" + packed, b"x"),
        "too large": says(answer(packed * 5000)),
    }
    for name, script in scripts.items():
        sink = Kept()
        with serving(script) as server, asking(way, server.url) as ask:
            began = time.monotonic()
            bounds = QUICK if name == "timeout" else PATIENT
            taken = stored(
                server.url, lambda _, sink=sink: sink, max_bytes=100_000, timeouts=bounds
            )
            found = ask(taken)
            assert name != "timeout" or time.monotonic() - began < LATEST
        assert isinstance(found, Stored), (name, found)
        assert found.head.status == 200
        assert found.written == sum(map(len, sink.pieces)) <= 100_000
        assert b"".join(sink.pieces).startswith(packed) or name == "too large"
        assert (found.failure.kind if found.failure else "whole") == name
        assert b"authorization" not in server.requests[0].lower()


def test_of_a_body_nobody_stores_only_the_start_is_read(way: str) -> None:
    with (
        serving(says(answer(b"<" * 5_000_000, status=403))) as server,
        asking(way, server.url) as ask,
    ):
        found = ask(stored(server.url, lambda head: None))
    assert found == Reply(403, {"content-length": "5000000"}, b"<" * KEPT)


@pytest.mark.row("F16")
@pytest.mark.parametrize("error", [OSError(28, "full"), TimeoutError("mine"), ValueError("mine")])
def test_what_the_callers_code_raises_arrives_as_it_is(way: str, error: Exception) -> None:
    class Full:
        def write(self, data: bytes, /) -> None:
            raise error

    class Body:
        size = 100

        def chunks(self) -> Any:
            yield b"x" * 10
            raise error

    def refuses(head: object) -> Any:
        raise error

    with serving(says(answer(b"x" * 100, CLOSES))) as server, asking(way, server.url) as ask:
        for effect in (
            stored(server.url, lambda head: Full()),
            stored(server.url, refuses),
            Send("PUT", f"{server.url}/up", "bare", body=Body(), timeouts=post("").timeouts),
        ):
            with pytest.raises(type(error)) as raised:
                ask(effect)
            assert raised.value is error
            assert raised.value.__cause__ is None
            assert raised.value.__context__ is None


def test_a_streamed_body_arrives_whole(way: str) -> None:
    class Body:
        size = 200_000

        def chunks(self) -> Any:
            for _ in range(4):
                yield b"x" * 50_000

    with serving(says(answer(b"ok"))) as server, asking(way, server.url) as ask:
        found = ask(Send("PUT", f"{server.url}/up?X-Sig=a%2Fb", "bare", body=Body()))
    assert isinstance(found, Reply)
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"PUT /up?X-Sig=a%2Fb HTTP/1.1\r\n")
    assert body == b"x" * 200_000
    assert b"transfer-encoding" not in head.lower()


@pytest.mark.row("R20")
def test_a_header_line_that_makes_no_sense_and_echoes_the_key(way: str) -> None:
    def script(talk: Talk) -> None:
        heard = talk.hear()
        assert KEY.encode() in heard
        talk.say(PAGE + b"Echo " + KEY.encode() + b" of it\r\n\r\n")

    with serving(script) as server, asking(way, server.url) as ask:
        found = ask(get(server.url))
    assert isinstance(found, Failure)
    assert found.kind == "broken"
    assert KEY not in repr(found)
    assert "[key]" in found.detail


def test_a_refused_connection_sent_nothing(way: str) -> None:
    with serving(says()) as server:
        url = server.url
    with asking(way, url) as ask:
        found = ask(post(url))
    assert isinstance(found, Failure)
    assert (found.kind, found.sent) == ("connect", False)


@pytest.mark.parametrize("url", ["http://a..b/", "ftp://host/x", "http://[/", "http:///x", "x"])
def test_an_address_nothing_can_be_sent_to(way: str, url: str) -> None:
    with asking(way, "http://127.0.0.1:9") as ask:
        found = ask(Send("GET", url, "bare"))
    assert isinstance(found, Failure)
    assert (found.kind, found.sent) == ("unsupported", False)


@pytest.mark.row("R1")
def test_a_bomb_costs_no_memory(way: str) -> None:
    """Measured in a process of its own: 256 MiB of zeros behind 256 KiB, refused at 64 MiB."""
    code = f"""
import json, sys
sys.path[:0] = {[str(HERE), str(HERE.parents[1] / "support")]!r}
from peak import peak_kib
from wire_world import answer, asking, get, says, serving
from gmigen.runtime.protocol.effects import Timeouts
import zlib
packer = zlib.compressobj(9, zlib.DEFLATED, 31)
zeros = bytes(1 << 20)
bomb = b"".join(packer.compress(zeros) for _ in range(256)) + packer.flush()
script = says(answer(bomb, "Content-Encoding: gzip"))
with serving(script) as server, asking({way!r}, server.url) as ask:
    ask(get(server.url, max_bytes=10))
    before = peak_kib()
    found = ask(get(server.url, timeouts=Timeouts(total=30.0)))
    after = peak_kib()
print(json.dumps([found.kind, len(found.start), (after - before) // 1024]))
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    kind, start, grown = json.loads(done.stdout)
    assert (kind, start) == ("too large", KEPT)
    assert grown < 100
