"""The same words, awaited."""

import asyncio
from pathlib import Path

import gmi_inference
from gmi_inference import AsyncClient, AsyncJob, AsyncResult
from gmi_inference.models import MinimaxTtsSpeech2_6HdRequest


async def say(client: AsyncClient, text: str) -> list[Path]:
    request = MinimaxTtsSpeech2_6HdRequest(text=text, emotion="calm", speed=1.2, format="mp3")
    job: AsyncJob = await client.submit(request)
    result: AsyncResult = await job.result(timeout=60)
    return await result.save("speech")


async def main() -> None:
    async with AsyncClient() as client:
        saved = await asyncio.gather(*(say(client, text) for text in ("Hello.", "Goodbye.")))
        print([path.name for paths in saved for path in paths])
    await gmi_inference.arun(MinimaxTtsSpeech2_6HdRequest(text="One more."))


asyncio.run(main())
