"""One upload for many requests, with a bar."""

from pathlib import Path

from gmi_inference import Client
from gmi_inference.models import KlingV2_6Request


def bar(done: int, total: int | None) -> None:
    print(f"{done / total:.0%}" if total else f"{done} bytes", end="\r")


with Client() as client:
    address: str = client.upload(Path("cat.png"), on_progress=bar)
    from_memory: str = client.upload(b"RIFF", name="voice.wav")
    jobs = [
        client.submit(KlingV2_6Request(prompt=prompt, image=address))
        for prompt in ("it jumps", "it sleeps")
    ]
