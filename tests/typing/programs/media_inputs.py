"""Pictures, clips and sounds: an address, a data URI, a path, bytes, an open file, a picture."""

import io
import tempfile
from pathlib import Path

import numpy
from PIL import Image
from pydantic import HttpUrl
from starlette.datastructures import UploadFile

from gmi_inference import Client
from gmi_inference.models import (
    GptImage2EditRequest,
    Ltx2ProAudioToVideoRequest,
    Seedance2_0_260128Request,
    Wan2_7VideoeditRequest,
)
from gmi_inference.requests.media import inline


class Made:
    """An artifact, as far as a request is concerned."""

    def as_input(self) -> str:
        return "https://example.com/made.mp4"


def uploaded(file: UploadFile, page: HttpUrl) -> list[GptImage2EditRequest]:
    return [GptImage2EditRequest(prompt="a cat", image=one) for one in (file, page)]


with Client() as client, Path("voice.wav").open("rb") as voice:
    client.run(Ltx2ProAudioToVideoRequest(audio_uri=voice, image_uri=Path("face.png")))
    client.run(Ltx2ProAudioToVideoRequest(audio_uri=b"RIFF", image_uri=inline("face.png")))
    client.run(Wan2_7VideoeditRequest(prompt="make it snow", video=Path("clip.mp4")))
    client.run(Wan2_7VideoeditRequest(prompt="make it snow", video=Made()))
    client.run(
        GptImage2EditRequest(prompt="two cats", image=[Path("a.png"), "data:image/png;base64,"])
    )
    client.run(GptImage2EditRequest(prompt="one cat", image="https://example.com/cat.png", n=2))
    folder = sorted(Path("frames").glob("*.png"))
    client.run(Seedance2_0_260128Request(prompt="a walk", reference_images=[*folder[:9]]))

# Lists of one kind, and tuples, go where lists of any kind go.
addresses: list[str] = ["https://example.com/a.png"]
pictures = (Image.open("a.png"), Image.open("b.png"))
GptImage2EditRequest(prompt="a cat", image=addresses)
GptImage2EditRequest(prompt="a cat", image=pictures)
GptImage2EditRequest(prompt="a cat", image=numpy.zeros((4, 4, 3), dtype=numpy.uint8))
Seedance2_0_260128Request(prompt="a walk", reference_images=folder)
Seedance2_0_260128Request(prompt="a walk", reference_images=tuple(folder))
with tempfile.TemporaryFile() as drawn:
    GptImage2EditRequest(prompt="a cat", image=[drawn, io.BytesIO(), bytearray(), memoryview(b"")])
