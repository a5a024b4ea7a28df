"""Other people's tools beside the client: those of the standard library, and a throwaway
environment with the rest of them in the nightly run.
"""

from __future__ import annotations

import asyncio
import inspect
import multiprocessing
import os
import shutil
import subprocess
import sys
import typing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any
from unittest import mock

import httpx
import pytest
from runtime_world import DOCUMENTS, KEY, PROMPT, QUICK, talking

import gmi_inference
from gmigen.client import AsyncClient, Client, Job, Result
from gmigen.emulator import Emulator, emulator

TOOLS = [
    "httpx", "pydantic", "starlette", "uvicorn", "click", "pytest", "respx", "pytest-httpx",
    "vcrpy", "opentelemetry-sdk", "opentelemetry-instrumentation-httpx", "sentry-sdk",
    "freezegun", "pyinstaller",
]  # fmt: skip
PUBLIC = [
    value for name in gmi_inference.__all__ if callable(value := getattr(gmi_inference, name))
]


@pytest.fixture
def running() -> Iterator[Emulator]:
    with emulator(DOCUMENTS, job_seconds=0.0) as one:
        yield one


@pytest.mark.row("F24")
@pytest.mark.parametrize("thing", PUBLIC, ids=lambda thing: getattr(thing, "__name__", str(thing)))
def test_hints_are_there_at_run_time(thing: Any) -> None:
    """Frameworks that inject a client, and pydantic's `validate_call`, ask for them."""
    methods = inspect.getmembers(thing, inspect.isfunction) if inspect.isclass(thing) else []
    for name, method in [("", thing), *methods]:
        if not name.startswith("_") or name == "__init__":
            typing.get_type_hints(method)


@pytest.mark.row("F24")
@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_a_client_has_a_double_that_knows_its_words(kind: Any) -> None:
    double = mock.create_autospec(kind, instance=True)
    for word in ("submit", "run", "map", "job", "resume", "upload", "close"):
        assert callable(getattr(double, word))
    with pytest.raises(TypeError):
        double.job()
    with pytest.raises(AttributeError):
        _ = double.no_such_word
    told = double.run("Veo3", PROMPT, timeout=5)
    if kind is AsyncClient:
        asyncio.run(_awaited(told))
    double.run.assert_called_once_with("Veo3", PROMPT, timeout=5)


async def _awaited(value: Any) -> Any:
    return await value


@pytest.mark.row("F24")
@pytest.mark.parametrize("kind", [Job, Result])
def test_a_handle_has_a_double(kind: Any) -> None:
    assert mock.create_autospec(kind, instance=True)


def _saved(result: Any, path: str) -> int:
    (saved,) = result.save(path)
    return saved.stat().st_size


def _ended(job: Any) -> tuple[str, bool]:
    return str(job.wait().status), bool(job.result().urls)


@pytest.mark.slow
@pytest.mark.row("F25")
def test_jobs_and_results_go_through_a_process_pool(
    running: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GMI_API_KEY", KEY)
    monkeypatch.setenv("GMI_BASE_URL", running.base_url)
    spawned = multiprocessing.get_context("spawn")
    with talking("sync", running) as talk, ProcessPoolExecutor(1, mp_context=spawned) as pool:
        result = talk.client.run("clip-1", PROMPT)
        job = talk.client.submit("clip-1", PROMPT)
        assert pool.submit(_saved, result, str(tmp_path / "boat.mp4")).result() > 0
        assert pool.submit(_ended, job).result() == ("success", True)


def test_a_client_is_shared_by_a_thread_pool(running: Emulator) -> None:
    with talking("sync", running) as talk, ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda _: talk.client.run("clip-1", PROMPT), range(8)))
    assert len({result.job.id for result in results}) == 8


@pytest.mark.row("F23")
@pytest.mark.row("F4")
def test_a_transport_of_httpx_answers_for_the_api(tmp_path: Path) -> None:
    """What respx, pytest-httpx and vcr do, without them."""
    seen: list[str] = []
    job = {"request_id": "r1", "model": "Veo3", "status": "queued"}
    outcome = {"video_url": "https://storage.googleapis.com/b/boat.mp4"}

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.method)
        if request.method == "POST":
            return httpx.Response(200, json=job)
        if "/requests/" in request.url.path:
            return httpx.Response(200, json={**job, "status": "success", "outcome": outcome})
        return httpx.Response(200, content=b"\0\0\0\x18ftypisom" + b"moving" * 9)

    transport = httpx.MockTransport(answer)
    with httpx.Client(transport=transport) as lent:
        with Client(KEY, http_client=lent, poll=QUICK) as client:
            client.run("Veo3", PROMPT).save(tmp_path / "boat.mp4")
        assert not lent.is_closed, "it stays the caller's to close"

    async def saved() -> None:
        async with httpx.AsyncClient(transport=transport) as lent:
            client = AsyncClient(KEY, http_client=lent, poll=QUICK)
            await (await client.run("Veo3", PROMPT)).save(tmp_path / "again.mp4")

    asyncio.run(saved())
    assert seen == ["POST", "GET", "GET"] * 2


@pytest.mark.nightly
@pytest.mark.row("F23")
@pytest.mark.row("F26")
def test_other_peoples_tools(tmp_path: Path) -> None:
    """respx, pytest-httpx, vcr, OpenTelemetry, Sentry, freezegun and PyInstaller."""
    from uv import find_uv_bin

    home, uv = tmp_path / "environment", find_uv_bin()
    subprocess.run([uv, "venv", "-q", "--python", sys.executable, str(home)], check=True)
    python = str(home / "bin" / "python")
    subprocess.run([uv, "pip", "install", "-q", "--python", python, *TOOLS], check=True)
    shutil.copy(Path(__file__).with_name("beside.py"), tmp_path)
    root = Path(__file__).parents[3]
    packages = os.pathsep.join([str(root / "generator"), str(root / "generated")])
    done = subprocess.run(
        [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "beside.py"],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": packages},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-5000:]
