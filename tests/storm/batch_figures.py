"""What a batch costs the machine: `python tests/storm/batch_figures.py 1000 3000 10000`.

The emulator runs in a process of its own, its jobs take a second. For each number of requests: what
checking and noting them took, how many ended a second from then on, the most memory of the worker,
its processor time, and the size of the database. With --database-url, on that PostgreSQL, with
--workers processes.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

SERVE = """
import sys
from gmi_inference.testing import emulated
with emulated(job_seconds=1.0, echo_payload=False) as api:
    print(api.base_url, flush=True)
    sys.stdin.readline()
    print(len(api.log.posts()), len(api.log.billed_jobs), flush=True)
"""
WORK = """
import json, os, resource, sys, time
from gmi_inference import batch
began, first, seen = time.monotonic(), [], {}
def tell(counts):
    if not first:
        first.append(time.monotonic())
word, file, folder, url, name, concurrency = sys.argv[1:]
how = {"database_url": url or None, "name": name, "tell": tell}
if word == "run":
    batch.run(file, folder, concurrency=int(concurrency), **how)
else:
    while True:
        try:
            batch.work(folder, **how)
            break
        except batch.api.ConfigurationError:
            time.sleep(0.5)
used = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps({
    "before": first[0] - began, "during": time.monotonic() - first[0],
    "rss_mb": used.ru_maxrss / 1024, "cpu": used.ru_utime + used.ru_stime,
}))
"""


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def measure(requests: int, url: str, workers: int, concurrency: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file, out = Path(folder) / "requests.jsonl", Path(folder) / "out"
        prompt = "a paper boat in rain, seen from above, in the colours of an old postcard"
        lines = ({"model": "Veo3", "payload": {"prompt": f"{n} {prompt}"}} for n in range(requests))
        file.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
        with subprocess.Popen(
            [sys.executable, "-c", SERVE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as served:
            assert served.stdout is not None
            env = {
                **os.environ,
                "GMI_API_KEY": "k",
                "GMI_BASE_URL": served.stdout.readline().strip(),
            }
            name = f"figures_{requests}_{workers}_{os.getpid()}"
            asked = [str(file), str(out), url, name, str(concurrency)]
            crew = [
                subprocess.Popen(
                    [sys.executable, "-c", WORK, "work" if place else "run", *asked],
                    env=env, stdout=subprocess.PIPE, text=True,
                )
                for place in range(workers)
            ]  # fmt: skip
            told: list[dict[str, Any]] = [json.loads(one.communicate()[0]) for one in crew]
            posts, billed = served.communicate("\n")[0].split()
        assert int(posts) == int(billed) == requests, (posts, billed)
        done = (out / "manifest.jsonl").read_text().count('"state": "done"')
        size = sum(path.stat().st_size for path in out.glob("batch.db*") if path.is_file())
        manifest = (out / "manifest.jsonl").stat().st_size
    cpu = sum(one["cpu"] for one in told)
    say(
        f"{requests:>6} requests, {workers} worker(s): noted in {told[0]['before']:.0f} s"
        f"; {requests / told[0]['during']:.1f} ended a second; "
        f"{max(one['rss_mb'] for one in told):.0f} MB at most; "
        f"{cpu / requests * 1000:.1f} ms of processor each; database {size / 1e6:.1f} MB "
        f"({size / requests:.0f} bytes each), manifest {manifest / 1e6:.1f} MB; {done} done"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("requests", type=int, nargs="*", default=[1000, 3000, 10000])
    parser.add_argument("--database-url", default="")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--concurrency", type=int, default=64)
    given = parser.parse_args()
    began = time.strftime("%Y-%m-%d")
    say(
        f"{began}, Python {sys.version.split()[0]}, {os.cpu_count()} cores, "
        f"load {os.getloadavg()[0]:.1f}"
    )
    for requests in given.requests:
        measure(requests, given.database_url, given.workers, given.concurrency)


if __name__ == "__main__":
    main()
