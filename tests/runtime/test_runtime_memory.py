"""Large files move through memory in small pieces, and the event loop stays free meanwhile."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from runtime_world import DOCUMENTS, KEY
from starlette.responses import Response, StreamingResponse

from gmigen.emulator import emulator, faults

SIZE = 300 * 1024 * 1024
PIECE = b"\x00" * 1024 * 1024

CHILD = """
import asyncio, sys
from pathlib import Path
from gmigen.client import AsyncClient, Client
from peak import peak_kib as peak

small, large, out = Path("small.mp4"), Path("large.mp4"), Path("out.mp4")

def both(client):
    client.upload(small)
    result = client.run("clip-1", {"prompt": "x"})
    result.artifact.read()
    before = peak()
    client.upload(large)
    result.save(out)
    return before

async def aboth(client):
    await client.upload(small)
    result = await client.run("clip-1", {"prompt": "x"})
    await result.artifact.read()
    before = peak()
    await client.upload(large)
    await result.save(out)
    return before

async def amain():
    async with AsyncClient(poll=0.01) as client:
        return await aboth(client)

if sys.argv[1] == "async":
    before = asyncio.run(amain())
else:
    with Client(poll=0.01) as client:
        before = both(client)
sys.stdout.write(f"{peak() - before} {out.stat().st_size}")
"""


class Swallow:
    """Storage that keeps only the hash of what it is given."""

    def __init__(self) -> None:
        self.digests: list[str] = []

    async def answer(self, exchange: Any) -> Response:
        digest = hashlib.sha256()
        async for piece in exchange.request.stream():
            digest.update(piece)
        self.digests.append(digest.hexdigest())
        return Response()


class Pour:
    """A file as large as the one that was uploaded, made as it is sent."""

    async def answer(self, exchange: Any) -> Response:
        headers = {"Content-Length": str(SIZE), "Content-Type": "video/mp4"}
        return StreamingResponse(self._pieces(), headers=headers)

    async def _pieces(self) -> AsyncIterator[bytes]:
        for _ in range(SIZE // len(PIECE)):
            yield PIECE


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="it asks the system for the peak of memory")
def test_300_megabytes_take_less_than_10_of_memory(colour: str, tmp_path: Path) -> None:
    start = b"\x00\x00\x00\x18ftypisom"
    (tmp_path / "small.mp4").write_bytes(start)
    with (tmp_path / "large.mp4").open("wb") as stream:
        stream.write(start)
        stream.truncate(SIZE)
    storage = Swallow()
    with emulator(DOCUMENTS, job_seconds=0.0) as running:
        running.faults.add("put", storage, nth=None)
        running.faults.add("media", faults.Headers({}), nth=1)
        running.faults.add("media", Pour(), nth=2)
        done = subprocess.run(
            [sys.executable, "-c", CHILD, colour],
            cwd=tmp_path,
            env={
                "PATH": "/usr/bin:/bin",
                "PYTHONPATH": str(Path(__file__).parents[1] / "support"),
                "GMI_API_KEY": KEY,
                "GMI_BASE_URL": running.base_url,
            },
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    extra_kb, size = map(int, done.stdout.split())
    assert size == SIZE
    assert extra_kb < 10 * 1024
    digest = hashlib.sha256(start)
    rest = SIZE - len(start)
    while rest:
        rest -= digest.update(PIECE[:rest]) or len(PIECE[:rest])
    assert storage.digests[-1] == digest.hexdigest()
