"""Other people's clients for this queue at the emulator: `python tests/clients/clients.py`.

Each lists the models, submits, polls and downloads a video, a picture and a speech, uploads the
picture, and meets 401, 402, 404, 429, 503 and a held 504. What each reads is compared with what
this client reads, byte for byte; what each was refused with is shown. Ends with 1 where a file
differs or a visit fails. The others come from the package registry into a throwaway environment,
at the versions of requirements.txt.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import venv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.responses import Response

from gmigen import resources
from gmigen.catalog.snapshot import documents
from gmigen.emulator import Emulator, emulator, faults
from gmigen.emulator.exchange import Exchange

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
CLIENTS = ("ours", "gmicloud", "genblaze-gmicloud")
LIMIT = 120.0
SPOKEN = {
    "model": "Chatterbox-tts",
    "model_type": "audio",
    "modalities": {"input": ["text"], "output": ["audio"]},
    "parameters": [{"name": "prompt", "type": "string", "required": True}],
}
"""A speech model whose page has the one parameter `prompt`: genblaze-gmicloud sends no other, and
is refused by every speech model that asks for `text`."""
HELD_SECONDS = 2.0
NOWHERE = "http://127.0.0.1:9"


@dataclass(frozen=True)
class ByPrompt:
    """The fault that the prompt asks for, so that every client meets each one once."""

    async def answer(self, exchange: Exchange) -> Response:
        body = json.loads(await exchange.read())
        prompt = str(body["payload"].get("prompt", ""))
        known = {
            "meets a 401": faults.Status(401, "Invalid or missing API key"),
            "meets a 402": faults.Status(402, "Insufficient credits."),
            "meets a 429": faults.RateLimited(retry_after_ms=200_000),
            "meets a 503": faults.Capacity(process=False),
        }
        if prompt == "meets a 504":
            await exchange.honest()
            await exchange.hold_until(exchange.clock.now() + HELD_SECONDS)
            return await faults.Html(504, "Gateway Time-out").answer(exchange)
        fault = known.get(prompt)
        return await (fault.answer(exchange) if fault else exchange.honest())


def environment(folder: Path) -> Path:
    """Make the throwaway environment; its Python."""
    venv.create(folder, with_pip=True)
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    pip = [str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    subprocess.run([*pip, "-r", str(HERE / "requirements.txt"), "httpx>=0.27,<1"], check=True)
    return python


def visit(python: Path, client: str, folder: Path) -> tuple[dict[str, Any] | str, Emulator]:
    """What a client read, or how it failed, and the emulator it was at."""
    folder.mkdir()
    models = {**documents(resources.snapshot()), "Chatterbox-tts": json.dumps(SPOKEN).encode()}
    with emulator(models, tls="files", job_seconds=0.3) as running:
        running.faults.add("submit", ByPrompt(), nth=None)
        authority = folder / "authority.pem"
        authority.write_text(running.authority)
        given = {
            "base_url": running.base_url,
            "twin_url": running.twin_url,
            "authority": str(authority),
            "folder": str(folder),
        }
        variables = {"PATH": os.environ.get("PATH", ""), "HOME": str(folder)}
        variables["PYTHONPATH"] = str(ROOT / "generated")
        # Whatever a client believes its address to be, nothing leaves this machine.
        variables |= {"HTTPS_PROXY": NOWHERE, "HTTP_PROXY": NOWHERE, "NO_PROXY": "127.0.0.1"}
        try:
            done = subprocess.run(
                [str(python), str(HERE / "clients_calls.py"), client, json.dumps(given)],
                env=variables,
                cwd=folder,
                capture_output=True,
                text=True,
                timeout=LIMIT,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return f"still at it after {LIMIT:.0f} s", running
    if done.returncode:
        return done.stderr.strip()[-600:] or "no reason given", running
    return json.loads(done.stdout.strip().splitlines()[-1]), running


def told(read: dict[str, dict[str, Any] | str], runs: dict[str, Emulator]) -> tuple[str, bool]:
    """A report, and whether every client read what this one did."""
    mine = read["ours"]
    lines, good = [], isinstance(mine, dict)
    for client, found in read.items():
        log = runs[client].log
        served = f"{len(log)} requests served, {len(log.posts())} submissions"
        lines += ["", f"{client}: {served}, {len(log.billed_jobs)} jobs"]
        if isinstance(found, str) or isinstance(mine, str):
            lines.append(f"  failed: {found if isinstance(found, str) else 'no comparison'}")
            good = False
            continue
        for name in ("models", "files", "upload"):
            same = found[name] == mine[name]
            good = good and same
            lines.append(f"  {name}: {'as ours' if same else f'{found[name]} != {mine[name]}'}")
        for refusal, words in found["refusals"].items():
            posts = sum(f"meets a {refusal}" in json.dumps(post.json) for post in log.posts())
            lines.append(f"  {refusal}, {posts} POST: {' '.join(words.split())[:150]}")
        leaked = len(log.auth_seen_on_foreign_host)
        lines.append(f"  credentials shown to the host of files: {leaked}")
    return "\n".join(lines), good


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--python", type=Path, help="an environment made before, to use again")
    given = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="gmi-clients-") as name:
        python = given.python
        if python is None:
            print("Installing the other clients into a throwaway environment ...", flush=True)
            python = environment(Path(name) / "environment")
        read, runs = {}, {}
        for client in CLIENTS:
            read[client], runs[client] = visit(python, client, Path(name) / client)
    report, good = told(read, runs)
    print(report)
    total = sum(len(running.log) for running in runs.values())
    print(f"\n{total} requests of real programs served in {time.monotonic() - began:.0f} s")
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
