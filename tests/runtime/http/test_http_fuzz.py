"""Whatever bytes come for an answer, what comes of them is a Reply, a Failure or a Stored."""

from __future__ import annotations

import gzip
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from wire_world import QUICK, WAYS, Asker, Talk, get, serving, settings_of

from gmigen.runtime.http.pump import Pump
from gmigen.runtime.protocol.effects import KEPT, Failure, Reply, Send, Stored

LIMIT = 100_000

names = st.sampled_from(
    [b"Content-Length", b"Transfer-Encoding", b"Content-Encoding", b"Connection", b"Location", b"X"]
)
values = st.one_of(
    st.sampled_from(
        [b"0", b"5", b"-1", b"5, 5", b"99999999999999999999", b"chunked", b"gzip", b"deflate",
         b"gzip, gzip", b"br", b"identity", b"close", b"keep-alive"]
    ),
    st.binary(max_size=20),
)  # fmt: skip
lines = st.tuples(names, values).map(lambda pair: pair[0] + b": " + pair[1] + b"\r\n")
statuses = st.sampled_from(
    [b"200 OK", b"204 No", b"206 Part", b"302 Go", b"101 Up", b"500", b"99 x"]
)
bodies = st.one_of(
    st.binary(max_size=200),
    st.binary(max_size=200).map(gzip.compress),
    st.binary(max_size=60).map(lambda data: b"%x\r\n%b\r\n0\r\n\r\n" % (len(data), data)),
)
answers = st.one_of(
    st.binary(max_size=300),
    st.tuples(statuses, st.lists(lines, max_size=4), bodies).map(
        lambda parts: b"HTTP/1.1 " + parts[0] + b"\r\n" + b"".join(parts[1]) + b"\r\n" + parts[2]
    ),
)


def judged(found: Any) -> None:
    assert isinstance(found, (Reply, Failure, Stored))
    if isinstance(found, Failure):
        assert len(found.start) <= KEPT
        assert found.detail


@pytest.mark.row("R1")
@pytest.mark.parametrize("way", WAYS)
def test_any_bytes_for_an_answer(way: str) -> None:
    _any_bytes(way, 60)


@pytest.mark.nightly
@pytest.mark.parametrize("way", WAYS)
def test_any_bytes_for_an_answer_at_length(way: str) -> None:
    _any_bytes(way, 25_000)


def _any_bytes(way: str, examples: int) -> None:
    next_answer = [b""]

    def script(talk: Talk) -> None:
        talk.hear()
        talk.say(next_answer[0])

    class Sink:
        def write(self, data: bytes, /) -> None:
            pass

    with serving(script) as server:
        ask = Asker(way, settings_of(server.url))

        @settings(
            max_examples=examples,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(answers, st.booleans())
        def tried(raw: bytes, stores: bool) -> None:
            next_answer[0] = raw
            sink: Any = (lambda head: Sink() if head.status == 200 else None) if stores else None
            judged(ask(get(server.url, lane="bare", sink=sink, max_bytes=LIMIT, timeouts=QUICK)))

        try:
            tried()
        finally:
            ask.close()


@pytest.mark.row("R1")
@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.binary(max_size=400), max_size=8),
    st.sampled_from([b"gzip", b"deflate", b"br", b"", b"gzip, gzip", b"identity"]),
    st.integers(0, 500),
    st.booleans(),
)
def test_any_pieces_for_a_body(
    pieces: list[bytes], packing: bytes, limit: int, packed: bool
) -> None:
    if packed and packing == b"gzip":
        whole = gzip.compress(b"".join(pieces))
        pieces = [whole[start : start + 7] for start in range(0, len(whole), 7)]
    effect = Send("GET", "http://127.0.0.1/", "bare", max_bytes=limit, timeouts=QUICK)
    pump = Pump(effect, settings_of("http://127.0.0.1:9"))
    pump.begin(200, [(b"Content-Encoding", packing)])
    pump.judge()
    for piece in pieces:
        if pump.take(piece):
            break
    found = pump.answer()
    judged(found)
    if isinstance(found, Reply):
        assert len(found.body) <= limit
    plain = packing in (b"", b"identity")
    if plain:
        assert isinstance(found, Reply) is (sum(map(len, pieces)) <= limit)
