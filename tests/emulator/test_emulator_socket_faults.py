"""Faults below HTTP, seen from a raw socket: nothing here is simulated inside a client."""

from __future__ import annotations

import json
import socket
from urllib.parse import urlsplit

import httpx
import pytest
from emulator_world import KEY, Heard, soon, submission, submitted, talk
from starlette.responses import Response

from gmigen.emulator import Emulator, faults
from gmigen.emulator.exchange import Exchange


def head_only(running: Emulator) -> bytes:
    """A submission whose announced body never comes."""
    return submission(running).partition(b"\r\n\r\n")[0] + b"\r\n\r\n"


@pytest.mark.parametrize("process", [False, True])
@pytest.mark.parametrize(
    ("fault", "ending"), [(faults.Reset, "reset"), (faults.Fin, "fin")], ids=["reset", "fin"]
)
def test_a_connection_ends_after_the_body_with_or_without_a_job(
    running: Emulator, fault: type[faults.Reset | faults.Fin], ending: str, process: bool
) -> None:
    running.faults.add("submit", fault(process=process))
    heard = talk(running.origin, submission(running))
    assert (heard.content, heard.ending) == (b"", ending)
    (post,) = running.log.posts()
    assert (post.status, post.created, post.fault) == (None, process, fault.__name__)
    assert post.body_size > 0


@pytest.mark.parametrize(
    ("fault", "ending"), [(faults.Reset, "reset"), (faults.Fin, "fin")], ids=["reset", "fin"]
)
def test_a_connection_ends_before_the_body_is_read(
    running: Emulator, fault: type[faults.Reset | faults.Fin], ending: str
) -> None:
    running.faults.add("submit", fault(when="before"))
    heard = talk(running.origin, head_only(running))
    assert (heard.content, heard.ending) == (b"", ending)
    (post,) = running.log.posts()
    assert (post.body_sha256, post.created) == (None, False)


@pytest.mark.parametrize(
    ("fault", "ending"), [(faults.Reset(), "reset"), (faults.Fin(), "fin")], ids=["reset", "fin"]
)
def test_a_connection_ends_before_anything_was_sent(
    running: Emulator, fault: faults.ConnectionFault, ending: str
) -> None:
    running.faults.add("connect", fault)
    heard = talk(running.origin, b"")
    assert (heard.content, heard.ending) == (b"", ending)
    assert [entry.route for entry in running.log.entries] == ["connect"]
    assert running.log.posts() == ()


def test_what_is_said_to_a_closing_connection_is_not_heard(running: Emulator) -> None:
    running.faults.add("connect", faults.Fin())
    assert talk(running.origin, submission(running)) == Heard(b"", "fin")
    assert [entry.route for entry in running.log.entries] == ["connect"]


def test_answers_do_not_wait_for_an_acknowledgement_of_their_head(
    running: Emulator, client: httpx.Client
) -> None:
    delays: list[int] = []

    class Look:
        async def answer(self, exchange: Exchange) -> Response:
            sock = exchange.connection.transport.get_extra_info("socket")
            delays.append(sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            return await exchange.honest()

    running.faults.add("models", Look())
    client.get("/models")
    assert all(delays)
    assert len(delays) == 1


def test_connections_of_one_host_alone_can_be_troubled(
    running: Emulator, client: httpx.Client
) -> None:
    running.faults.add("connect", faults.Reset(), nth=None, match="files")
    assert client.get("/models").status_code == 200
    # How far the client has come when the RST arrives is up to the operating system.
    with pytest.raises(httpx.TransportError):
        httpx.get(f"{running.files_url}/media/x/0.mp4")


@pytest.mark.parametrize("process", [False, True])
def test_a_hanging_submission_is_never_answered(running: Emulator, process: bool) -> None:
    running.faults.add("submit", faults.Hang(process=process))
    heard = talk(running.origin, submission(running), seconds=0.1)
    assert (heard.content, heard.ending) == (b"", "nothing yet")
    assert soon(lambda: len(running.log.billed_jobs) == process)


def test_a_hanging_connection_takes_nothing_in(running: Emulator) -> None:
    running.faults.add("connect", faults.Hang())
    assert talk(running.origin, submission(running), seconds=0.1).ending == "nothing yet"
    assert running.log.posts() == ()


def test_a_large_body_does_not_get_through_to_a_server_that_does_not_read(
    running: Emulator,
) -> None:
    running.faults.add("submit", faults.Hang(when="before"))
    timeout = httpx.Timeout(5, write=0.2)
    with pytest.raises(httpx.WriteTimeout):
        httpx.post(
            f"{running.base_url}/requests",
            content=bytes(50_000_000),
            headers={"Authorization": f"Bearer {KEY}"},
            timeout=timeout,
        )
    assert soon(lambda: len(running.log.posts()) == 1)
    assert running.log.posts()[0].body_sha256 is None


def test_closing_an_emulator_ends_whoever_hangs(running: Emulator) -> None:
    running.faults.add("submit", faults.Hang(), nth=None)
    with pytest.raises(httpx.ReadTimeout):
        submit(running, timeout=0.05)
    running.close()
    with pytest.raises(httpx.ConnectError):
        submit(running)


def submit(running: Emulator, timeout: float = 5) -> httpx.Response:
    return httpx.post(
        f"{running.base_url}/requests",
        json={"model": "clip-1", "payload": {"prompt": "x"}},
        headers={"Authorization": f"Bearer {KEY}"},
        timeout=timeout,
        trust_env=False,
    )


@pytest.mark.parametrize(
    ("ending", "seen"), [("fin", "fin"), ("reset", "reset"), ("unmeasured", "fin")]
)
def test_half_an_answer_comes_and_then_the_connection_ends(
    running: Emulator, ending: str, seen: str
) -> None:
    size = len(submit(running).content)
    running.faults.add("submit", faults.Truncated(ending=ending))  # type: ignore[arg-type]
    heard = talk(running.origin, submission(running))
    assert (len(heard.body), heard.ending) == (size // 2, seen)
    announced = b"content-length" in heard.content.lower()
    assert announced == (ending != "unmeasured")
    assert b"x-emulator: 1" in heard.content
    assert len(running.log.billed_jobs) == 2


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (faults.Reset(), httpx.ReadError),
        # Whichever of the client's write and read the RST meets decides; httpx hides the write's.
        (faults.Reset(when="before"), (httpx.ReadError, httpx.RemoteProtocolError)),
        (faults.Fin(), httpx.RemoteProtocolError),
        (faults.Truncated(ending="fin"), httpx.RemoteProtocolError),
        (faults.Raw(b"garbage\r\n\r\n"), httpx.RemoteProtocolError),
    ],
    ids=["reset", "reset before", "fin", "short body", "garbage"],
)
def test_a_client_meets_the_error_known_for_the_fault(
    running: Emulator,
    fault: faults.Fault,
    error: type[httpx.TransportError] | tuple[type[httpx.TransportError], ...],
) -> None:
    running.faults.add("submit", fault)
    with pytest.raises(error):
        submit(running)


def test_a_cut_body_of_unknown_length_looks_whole_to_a_client(running: Emulator) -> None:
    running.faults.add("submit", faults.Truncated(ending="unmeasured"))
    answer = submit(running)
    assert answer.status_code == 200
    with pytest.raises(json.JSONDecodeError):
        answer.json()


@pytest.mark.parametrize("ending", ["fin", "reset"])
def test_raw_bytes_are_sent_as_they_are(running: Emulator, ending: str) -> None:
    running.faults.add("submit", faults.Raw(b"\x00\x01", ending))  # type: ignore[arg-type]
    assert talk(running.origin, submission(running)) == Heard(b"\x00\x01", ending)  # type: ignore[arg-type]


def test_a_dripping_answer_is_whole_at_the_end(running: Emulator, client: httpx.Client) -> None:
    running.faults.add("submit", faults.Drip(size=7, seconds=0.001))
    with client.stream(
        "POST", "/requests", json={"model": "clip-1", "payload": {"prompt": "x"}}
    ) as answer:
        pieces = [len(piece) for piece in answer.iter_raw()]
    assert sum(pieces) == int(answer.headers["Content-Length"])
    assert len(pieces) > 1


def test_an_answer_may_drip_from_its_first_byte(running: Emulator, client: httpx.Client) -> None:
    running.faults.add("submit", faults.Drip(size=20, seconds=0.001, head=True))
    heard = talk(running.origin, submission(running))
    assert heard.content.startswith(b"HTTP/1.1 200 OK")
    assert json.loads(heard.body)["request_id"] == running.log.billed_jobs[0]
    assert heard.ending == "fin"


def test_a_refusing_emulator_refuses_and_then_is_back_on_the_same_port(
    running: Emulator, client: httpx.Client
) -> None:
    job_id = submitted(client)["request_id"]
    for _ in range(2):
        with running.down(), pytest.raises(httpx.ConnectError):
            submit(running)
        assert submit(running).status_code == 200
    assert len(running.log.posts()) == 3
    assert client.get(f"/requests/{job_id}").status_code == 200


def test_nobody_else_is_given_the_port_of_one_that_is_down(running: Emulator) -> None:
    place = urlsplit(running.origin)
    with running.down(), socket.socket() as other, pytest.raises(OSError, match="in use"):
        other.bind((place.hostname, place.port))


def test_a_connection_survives_a_fault_that_is_only_an_answer(
    running: Emulator, client: httpx.Client
) -> None:
    running.faults.add("submit", faults.Status(503))
    wire = submission(running)
    last = wire.replace(b"Host:", b"Connection: close\r\nHost:")
    heard = talk(running.origin, wire + last)
    assert heard.content.count(b"HTTP/1.1 503") == 1
    assert heard.content.count(b"HTTP/1.1 200") == 1
