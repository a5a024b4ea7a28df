"""Run by pytest in an environment that has other people's tools; see `test_tools.py` beside it.

What each tool sees of the client's traffic, with its own connections and with a client lent to it.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import freezegun
import httpx
import pytest
import respx
import sentry_sdk
import vcr
from opentelemetry.instrumentation.httpx import HTTPXClientInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from gmi_inference import AsyncClient, Client, JobTimeoutError
from gmi_inference.models import Veo3Request
from gmigen import resources
from gmigen.catalog.snapshot import documents
from gmigen.emulator import Emulator, emulator

KEY = "sk-CANARY-0123456789"
BASE = "https://console.gmicloud.ai/api/v1/ie/requestqueue/apikey"
FILE = "https://storage.googleapis.com/bucket/boat.mp4"
CLIP = b"\0\0\0\x18ftypisom" + b"moving" * 9
JOB = {"request_id": "r1", "model": "Veo3", "status": "queued"}
DONE = {**JOB, "status": "success", "outcome": {"video_url": FILE}}
BOAT = Veo3Request(prompt="a paper boat")


@pytest.fixture
def running() -> Iterator[Emulator]:
    with emulator(documents(resources.snapshot()), job_seconds=0.0) as one:
        yield one


def of(running: Emulator, **more: Any) -> Client:
    return Client(KEY, base_url=running.base_url, poll=0.01, **more)


# respx and pytest-httpx


def routes(mock: Any) -> None:
    mock.post(f"{BASE}/requests").mock(return_value=httpx.Response(200, json=JOB))
    mock.get(f"{BASE}/requests/r1").mock(return_value=httpx.Response(200, json=DONE))
    mock.get(FILE).mock(return_value=httpx.Response(200, content=CLIP))


def test_respx_sees_everything_of_a_lent_client(tmp_path: Path) -> None:
    with respx.mock() as mock, httpx.Client() as lent:
        routes(mock)
        with Client(KEY, http_client=lent, poll=0.01) as client:
            (saved,) = client.run(BOAT).save(tmp_path / "boat.mp4")
        assert [call.request.method for call in mock.calls] == ["POST", "GET", "GET"]
    assert saved.read_bytes() == CLIP


def test_respx_sees_everything_of_a_lent_asynchronous_client(tmp_path: Path) -> None:
    async def save() -> list[Path]:
        async with (
            httpx.AsyncClient() as lent,
            AsyncClient(KEY, http_client=lent, poll=0.01) as client,
        ):
            return await (await client.run(BOAT)).save(tmp_path / "boat.mp4")

    with respx.mock() as mock:
        routes(mock)
        (saved,) = asyncio.run(save())
    assert saved.read_bytes() == CLIP


def test_pytest_httpx_sees_everything_of_a_lent_client(httpx_mock: Any, tmp_path: Path) -> None:
    httpx_mock.add_response(method="POST", url=f"{BASE}/requests", json=JOB)
    httpx_mock.add_response(url=f"{BASE}/requests/r1", json=DONE)
    httpx_mock.add_response(url=FILE, content=CLIP)
    with httpx.Client() as lent, Client(KEY, http_client=lent, poll=0.01) as client:
        (saved,) = client.run(BOAT).save(tmp_path / "boat.mp4")
    assert saved.read_bytes() == CLIP
    assert [request.method for request in httpx_mock.get_requests()] == ["POST", "GET", "GET"]


@pytest.mark.parametrize(("using", "seen"), [("httpcore", True), ("httpx", False)])
def test_own_connections_are_seen_by_a_mock_of_httpcore_only(
    running: Emulator, using: str, seen: bool
) -> None:
    async def submit() -> None:
        async with AsyncClient(KEY, base_url=running.base_url) as client:
            await client.submit(BOAT)

    with respx.mock(assert_all_called=False, using=using) as mock:
        mock.route().mock(return_value=httpx.Response(200, json=JOB))
        of(running).submit(BOAT)
        asyncio.run(submit())
        assert len(mock.calls) == 2 * seen
    assert len(running.log.posts()) == 2 * (not seen)


def test_what_a_mock_does_not_know_is_the_mocks_own_error() -> None:
    with respx.mock() as mock, httpx.Client() as lent:
        mock.get("https://example.com/").mock(return_value=httpx.Response(200))
        client = Client(KEY, http_client=lent)
        with pytest.raises(AssertionError):
            client.submit(BOAT)
        mock.get("https://example.com/")
        httpx.get("https://example.com/")


# vcr


def test_vcr_records_and_replays_a_lent_client(running: Emulator, tmp_path: Path) -> None:
    tape = str(tmp_path / "boat.yaml")
    hidden: dict[str, Any] = {"filter_headers": ["authorization"]}
    for mode in ("once", "none"):
        with vcr.use_cassette(tape, record_mode=mode, **hidden), httpx.Client() as lent:
            result = of(running, http_client=lent).run(BOAT)
            result.read()
    assert len(running.log.posts()) == 1, "the second time nothing was asked"
    assert KEY not in Path(tape).read_text("utf-8")


# OpenTelemetry and Sentry


def test_opentelemetry_traces_a_lent_client(running: Emulator) -> None:
    spans = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(spans))
    with httpx.Client() as lent:
        HTTPXClientInstrumentor.instrument_client(lent, tracer_provider=provider)
        of(running, http_client=lent).run(BOAT).read()
    names = [span.name for span in spans.get_finished_spans()]
    assert len(names) == len(running.log.entries) >= 3
    assert running.log.posts()[0].header("traceparent")


def test_a_sentry_event_holds_neither_the_key_nor_a_signature(running: Emulator) -> None:
    events: list[Any] = []
    sentry_sdk.init(
        dsn="http://a@127.0.0.1:9/1", before_send=lambda event, _: events.append(event) or None
    )
    from gmigen.emulator import faults

    running.faults.add("submit", faults.Status(402), nth=None)
    with httpx.Client() as lent:
        for client in (of(running), of(running, http_client=lent)):
            try:
                client.submit(BOAT)
            except Exception as error:
                sentry_sdk.capture_exception(error)
    sentry_sdk.init()
    assert len(events) == 2
    assert KEY not in json.dumps(events, default=repr)


# Time


@pytest.mark.parametrize("tick", [False, True])
def test_a_frozen_clock_does_not_freeze_the_client(running: Emulator, tick: bool) -> None:
    # Without this the loops of the emulator and of asyncio itself stand still.
    with freezegun.freeze_time("2026-01-01", tick=tick, real_asyncio=True):
        of(running).run(BOAT, timeout=30)
        asyncio.run(_run(running))


async def _run(running: Emulator) -> None:
    async with AsyncClient(KEY, base_url=running.base_url, poll=0.01) as client:
        await client.run(BOAT, timeout=30)


def _within(seconds: float, call: Callable[[], Any]) -> Any:
    """What a call raises, in a thread that may be left behind."""
    import threading

    told: list[BaseException] = []

    def work() -> None:
        try:
            with freezegun.freeze_time("2026-01-01"):
                call()
        except BaseException as error:
            told.append(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(seconds)
    assert told, "it never ended"
    return told[0]


def test_a_bound_holds_while_the_clock_is_frozen() -> None:
    with emulator(documents(resources.snapshot()), job_seconds=1e9) as running:
        ended = _within(20, lambda: of(running).run(BOAT, timeout=0.5))
    assert isinstance(ended, JobTimeoutError)


def test_an_answer_that_drips_ends_while_the_clock_is_frozen(running: Emulator) -> None:
    from gmigen.emulator import faults

    running.faults.add("status", faults.Drip(1, 0.2), nth=None)
    ended = _within(20, lambda: of(running).run(BOAT, timeout=0.5))
    assert isinstance(ended, JobTimeoutError)


# PyInstaller

APP = """
import asyncio, tempfile
import gmi_inference
from gmi_inference.models import Veo3Request, request_class
with gmi_inference.Client() as client:
    (saved,) = client.run(Veo3Request(prompt="x")).save(tempfile.mkdtemp())
    for one in client.map([Veo3Request(prompt="y")]):
        print(type(one).__name__)
print(saved.stat().st_size > 0)
print(type(asyncio.run(gmi_inference.arun(Veo3Request(prompt="x")))).__name__)
print(request_class("kling-v2-6").__name__)
"""


def test_a_program_frozen_by_pyinstaller_works(running: Emulator, tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(APP)
    command = ["-m", "PyInstaller", "--onedir", "--noconfirm", "--collect-submodules"]
    subprocess.run(
        [sys.executable, *command, "gmi_inference", "app.py"],
        cwd=tmp_path, check=True, capture_output=True,
    )  # fmt: skip
    frozen = subprocess.run(
        [str(tmp_path / "dist" / "app" / "app")],
        env={"GMI_API_KEY": KEY, "GMI_BASE_URL": running.base_url},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert frozen.returncode == 0, frozen.stderr
    assert frozen.stdout.split() == ["Result", "True", "AsyncResult", "KlingV2_6Request"]
