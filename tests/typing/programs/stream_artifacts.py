"""Files of a result as bytes, as a stream, and on disk."""

import shutil
from pathlib import Path

from gmi_inference import Artifact, Client
from gmi_inference.models import Gemini3ProImageRequest


def largest(artifacts: list[Artifact]) -> Artifact:
    return max(artifacts, key=lambda artifact: (artifact.width or 0) * (artifact.height or 0))


with Client() as client:
    result = client.run(
        Gemini3ProImageRequest(prompt="a map", image_size="4K", aspect_ratio="16:9")
    )

picture = largest(result.artifacts)
content: bytes = picture.read(max_bytes=50_000_000)
size: int = sum(len(piece) for piece in picture.iter_bytes())
with picture.open() as source, Path("map").with_suffix(".png").open("wb") as target:
    shutil.copyfileobj(source, target)
moving = [a.save("out", overwrite=True) for a in result.artifacts if a.kind == "video"]
seconds: float = sum(artifact.duration_s or 0.0 for artifact in result.artifacts)
preview: str | None = result.thumbnail_url
