"""What the runtime costs over bare httpx: CPU of submitting, waiting and looking, and big files."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import tempfile
from pathlib import Path

from loopback import Loopback
from table import Row

ROOT = Path(__file__).parents[2]
PATH = os.pathsep.join(str(ROOT / folder) for folder in ("generated", "tests/support"))
JOBS = 150
LOOKS = 5
FILE_MB = 300
MANY = 10

_WHY = (
    "by cProfile half of it is httpcore's; deciding when to look, reading answers and checking the "
    "payload against its class, which httpx does not do, are the rest"
)

_CLOCK = """
import json, sys, time
from peak import peak_kib
base, jobs, folder = sys.argv[1], int(sys.argv[2]), sys.argv[3]
def spent(work):
    work(10)
    before = peak_kib()
    began, cpu = time.perf_counter(), time.process_time()
    work(jobs)
    cpu, took = time.process_time() - cpu, time.perf_counter() - began
    grown = (peak_kib() - before) / 1024
    print(json.dumps([cpu, took, grown]))
"""
_PAYLOAD = '{"prompt": "a paper boat", "durationSeconds": "8"}'

PROGRAMS = {
    "sync": f"""
from gmi_inference import Client, Poll
client = Client("k", base_url=base, poll=Poll(min=0.001, max=0.001))
def work(jobs):
    for _ in range(jobs):
        client.submit("Veo3", {_PAYLOAD}).result()
spent(work)
""",
    "sync, httpx": f"""
import httpx
client = httpx.Client(headers={{"Authorization": "Bearer k"}})
def work(jobs):
    for _ in range(jobs):
        body = {{"model": "Veo3", "payload": {_PAYLOAD}}}
        job = client.post(base + "/requests", json=body).raise_for_status().json()
        while job["status"] not in ("success", "failed", "cancelled"):
            time.sleep(0.001)
            url = base + "/requests/" + job["request_id"]
            job = client.get(url).raise_for_status().json()
spent(work)
""",
    "async": f"""
import asyncio
from gmi_inference import AsyncClient, Poll
async def main(jobs):
    async with AsyncClient("k", base_url=base, poll=Poll(min=0.001, max=0.001)) as client:
        for _ in range(jobs):
            job = await client.submit("Veo3", {_PAYLOAD})
            await job.result()
spent(lambda jobs: asyncio.run(main(jobs)))
""",
    "async, httpx": f"""
import asyncio, httpx
async def main(jobs):
    async with httpx.AsyncClient(headers={{"Authorization": "Bearer k"}}) as client:
        for _ in range(jobs):
            body = {{"model": "Veo3", "payload": {_PAYLOAD}}}
            job = (await client.post(base + "/requests", json=body)).raise_for_status().json()
            while job["status"] not in ("success", "failed", "cancelled"):
                await asyncio.sleep(0.001)
                url = base + "/requests/" + job["request_id"]
                job = (await client.get(url)).raise_for_status().json()
spent(lambda jobs: asyncio.run(main(jobs)))
""",
    "download": """
from gmi_inference import Client, Poll
client = Client("k", base_url=base, poll=Poll(min=0.001, max=0.001))
def work(jobs):
    job = client.submit("Veo3", {"prompt": ["small", "big"][jobs == 1]})
    job.result().artifact.save(folder + f"/ours-{jobs}.mp4", overwrite=True)
spent(work)
""",
    "download, httpx": """
import httpx
client = httpx.Client()
def work(jobs):
    url, name = base + ["/small.mp4", "/file.mp4"][jobs == 1], f"/httpx-{jobs}.mp4"
    with client.stream("GET", url) as answer, open(folder + name, "wb") as out:
        for piece in answer.iter_bytes():
            out.write(piece)
        import os
        SYNC
spent(work)
""",
    "async download": """
import asyncio
from gmi_inference import AsyncClient, Poll
async def main(jobs):
    async with AsyncClient("k", base_url=base, poll=Poll(min=0.001, max=0.001)) as client:
        job = await client.submit("Veo3", {"prompt": ["small", "big"][jobs == 1]})
        result = await job.result()
        await result.artifact.save(folder + f"/ours-{jobs}.mp4", overwrite=True)
spent(lambda jobs: asyncio.run(main(jobs)))
""",
    "async download, httpx": """
import asyncio, httpx
async def main(jobs):
    url, name = base + ["/small.mp4", "/file.mp4"][jobs == 1], f"/httpx-{jobs}.mp4"
    async with httpx.AsyncClient() as client, client.stream("GET", url) as answer:
        with open(folder + name, "wb") as out:
            async for piece in answer.aiter_bytes():
                out.write(piece)
            import os
            SYNC
spent(lambda jobs: asyncio.run(main(jobs)))
""",
    "upload": """
import pathlib
from gmi_inference import Client
client = Client("k", base_url=base)
def work(jobs):
    client.upload(pathlib.Path(folder + ("/big.mp4" if jobs == 1 else "/small.mp4")))
spent(work)
""",
    "upload, httpx": """
import httpx
client = httpx.Client()
def work(jobs):
    with open(folder + ("/big.mp4" if jobs == 1 else "/small.mp4"), "rb") as file:
        client.put(base + "/file", content=file).raise_for_status()
spent(work)
""",
    "async upload": """
import asyncio, pathlib
from gmi_inference import AsyncClient
async def main(jobs):
    async with AsyncClient("k", base_url=base) as client:
        await client.upload(pathlib.Path(folder + ("/big.mp4" if jobs == 1 else "/small.mp4")))
spent(lambda jobs: asyncio.run(main(jobs)))
""",
    "async upload, httpx": """
import asyncio, httpx, os
async def main(jobs):
    name = folder + ("/big.mp4" if jobs == 1 else "/small.mp4")
    async def pieces():
        with open(name, "rb") as file:
            while piece := file.read(65536):
                yield piece
    size = {"Content-Length": str(os.path.getsize(name))}
    async with httpx.AsyncClient() as client:
        (await client.put(base + "/file", content=pieces(), headers=size)).raise_for_status()
spent(lambda jobs: asyncio.run(main(jobs)))
""",
    "many": f"""
import asyncio
from gmi_inference import AsyncClient, Poll
async def main(jobs):
    async with AsyncClient("k", base_url=base) as client:
        handles = [await client.submit("Veo3", {_PAYLOAD}) for _ in range(10)]
        async def looks(job):
            for _ in range(jobs):
                await job.refresh()
        await asyncio.gather(*(looks(job) for job in handles for _ in range(10)))
spent(lambda jobs: asyncio.run(main(jobs)))
""",
    "many, httpx": f"""
import asyncio, httpx
async def main(jobs):
    async with httpx.AsyncClient(headers={{"Authorization": "Bearer k"}}) as client:
        body = {{"model": "Veo3", "payload": {_PAYLOAD}}}
        made = [(await client.post(base + "/requests", json=body)).json() for _ in range(10)]
        async def looks(job):
            for _ in range(jobs):
                url = base + "/requests/" + job["request_id"]
                (await client.get(url)).raise_for_status().json()
        await asyncio.gather(*(looks(job) for job in made for _ in range(10)))
spent(lambda jobs: asyncio.run(main(jobs)))
""",
}
# The name of a file promises here that all of it is on the disk: so, too, beside a bare write.
SYNCED = "out.flush(), os.fsync(out.fileno())"
for name in ("download, httpx", "async download, httpx"):
    PROGRAMS[f"{name} and fsync"] = PROGRAMS[name].replace("SYNC", SYNCED)
    PROGRAMS[name] = PROGRAMS[name].replace("SYNC", "")


def rows(python: Path, runs: int) -> list[Row]:
    """Submitting and waiting, a look, and 300 MB both ways."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with (folder / "big.mp4").open("wb") as file:
            file.write(b"\0\0\0\x18ftypmp42")
            file.truncate(FILE_MB << 20)
        (folder / "small.mp4").write_bytes(b"\0\0\0\x18ftypmp42" + bytes(1000))
        # By the turn of the files the big one has settled, as one is that somebody uploads.
        looks = [*_cpu(python, folder, runs), _together(python, folder, runs)]
        return [*looks, *_files(python, folder, runs)]


def _cpu(python: Path, folder: Path, runs: int) -> list[Row]:
    found = []
    for colour in ("sync", "async"):
        few = _turns(python, folder, (colour, f"{colour}, httpx"), JOBS, LOOKS, runs)
        mine, bare = (1000 * few[name][0] / JOBS for name in (colour, f"{colour}, httpx"))
        what = f"CPU of a submission and {LOOKS} looks, {colour}"
        found.append(Row(what, mine, "ms", "httpx", {"httpx": bare}, 1.15, why=_WHY))
        many = _turns(python, folder, (colour, f"{colour}, httpx"), JOBS // 10, 10 * LOOKS, runs)
        looks = JOBS // 10 * 10 * LOOKS
        mine, bare = (1000 * many[name][0] / looks for name in (colour, f"{colour}, httpx"))
        found.append(
            Row(f"CPU of a look, {colour}", mine, "ms", others={"httpx": bare}, target=0.6)
        )
    return found


def _together(python: Path, folder: Path, runs: int) -> Row:
    names = ("many", "many, httpx")
    spent = _turns(python, folder, names, MANY, 10**9, runs)
    mine, bare = (1000 * spent[name][0] / (100 * MANY) for name in names)
    what = "CPU of a look, async, 100 at a time"
    return Row(what, mine, "ms", "httpx", {"httpx": bare}, 1.0)


def _files(python: Path, folder: Path, runs: int) -> list[Row]:
    found = []
    for way in ("download", "async download", "upload", "async upload"):
        than = "httpx and fsync" if "download" in way else "httpx"
        names = tuple(dict.fromkeys((way, f"{way}, httpx", f"{way}, {than}")))
        spent = _turns(python, folder, names, 1, 1, runs)
        others = {name.removeprefix(f"{way}, "): spent[name][1] for name in names[1:]}
        what = f"{way} of {FILE_MB} MB"
        found.append(Row(what, spent[way][1], "s", than, others, round(1 / 0.9, 2)))
        cpu = {"httpx": spent[f"{way}, httpx"][0]}
        found.append(Row(f"{what}, CPU", spent[way][0], "s", "httpx", cpu, round(1 / 0.9, 2)))
        other = {"httpx": spent[f"{way}, httpx"][2]}
        found.append(Row(f"{what}, memory", spent[way][2], "MB", "", other, 10))
    return found


def _turns(
    python: Path, folder: Path, names: tuple[str, ...], jobs: int, looks: int, runs: int
) -> dict[str, list[float]]:
    found: dict[str, list[list[float]]] = {name: [] for name in names}
    with Loopback(looks, FILE_MB) as server:
        for _ in range(runs):
            for name in names:
                done = subprocess.run(
                    [
                        str(python),
                        "-c",
                        _CLOCK + PROGRAMS[name],
                        server.base,
                        str(jobs),
                        str(folder),
                    ],
                    capture_output=True,
                    text=True,
                    check=False,
                    env={"PATH": "/usr/bin:/bin", "PYTHONPATH": PATH},
                )
                if done.returncode:
                    raise RuntimeError(f"{name}: {done.stderr[-600:]}")
                found[name].append(json.loads(done.stdout))
    # Of CPU the least: it is what others on the machine have disturbed the least.
    of_each = min, statistics.median, max
    return {
        name: [of(column) for of, column in zip(of_each, zip(*each, strict=True), strict=True)]
        for name, each in found.items()
    }


if __name__ == "__main__":
    import sys

    for row in rows(Path(sys.executable), 2):
        print(*row.cells())
