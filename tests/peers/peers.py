"""This client beside others, under the same faults, in one run: `python tests/peers/peers.py`.

Two tables. How many POSTs the server received for one logical submission: each further one may be
a further charge. And whether a wait outlives two bad answers in a row. The server counts; what a
client believes is not asked. The others are installed into a throwaway environment from the
package registry, at the versions of requirements.txt.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
import venv
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from peers_server import Server, serving

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SUBMIT = ("reset", "fin", "hang", "cut json", "408", "409", "429", "500", "502 html", "503", "504")
POLL = (
    "reset", "fin", "hang", "cut json", "404", "408", "429", "500", "502 html", "503", "504",
    "html 200",
)  # fmt: skip
LIMIT = 60.0


def say(line: str = "") -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def pinned() -> dict[str, str]:
    lines = (HERE / "requirements.txt").read_text().splitlines()
    found = dict(line.split("==") for line in lines if "==" in line)
    return {name: found[name] for name in sorted(found)}


def environment(folder: Path) -> tuple[Path, dict[str, str]]:
    """Make the throwaway environment; its Python, and why a client is missing from it."""
    venv.create(folder, with_pip=True)
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    pip = [str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    missing: dict[str, str] = {}
    # The client itself from this checkout, by path, with what it depends on.
    subprocess.run([*pip, "httpx>=0.27,<1", "pydantic>=2.9,<3"], check=True)
    for name, version in pinned().items():
        done = subprocess.run(
            [*pip, f"{name}=={version}"], capture_output=True, text=True, check=False
        )
        if done.returncode:
            why = done.stderr.strip().splitlines() or ["no reason given"]
            missing[name] = why[-1][:100]
    return python, missing


def call(python: Path, client: str, what: str, fault: str) -> tuple[str, Server]:
    """One process, one call; what it printed, and the server that saw it."""
    server = Server(client)
    if what == "submit":
        server.post_fault = fault
    else:
        server.get_fault = fault
    variables = {
        "PATH": os.environ.get("PATH", ""),
        "HOME": tempfile.gettempdir(),
        "PYTHONPATH": str(ROOT / "generated"),
    }
    with serving(server):
        arguments = [str(python), str(HERE / "peers_calls.py"), client, what, server.base]
        try:
            done = subprocess.run(
                arguments, env=variables, capture_output=True, text=True, timeout=LIMIT, check=False
            )
            said = done.stdout.strip() or done.stderr.strip()[-160:]
        except subprocess.TimeoutExpired:
            said = f"still at it after {LIMIT:.0f} s"
    return said, server


def posts(python: Path, client: str, fault: str) -> str:
    said, server = call(python, client, "submit", fault)
    if server.posts == 0:
        return f"? {said[:20]}"
    same_key = "" not in server.keys and len(server.keys) == 1
    return f"{server.posts}{'k' if same_key else ''}"


def outlives(python: Path, client: str, fault: str) -> str:
    said, server = call(python, client, "run", fault)
    if said == "returned":
        return "yes" if server.posts == 1 else f"yes, {server.posts} POSTs"
    return "no"


def table(title: str, columns: tuple[str, ...], rows: dict[str, list[str]], out: list[str]) -> None:
    wide = max(map(len, rows))
    widths = [
        max(len(column), *(len(cells[number]) for cells in rows.values() if len(cells) > 1))
        for number, column in enumerate(columns)
    ]
    out += ["", title, ""]
    head = "  ".join(column.rjust(width) for column, width in zip(columns, widths, strict=True))
    out.append(f"{'':{wide}}  {head}")
    for name, cells in rows.items():
        if len(cells) == 1:
            out.append(f"{name:{wide}}  {cells[0]}")
            continue
        line = "  ".join(cell.rjust(width) for cell, width in zip(cells, widths, strict=True))
        out.append(f"{name:{wide}}  {line}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--python", type=Path, help="an environment made before, to use again")
    given = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="gmi-peers-") as name:
        missing: dict[str, str] = {}
        python = given.python
        if python is None:
            say("Installing the other clients into a throwaway environment ...")
            python, missing = environment(Path(name))
        clients = {"ours": "this checkout", **pinned()}
        out: list[str] = []
        for title, columns, measure in (
            (
                "POSTs the server received for one submission (k: all under one idempotency key)",
                SUBMIT,
                posts,
            ),
            ("Does a wait outlive this answer to two looks in a row?", POLL, outlives),
        ):
            rows: dict[str, list[str]] = {}
            for client, version in clients.items():
                label = f"{client} {version}"
                if client in missing:
                    rows[label] = [f"not installed: {missing[client]}"]
                    continue
                with ThreadPoolExecutor(4) as pool:
                    cells = [pool.submit(measure, python, client, fault) for fault in columns]
                    rows[label] = [cell.result() for cell in cells]
                say(f"  {label}: {' '.join(rows[label])}")
            table(title, columns, rows, out)
    say("\n".join(out))
    say()
    say("Policies are the clients' defaults; an answer is waited for 1 s, fal's pauses are cut to")
    say("0.2 s and looks are 0.1 s apart, to save time. openai submits with images.generate and")
    say("waits with videos.create_and_poll. Loopback; the server counts.")
    say(f"{time.monotonic() - began:.0f} s, Python {sys.version.split()[0]}")


if __name__ == "__main__":
    main()
