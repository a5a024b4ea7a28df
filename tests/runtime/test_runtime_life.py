"""What importing costs, and how clients and handles begin and end."""

from __future__ import annotations

import asyncio
import pickle
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, ClassVar

import pytest
from runtime_world import DOCUMENTS, KEY, PROMPT, QUICK

import gmigen
import gmigen.client as gmi
from gmigen import resources
from gmigen.client import AsyncClient, Client
from gmigen.emulator import Emulator, emulator, faults
from gmigen.runtime import errors
from gmigen.runtime.version import VERSION

NEEDED = ("httpcore", "pydantic", "asyncio", "ssl", "socket", "dataclasses", "typing")
HEAVY = (*NEEDED, "httpx", "email")


def python(code: str, **variables: str) -> str:
    """What a fresh interpreter prints, with every warning an error."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        capture_output=True,
        text=True,
        timeout=60,
        env={"PATH": "/usr/bin:/bin", **variables},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


def test_importing_the_runtime_loads_nothing_heavy() -> None:
    code = f"import sys, gmigen.client; print([n for n in {HEAVY!r} if n in sys.modules])"
    assert python(code).strip() == "[]"


def test_an_error_can_be_named_without_loading_the_http_library() -> None:
    code = "import sys; from gmigen.client import GMIError, Client; print('httpx' in sys.modules)"
    assert python(code).strip() == "False"


def test_preload_loads_what_the_first_request_needs() -> None:
    code = (
        "import sys, gmigen.client as r; r.preload();"
        f"print([n for n in {NEEDED!r} if n not in sys.modules])"
    )
    assert python(code).strip() == "[]"


def test_every_public_name_is_there_and_documented() -> None:
    assert set(gmi.__all__) <= set(dir(gmi))
    for name in gmi.__all__:
        thing = getattr(gmi, name)
        assert name == "DEFAULT" or (thing.__doc__ or "").strip(), name
    with pytest.raises(AttributeError):
        gmi.nothing_of_this_name  # noqa: B018


def test_the_version_on_the_wire_is_that_of_the_distribution() -> None:
    assert gmigen.__version__ == VERSION


def test_what_a_package_carries_can_be_copied_anywhere(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "__init__.py").write_text("")
    for room in resources.ROOMS:
        (tmp_path / "elsewhere" / room).symlink_to(resources.room(room))
    code = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r});"
        "import elsewhere.client as r; r.preload(); r.Client('k', base_url='http://127.0.0.1:9');"
        "print([n for n in sys.modules if n.split('.')[0] == 'gmigen'])"
    )
    assert python(code).strip() == "[]"


def test_the_one_liner_uses_the_client_of_the_environment(
    quick: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GMI_API_KEY", KEY)
    monkeypatch.setenv("GMI_BASE_URL", quick.base_url)
    result = gmi.run("clip-1", PROMPT)
    assert result.url
    twin: Any = pickle.loads(pickle.dumps(result.job))
    assert twin == result.job
    assert twin.refresh().status == "success"
    kept: Any = pickle.loads(pickle.dumps(result))
    assert kept.artifact.read() == result.artifact.read()
    assert asyncio.run(_arun()) == "success"


async def _arun() -> str | None:
    return (await gmi.arun("clip-1", PROMPT)).job.status


def test_the_default_client_ends_with_its_process_in_silence(quick: Emulator) -> None:
    code = "import gmigen.client as r; print(r.run('clip-1', {'prompt': 'x'}).artifact.kind)"
    variables = {"GMI_API_KEY": KEY, "GMI_BASE_URL": quick.base_url}
    assert python(code, **variables).strip() == "video"


def test_one_asynchronous_client_works_in_one_loop_after_another() -> None:
    with emulator(DOCUMENTS, job_seconds=0.0) as running:
        client = AsyncClient(KEY, base_url=running.base_url, poll=QUICK)

        async def once() -> int:
            return len(await client.models.list())

        assert asyncio.run(once()) == asyncio.run(once()) == len(DOCUMENTS)


def test_a_closed_client_says_so(running: Emulator) -> None:
    client = Client(KEY, base_url=running.base_url)
    client.close()
    with pytest.raises(errors.ConfigurationError, match="closed"):
        client.models.list()
    assert len(running.ledger) == 0


def test_looks_share_one_connection(running: Emulator) -> None:
    running.faults.add("connect", faults.Reset(), nth=50)
    with Client(KEY, base_url=running.base_url, poll=QUICK) as client:
        job = client.submit("clip-1", PROMPT)
        job.result()
        looks = running.ledger.requests(route="status")
        assert len(looks) > 1
        assert len({look.connection for look in looks}) == 1
        (post,) = running.ledger.posts()
        assert post.connection not in {look.connection for look in looks}


def test_handles_are_equal_by_id_whatever_they_know() -> None:
    with Client(KEY, base_url="http://127.0.0.1:9") as client:
        assert client.job("a") == client.job("a")
        assert client.job("a") != client.job("b")
        assert len({client.job("a"), client.job("a")}) == 1
        assert KEY not in repr(client.job("a"))


def test_cancelling_a_task_leaves_the_job_and_says_so() -> None:
    async def scenario(base_url: str) -> BaseException | None:
        async with AsyncClient(KEY, base_url=base_url, poll=QUICK) as client:
            seen = asyncio.Event()
            running = client.run("clip-1", PROMPT, on_update=lambda _: seen.set())
            task = asyncio.create_task(running)
            await seen.wait()
            task.cancel()
            try:
                await task
            except asyncio.CancelledError as cancelled:
                return cancelled
            return None

    with emulator(DOCUMENTS, job_seconds=60.0) as running:
        running.faults.add("job", faults.Word("processing"))
        cancelled = asyncio.run(scenario(running.base_url))
        (job,) = running.jobs
    assert cancelled is not None
    if sys.version_info >= (3, 11):
        assert job in cancelled.__notes__[0]


def test_leaving_a_batch_early_leaves_nothing_behind(running: Emulator) -> None:
    class Boat:
        MODEL_ID: ClassVar[str] = "clip-1"

        def payload(self) -> dict[str, Any]:
            return PROMPT.copy()

    with Client(KEY, base_url=running.base_url, poll=QUICK) as client:
        for done in client.map([Boat() for _ in range(5)], concurrency=2):
            assert isinstance(done, gmi.Result)
            break
    # What was under way goes on; nothing is submitted after leaving.
    assert 2 <= len(running.ledger.posts()) <= 3


@pytest.mark.skipif(sys.platform == "win32", reason="SIGINT is sent")
def test_ctrl_c_in_a_wait_names_the_job() -> None:
    code = "\n".join(
        [
            "import gmigen.client as r",
            "c = r.Client(poll=0.05)",
            "j = c.submit('clip-1', {'prompt': 'x'})",
            "print(j.id, flush=True)",
            "j.result()",
        ]
    )
    with emulator(DOCUMENTS, job_seconds=60.0) as running:
        process = subprocess.Popen(
            [sys.executable, "-c", code],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={"PATH": "/usr/bin:/bin", "GMI_API_KEY": KEY, "GMI_BASE_URL": running.base_url},
        )
        assert process.stdout is not None
        job = process.stdout.readline().strip()
        limit = time.monotonic() + 20
        while not running.ledger.requests(route="status") and time.monotonic() < limit:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=20)
    assert job in running.jobs
    if sys.version_info >= (3, 11):
        assert f'client.job("{job}")' in said
    assert KEY not in said
