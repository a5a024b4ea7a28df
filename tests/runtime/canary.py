"""Does everything a user can do, well and badly, and writes down all that can be written down.

Logs of every library at DEBUG go to `everything.log`, tracebacks with their locals to
`tracebacks.txt`, pickles to `pickles.bin`; warnings and what is printed go where they go.
"""

from __future__ import annotations

import asyncio
import copy
import logging
import os
import pickle
import sys
import traceback
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from gmigen.client import AsyncClient, Client, GMIError, Poll

PNG = b"\x89PNG\r\n\x1a\n" + b"pixels" * 100
HERE = __file__


def note(error: BaseException) -> None:
    """The whole story of an error: its chain, the locals of every frame but ours, its members."""
    shown = traceback.TracebackException.from_exception(error, capture_locals=True)
    for one in _chain(shown):
        # Our own frames hold the environment and the prompt, as any user's would.
        one.stack = traceback.StackSummary.from_list(f for f in one.stack if f.filename != HERE)
    with Path("tracebacks.txt").open("a") as stream:
        stream.writelines(shown.format())
        stream.write(repr(error) + "\n")
    if isinstance(error, GMIError):
        kept = {name: value for name, value in vars(error).items() if name != "request"}
        with Path("tracebacks.txt").open("a") as stream:
            stream.write(repr(kept) + "\n")
        error.request = None
        keep(pickle.dumps(error))


def keep(pickled: bytes) -> None:
    with Path("pickles.bin").open("ab") as stream:
        stream.write(pickled)


def _chain(shown: Any) -> Any:
    while shown is not None:
        yield shown
        shown = shown.__cause__ or shown.__context__


async def everything(client: Any, call: Callable[[Any], Awaitable[Any]]) -> None:
    prompt = os.environ["CANARY_PROMPT"]
    payload = {"prompt": prompt}
    result = await call(client.run("clip-1", {**payload, "image": PNG}))
    await call(result.save(Path("out")))
    job = await call(client.submit("clip-1", payload))
    for attempt in (
        lambda: client.submit("clip-1", payload),  # a reset
        lambda: client.submit("clip-1", payload),  # a 502 that echoes the key
        lambda: client.submit("clip-1", payload),  # a 401 that echoes the key
        lambda: client.submit("clip-1", {"no": "prompt"}),
        lambda: client.submit("Clip-1", payload),
        lambda: client.jobs.get("emu-nobody"),
        lambda: client.upload(b"not a picture"),
        lambda: client.submit("clip-1", {"prompt": {1, 2}}),
    ):
        try:
            await call(attempt())
        except GMIError as error:
            note(error)
    for refused in (pickle.dumps, copy.deepcopy):
        try:
            refused(client)
        except TypeError as error:
            note(error)
    try:
        type(client)("sk-CANARY with a space")
    except GMIError as error:
        note(error)
    for thing in (client, job, result, result.artifact, client.__dict__, client._session.context):
        sys.stdout.write(f"{thing!r}\n{thing!s}\n")
    keep(pickle.dumps(job))
    sys.stdout.write("ends well\n")


async def at_once(value: Any) -> Any:
    return value


def run(flow: Any) -> None:
    """Drive a coroutine that never really waits."""
    try:
        flow.send(None)
    except StopIteration:
        return


async def asynchronous() -> None:
    async with AsyncClient(poll=Poll(min=0.01, max=0.02), journal="journal.jsonl") as client:

        async def call(value: Any) -> Any:
            return await value

        await everything(client, call)


def main() -> None:
    logging.basicConfig(filename="everything.log", level=logging.DEBUG)
    if sys.argv[1] == "leak":
        logging.getLogger("httpx").debug("a key: %s", os.environ["GMI_API_KEY"])
    elif sys.argv[1] == "async":
        asyncio.run(asynchronous())
    else:
        with Client(poll=Poll(min=0.01, max=0.02), journal="journal.jsonl") as client:
            run(everything(client, at_once))


if __name__ == "__main__":
    main()
