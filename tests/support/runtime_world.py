"""Either colour of client behind one way of calling it, and the models it talks about."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from gmigen.client import AsyncClient, Client, Poll
from gmigen.emulator import Emulator
from gmigen.runtime.protocol.effects import Timeouts

KEY = "sk-CANARY-0123456789"
QUICK = Poll(min=0.01, max=0.02)
IMPATIENT = Timeouts(connect=1.0, read=0.3, total=0.6)
PNG = b"\x89PNG\r\n\x1a\n" + b"pixels" * 100


def details(model: str, output: str = "video", **more: Any) -> bytes:
    """A details document whose one required parameter is `prompt`."""
    document = {
        "model": model,
        "model_type": output,
        "modalities": {"input": ["text"], "output": [output]},
        "parameters": [{"name": "prompt", "type": "string", "required": True}],
        **more,
    }
    return json.dumps(document).encode()


DOCUMENTS = {
    "clip-1": details("clip-1"),
    "clip-2": details("clip-2"),
    "picture-1": details("picture-1", "image"),
    "gemini-picture": details("gemini-picture", "image"),
    "song-1": details("song-1", "audio", tags=["music"]),
    "with space/and.dot": details("with space/and.dot"),
}
PROMPT = {"prompt": "a paper boat"}


class Talk:
    """A client; calling the talk brings the value of a call, whatever its colour."""

    def __init__(self, client: Any, loop: asyncio.AbstractEventLoop | None) -> None:
        self.client = client
        self.loop = loop

    @property
    def is_async(self) -> bool:
        return self.loop is not None

    def __call__(self, value: Any) -> Any:
        if self.loop is None:
            return value
        assert isinstance(value, Awaitable), "the asynchronous client returns awaitables"
        return self.loop.run_until_complete(_awaited(value))

    def all(self, values: Any) -> list[Any]:
        """Everything an iterator yields."""
        if self.loop is None:
            return list(values)

        async def collected() -> list[Any]:
            return [value async for value in values]

        return self.loop.run_until_complete(collected())

    def save(self, thing: Any, path: Any, **how: Any) -> Any:
        return self(thing.save(path, **how))

    def read(self, artifact: Any, **how: Any) -> bytes:
        data: bytes = self(artifact.read(**how))
        return data

    def impatient(self) -> None:
        """Give up on silence within a second, where a user's client waits for minutes."""
        api = self.client._session.context
        api.ask_timeouts = api.submit_timeouts = api.upload_timeouts = IMPATIENT
        # The whole of a download is bounded by this one, its silences by `read`.
        api.download_timeouts = replace(IMPATIENT, total=30.0)


async def _awaited(value: Awaitable[Any]) -> Any:
    return await value


@contextmanager
def talking(colour: str, running: Emulator, **options: Any) -> Iterator[Talk]:
    """A client of this colour, closed at the end."""
    options = {"base_url": running.base_url, "api_key": KEY, "poll": QUICK, **options}
    if colour == "sync":
        with Client(**options) as client:
            yield Talk(client, None)
        return
    loop = asyncio.new_event_loop()
    client = AsyncClient(**options)
    try:
        yield Talk(client, loop)
    finally:
        loop.run_until_complete(client.aclose())
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()
