"""A batch in `async for`."""

import asyncio

from gmi_inference import AsyncClient, AsyncResult
from gmi_inference.models import Seedream5_0LiteRequest


async def addresses(prompts: list[str]) -> list[str]:
    requests = (Seedream5_0LiteRequest(prompt=prompt, watermark=True) for prompt in prompts)
    found: list[str] = []
    async with AsyncClient(poll=2.0) as client:
        async for done in client.map(requests, concurrency=16):
            if isinstance(done, AsyncResult):
                found.append(done.url)
            else:
                print(done.job_id, done.message)
    return found


print(asyncio.run(addresses(["a harbour", "a street"])))
