"""Watching a job in `async for`, and asking for others meanwhile."""

import asyncio
from typing import Any

from gmi_inference import AsyncClient, AsyncJob
from gmi_inference.models import Veo3FastRequest


async def follow(job: AsyncJob) -> str:
    async for event in job.events(timeout=900):
        print(event)
    return (await job.refresh()).status or "unknown"


async def main() -> None:
    async with AsyncClient() as client:
        job = await client.submit(Veo3FastRequest(prompt="a paper boat"))
        status, others = await asyncio.gather(follow(job), client.jobs.list(limit=10))
        details: dict[str, Any] = await client.models.get(job.model)
        print(status, [other.id for other in others], details.get("display_name"))


asyncio.run(main())
