"""A client of the caller's: what it adds stays away, what watches it sees our traffic."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from wire_world import (
    CLOSES,
    KEY,
    LATEST,
    QUICK,
    Asker,
    Talk,
    answer,
    asking,
    failed,
    get,
    post,
    says,
    serving,
    settings_of,
)

from gmigen.runtime.config import Secret
from gmigen.runtime.errors import ConfigurationError, DownloadError
from gmigen.runtime.files import url_policy
from gmigen.runtime.protocol.effects import Failure, Reply, Send, Stored, Timeouts
from gmigen.runtime.session import Session

LENT = ("lent sync", "lent async")
lent = pytest.mark.parametrize("way", LENT)


class Kept(list[bytes]):
    def write(self, data: bytes, /) -> None:
        self.append(data)


def hooks(way: str, hook: Any) -> dict[str, Any]:
    async def awaited(thing: Any) -> None:
        hook(thing)

    return {"event_hooks": {"response": [awaited if way == "lent async" else hook]}}


@lent
@pytest.mark.row("F4")
@pytest.mark.parametrize("status", [400, 402, 404, 429, 503])
def test_a_hook_that_raises_for_a_status_does_not_hide_it(way: str, status: int) -> None:
    plain = says(answer(b'{"error": "no"}', "Retry-After: 3", status=status))
    with (
        serving(plain) as server,
        asking(way, server.url, **hooks(way, httpx.Response.raise_for_status)) as ask,
    ):
        found = ask(post(server.url))
    assert isinstance(found, Reply)
    assert found.status == status
    assert found.headers["retry-after"] == "3"


@lent
@pytest.mark.row("F4")
def test_a_hook_that_reads_first_keeps_the_body(way: str) -> None:
    def read(response: httpx.Response) -> None:
        response.read()
        response.raise_for_status()

    async def aread(response: httpx.Response) -> None:
        await response.aread()
        response.raise_for_status()

    event_hooks = {"response": [read if way == "lent sync" else aread]}
    with (
        serving(says(answer(b"why", status=402))) as server,
        asking(way, server.url, event_hooks=event_hooks) as ask,
    ):
        found = ask(post(server.url))
        assert isinstance(found, Reply)
        assert (found.status, found.body) == (402, b"why")


@lent
@pytest.mark.row("F4")
def test_what_a_hook_raises_of_its_own_arrives_as_it_is(way: str) -> None:
    class MineError(Exception):
        pass

    def hook(response: httpx.Response) -> None:
        raise MineError("of mine")

    with (
        serving(says(answer(b"x"))) as server,
        asking(way, server.url, **hooks(way, hook)) as ask,
        pytest.raises(MineError),
    ):
        ask(post(server.url))


@lent
@pytest.mark.row("F4")
def test_what_the_client_adds_by_itself_stays_away(way: str) -> None:
    adds = {
        "params": {"trace": "1"},
        "headers": {"X-Mine": "1", "Authorization": "Basic bWluZQ=="},
        "cookies": {"a": "b"},
        "auth": ("user", "password"),
        "base_url": "http://127.0.0.1:1/elsewhere/",
        "follow_redirects": True,
    }
    moved = says(answer(b"", "Location: /other", "Set-Cookie: c=d", CLOSES, status=302))
    with serving(moved) as server, asking(way, server.url, **adds) as ask:
        for _ in range(2):
            found = ask(Send("GET", f"{server.url}/f%2Fx?X-Sig=a%2Bb~c&b=(1)", "bare"))
            assert isinstance(found, Reply)
            assert found.status == 302
        ask(get(server.url))
    bare, _, own = server.requests
    assert bare.startswith(b"GET /f%2Fx?X-Sig=a%2Bb~c&b=(1) HTTP/1.1\r\n")
    for word in (b"x-mine", b"cookie", b"trace=1", b"authorization", KEY.encode().lower()):
        assert word not in bare.lower()
    assert f"Authorization: Bearer {KEY}".encode() in own


def answered(request: httpx.Request) -> httpx.Response:
    if request.method == "POST":
        return httpx.Response(200, json={"request_id": "r1"})
    return httpx.Response(200, content=b"pixels", headers={"content-type": "image/png"})


async def asgi(scope: Any, receive: Any, send: Any) -> None:
    start = {"type": "http.response.start", "status": 200, "headers": [(b"x", b"y")]}
    await send(start)
    await send({"type": "http.response.body", "body": b"pix", "more_body": True})
    await send({"type": "http.response.body", "body": b"els"})


def wsgi(environ: Any, start: Any) -> Iterator[bytes]:
    start("200 OK", [("x", "y")])
    return iter([b"pix", b"els"])


TRANSPORTS: dict[str, tuple[str, Any]] = {
    "mock": ("lent sync", httpx.MockTransport(answered)),
    "mock, async": ("lent async", httpx.MockTransport(answered)),
    "wsgi": ("lent sync", httpx.WSGITransport(wsgi)),
    "asgi": ("lent async", httpx.ASGITransport(asgi)),
}


@pytest.mark.row("F4")
@pytest.mark.row("F23")
@pytest.mark.parametrize(("way", "transport"), TRANSPORTS.values(), ids=TRANSPORTS)
def test_every_kind_of_transport_serves_replies_and_files(way: str, transport: Any) -> None:
    """It is the way by which respx, pytest-httpx and vcr are seen, too: they stand in its place."""
    with asking(way, "http://127.0.0.1:9", transport=transport) as ask:
        found = ask(get("http://127.0.0.1:9"))
        assert isinstance(found, Reply)
        assert found.body == b"pixels"
        kept = Kept()
        found = ask(get("http://127.0.0.1:9", lane="bare", sink=lambda head: kept))
        assert isinstance(found, Stored)
        assert (found.failure, found.written, b"".join(kept)) == (None, 6, b"pixels")


@pytest.mark.row("F4")
@lent
def test_a_mocked_body_that_is_packed_is_unpacked_once(way: str) -> None:
    import gzip

    packed = gzip.compress(b"pixels")
    made = httpx.MockTransport(
        lambda _: httpx.Response(200, content=packed, headers={"content-encoding": "gzip"})
    )
    with asking(way, "http://127.0.0.1:9", transport=made) as ask:
        found = ask(get("http://127.0.0.1:9"))
        assert isinstance(found, Reply)
        assert found.body == b"pixels"


@lent
@pytest.mark.parametrize(
    ("error", "kind", "sent"),
    [
        (httpx.ConnectError("no"), "connect", False),
        (httpx.PoolTimeout("full"), "pool", False),
        (httpx.ReadTimeout("late"), "timeout", True),
        (httpx.RemoteProtocolError("odd"), "broken", True),
    ],
)
def test_trouble_that_a_mocked_transport_raises_is_trouble(
    way: str, error: Exception, kind: str, sent: bool
) -> None:
    def raises(request: httpx.Request) -> httpx.Response:
        raise error

    with asking(way, "http://127.0.0.1:9", transport=httpx.MockTransport(raises)) as ask:
        found = ask(post("http://127.0.0.1:9"))
    assert isinstance(found, Failure)
    assert (found.kind, found.sent) == (kind, sent)


@lent
@pytest.mark.row("R26")
def test_a_pool_of_the_caller_that_is_full_sent_nothing(way: str) -> None:
    """Both bounds are the same, so a tie would show; it is tried while all threads are busy."""
    limits = httpx.Limits(max_connections=1)
    holds = Timeouts(connect=5.0, read=20.0, total=20.0)
    tight = Timeouts(connect=0.05, read=0.05, total=0.05)
    held = threading.Event()

    def script(talk: Talk) -> None:
        talk.hear()
        held.set()
        talk.hang()

    stop = threading.Event()
    busy = [threading.Thread(target=lambda: [None for _ in iter(stop.is_set, True)])] * 1
    with serving(script) as server:
        ask = Asker(way, settings_of(server.url), limits=limits)
        busy[0].start()
        try:
            if ask.loop is None:
                holder = threading.Thread(target=lambda: ask(post(server.url, timeouts=holds)))
                holder.start()
                held.wait(10)
                found = [ask(post(server.url, timeouts=tight)) for _ in range(10)]
            else:

                async def both() -> list[Any]:
                    first = asyncio.ensure_future(
                        ask.transport.send(post(server.url, timeouts=holds))
                    )
                    await asyncio.to_thread(held.wait, 10)
                    tries = [
                        await ask.transport.send(post(server.url, timeouts=tight))
                        for _ in range(10)
                    ]
                    first.cancel()
                    await asyncio.gather(first, return_exceptions=True)
                    return tries

                found = ask.wait(both())
        finally:
            stop.set()
            busy[0].join()
            server.over.set()
            if ask.loop is None:
                holder.join(10)
            ask.close()
        assert {(one.kind, one.sent) for one in map(failed, found)} == {("pool", False)}
        assert len(server.requests) == 1


@lent
@pytest.mark.row("F5")
def test_a_closed_client_is_told_of_and_public_files_still_come(way: str) -> None:
    with serving(says(answer(b"file", CLOSES))) as server, asking(way, server.url) as ask:
        assert not ask.transport.pins(server.url)
        ask.wait(ask.client.aclose()) if ask.is_async else ask.client.close()
        with pytest.raises(ConfigurationError, match="closed"):
            ask(get(server.url))
        found = ask(get(server.url, lane="bare"))
        assert isinstance(found, Reply)
        assert found.body == b"file"
        assert ask.transport.pins(server.url)


@pytest.mark.parametrize("asynchronous", [False, True])
def test_once_it_is_closed_a_name_that_leads_to_a_private_address_is_refused(
    asynchronous: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files then come by our own connections, which go where was looked first."""
    monkeypatch.setattr(url_policy, "resolve", lambda *_: ["10.0.0.1"])
    client = httpx.AsyncClient() if asynchronous else httpx.Client()
    lane = "async_client" if asynchronous else "sync_client"
    session = Session(Secret(KEY), **{lane: client})
    assert not session.context.pins("https://files.example/v.mp4")
    asyncio.run(client.aclose()) if isinstance(client, httpx.AsyncClient) else client.close()
    asked = get("https://files.example", lane="bare")
    flow = url_policy.exchange(session.context, asked, 0, DownloadError)
    with pytest.raises(DownloadError, match="private address"):
        asyncio.run(session.aio.run(flow)) if asynchronous else session.sync.run(flow)


@pytest.mark.row("R15")
def test_a_thread_that_was_given_up_sends_nothing_and_writes_nothing() -> None:
    """A client that is stuck before it sends, and comes back when nobody waits any more."""
    go_on, ended = threading.Event(), threading.Event()

    def slow(request: httpx.Request) -> None:
        go_on.wait(10)

    class Watched(httpx.HTTPTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            try:
                return super().handle_request(request)
            finally:
                ended.set()

    made = {"event_hooks": {"request": [slow]}, "transport": Watched()}
    with serving(says(answer(b"x"))) as server, asking("lent sync", server.url, **made) as ask:
        began = time.monotonic()
        found = ask(post(server.url, timeouts=QUICK))
        assert time.monotonic() - began < LATEST
        assert isinstance(found, Failure)
        assert found.kind == "timeout"
        go_on.set()
        ended.wait(10)
        assert server.requests == []
