"""Faults of a submission over real sockets, beyond the ones that only differ in their bytes."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from runtime_world import DOCUMENTS, IMPATIENT, KEY, PNG, PROMPT, QUICK, Talk, details, talking
from test_runtime_wire_jobs import Boat

from gmigen.emulator import Emulator, emulator, faults
from gmigen.runtime import AsyncClient, Client, errors
from gmigen.runtime.journal.file import Journal
from gmigen.runtime.protocol.effects import Timeouts
from gmigen.runtime.protocol.entries import attempts as noted


@contextmanager
def silent_listener() -> Iterator[str]:
    """A port that accepts connections into its backlog and never says a word."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(16)
        yield f"https://127.0.0.1:{listener.getsockname()[1]}/api"


def test_a_server_that_cannot_do_tls_is_told_apart_and_gets_nothing(
    colour: str, running: Emulator
) -> None:
    secure = running.base_url.replace("http://", "https://")
    with talking(colour, running, base_url=secure) as talk:
        with pytest.raises(errors.APIConnectionError, match="secure connection failed") as raised:
            talk(talk.client.submit("clip-1", PROMPT))
        assert "certificate authorities" in str(raised.value)
        with pytest.raises(errors.APIConnectionError, match="secure connection failed") as raised:
            talk(talk.client.job("emu-1").result())
        assert raised.value.job_id == "emu-1"
    assert running.ledger.requests() == ()


def test_a_handshake_that_never_ends_is_an_unsent_submission(
    colour: str, running: Emulator
) -> None:
    with silent_listener() as url, talking(colour, running, base_url=url) as talk:
        quick = Timeouts(connect=0.1, read=5.0, total=5.0)
        talk.client._session.context.submit_timeouts = quick
        with pytest.raises(errors.APITimeoutError) as raised:
            talk(talk.client.submit("clip-1", PROMPT))
    assert not isinstance(raised.value, errors.SubmissionUnknownError)


def test_a_pool_of_the_caller_that_is_full_is_not_the_fault_of_the_api(running: Emulator) -> None:
    running.faults.add("submit", faults.Hang(), nth=1)
    limits = httpx.Limits(max_connections=1)
    with (
        httpx.Client(limits=limits) as theirs,
        Client(KEY, base_url=running.base_url, http_client=theirs) as client,
    ):
        held: list[BaseException] = []

        def hold() -> None:
            try:
                client.submit("clip-1", PROMPT)
            except errors.GMIError as error:
                held.append(error)

        first = threading.Thread(target=hold)
        first.start()
        while not running.ledger.posts():
            pass
        client._session.context.submit_timeouts = Timeouts(connect=0.1, read=0.1, total=0.1)
        with pytest.raises(errors.APIConnectionError, match="connections of this client were busy"):
            client.submit("clip-1", PROMPT)
        with running.down():  # which cuts the connection that is held
            first.join()
    assert isinstance(held[0], errors.SubmissionUnknownError)
    assert len(running.ledger.posts()) == 1


def test_a_payload_the_server_stops_reading_is_unknown(talk: Talk, running: Emulator) -> None:
    talk.impatient()
    running.faults.add("submit", faults.Hang("before"))
    with pytest.raises(errors.SubmissionUnknownError) as raised:
        talk(talk.client.submit("clip-1", {"prompt": "x" * 30_000_000}))
    assert raised.value.phase in ("writing", "awaiting response")
    assert len(running.ledger.posts()) == 1


REFUSALS = {
    "upstream 400": (500, "Backend error (400). Please try again.", errors.InternalServerError),
    "402": (402, "Insufficient credits.", errors.InsufficientCreditsError),
    "403": (403, "no entitlement", errors.PermissionDeniedError),
    "403 edge": (403, "error code: 1010", errors.PermissionDeniedError),
    "405": (405, "Method Not Allowed", errors.APIStatusError),
    "409": (409, "conflict", errors.APIStatusError),
    "413": (413, "too large", errors.APIStatusError),
    "415": (415, "unsupported", errors.APIStatusError),
    "422": (422, "unprocessable", errors.BadRequestError),
}


@pytest.mark.parametrize(("status", "text", "kind"), REFUSALS.values(), ids=REFUSALS)
def test_a_refusal_is_typed_final_and_free(
    talk: Talk, running: Emulator, status: int, text: str, kind: type[errors.GMIError]
) -> None:
    running.faults.add("submit", faults.Status(status, text), nth=None)
    with pytest.raises(kind) as raised:
        talk(talk.client.submit("clip-1", PROMPT))
    assert str(status) in str(raised.value)
    assert len(running.ledger.posts()) == 1
    assert running.ledger.billed_jobs == ()


def test_one_answer_names_every_missing_parameter(colour: str) -> None:
    needed = [{"name": name, "type": "string", "required": True} for name in ("prompt", "image")]
    documents = {"both": details("both", parameters=needed)}
    with emulator(documents) as running, talking(colour, running) as talk:
        with pytest.raises(errors.BadRequestError) as raised:
            talk(talk.client.submit("both", {"other": 1}))
        assert set(raised.value.missing) == {"prompt", "image"}
        assert len(running.ledger.posts()) == 1


PACES = {
    "seconds": faults.RateLimited(retry_after="0.05"),
    "date": faults.RateLimited(retry_after_date=0.0),
    "body": faults.RateLimited(retry_after_ms=50),
    "page": faults.RateLimited(retry_after="0", html=True),
}


@pytest.mark.parametrize("fault", PACES.values(), ids=PACES)
def test_every_way_of_saying_later_is_heard(talk: Talk, running: Emulator, fault: Any) -> None:
    running.faults.add("submit", fault)
    assert talk(talk.client.submit("clip-1", PROMPT)).id
    assert len(running.ledger.posts()) == 2
    assert len(running.ledger.billed_jobs) == 1


def test_a_429_for_longer_than_it_waits_is_raised_at_once(talk: Talk, running: Emulator) -> None:
    running.faults.add("submit", faults.RateLimited(retry_after="3600"), nth=None)
    with pytest.raises(errors.RateLimitError) as raised:
        talk(talk.client.submit("clip-1", PROMPT))
    assert raised.value.retry_after == 3600
    assert len(running.ledger.posts()) == 1


def test_an_empty_account_stops_a_batch(colour: str) -> None:
    priced = {"clip-1": details("clip-1", price_info={"price": 100, "unit": "request"})}
    with (
        emulator(priced, credit_micro_dollars=250, job_seconds=0.0) as running,
        talking(colour, running) as talk,
    ):
        done = talk.all(talk.client.map([Boat(str(n)) for n in range(10)], concurrency=1))
        refused = [one for one in done if isinstance(one, errors.InsufficientCreditsError)]
        assert len(refused) == 8
        assert len(running.ledger.posts()) == 3
        assert running.ledger.billed_micro_dollars == 200


def test_a_redirect_to_a_plain_foreign_host_is_not_followed(talk: Talk, running: Emulator) -> None:
    for status in (302, 307, 308):
        running.faults.add("submit", faults.Redirect("http://evil.example/take", status))
        with pytest.raises(errors.ProtocolError, match=r"evil\.example"):
            talk(talk.client.submit("clip-1", PROMPT))
    assert len(running.ledger) == 3


def test_after_an_unknown_submission_no_file_has_to_be_sent_again(
    talk: Talk, running: Emulator
) -> None:
    running.faults.add("submit", faults.Reset())
    with pytest.raises(errors.SubmissionUnknownError) as raised:
        talk(talk.client.submit("clip-1", {**PROMPT, "image": PNG}))
    (url,) = raised.value.uploaded
    assert url == running.ledger.posts()[0].json["payload"]["image"]
    talk(talk.client.submit("clip-1", {**PROMPT, "image": PNG}))
    assert len(running.ledger.requests(route="put")) == 1


def test_a_file_that_changes_while_it_is_read_is_not_submitted(
    talk: Talk, running: Emulator, tmp_path: Path
) -> None:
    picture = tmp_path / "cat.png"
    picture.write_bytes(PNG)

    def meddle(sent: int, total: int | None) -> None:
        with picture.open("ab") as stream:
            stream.write(b"more")

    with pytest.raises(errors.UploadError, match="changed while it was read"):
        talk(talk.client.upload(picture, on_progress=meddle))
    assert running.ledger.posts() == ()


def test_a_journal_on_a_disk_that_refuses_stops_the_submission(
    colour: str, running: Emulator, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    with (
        talking(colour, running, journal=tmp_path / "file" / "journal.jsonl") as talk,
        pytest.raises(errors.ConfigurationError, match="nothing was submitted"),
    ):
        talk(talk.client.submit("clip-1", PROMPT))
    assert running.ledger.posts() == ()


def test_a_cancelled_post_is_unknown_in_the_journal(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.jsonl")

    async def scenario(base_url: str, arrived: Any) -> None:
        async with AsyncClient(KEY, base_url=base_url, journal=journal.path) as client:
            task = asyncio.create_task(client.submit("clip-1", PROMPT))
            while not arrived():  # noqa: ASYNC110  # the other side has no event
                await asyncio.sleep(0.01)
            task.cancel()
            with pytest.raises(asyncio.CancelledError) as raised:
                await task
            assert "may have arrived" in getattr(raised.value, "__notes__", ["may have arrived"])[0]

    with emulator(DOCUMENTS) as running:
        running.faults.add("submit", faults.Hang(process=True))
        asyncio.run(scenario(running.base_url, running.ledger.posts))
        assert len(running.ledger.posts()) == 1
    (entry,) = noted(journal.find())
    assert entry.ending == "unknown"


def test_an_interruption_between_two_posts_leaves_nothing_unknown(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.jsonl")

    async def scenario(base_url: str, arrived: Any) -> None:
        async with AsyncClient(KEY, base_url=base_url, journal=journal.path) as client:
            task = asyncio.create_task(client.submit("clip-1", PROMPT))
            while not client._session.context.throttle.gate("clip-1").spacing:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    with emulator(DOCUMENTS) as running:
        running.faults.add("submit", faults.RateLimited(retry_after="60"))
        asyncio.run(scenario(running.base_url, running.ledger.posts))
        assert running.ledger.billed_jobs == ()
    (entry,) = noted(journal.find())
    assert entry.ending == "refused"


def test_threads_share_a_client(running: Emulator) -> None:
    made: list[str] = []
    with Client(KEY, base_url=running.base_url, poll=QUICK) as client:

        def work() -> None:
            made.append(client.run("clip-1", PROMPT).job.id)

        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(made) == sorted(running.ledger.billed_jobs)
    assert len(set(made)) == 8


FORKING = """
import os
from gmigen.runtime import Client
with Client() as client:
    job = client.submit("clip-1", {"prompt": "a paper boat"})
    job.refresh()
    child = os.fork()
    if child == 0:
        os._exit(0 if job.refresh().status and job.result().url else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert job.result().url
"""


@pytest.mark.row("R19")
@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_forked_child_opens_connections_of_its_own(running: Emulator) -> None:
    env = {**os.environ, "GMI_BASE_URL": running.base_url, "GMI_API_KEY": KEY}
    done = subprocess.run([sys.executable, "-c", FORKING], env=env, check=False)
    assert done.returncode == 0
    ports = {entry.connection for entry in running.log.requests(route="status")}
    assert len(ports) >= 2


def test_an_answer_whose_head_drips_ends_in_time(talk: Talk, running: Emulator) -> None:
    talk.client._session.context.submit_timeouts = IMPATIENT
    running.faults.add("submit", faults.Drip(size=1, seconds=0.02, head=True))
    with pytest.raises(errors.SubmissionUnknownError, match="in time"):
        talk(talk.client.submit("clip-1", PROMPT))
    assert len(running.ledger.posts()) == 1
