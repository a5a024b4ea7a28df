"""Pictures, clips and sounds: an address, a data URI, a path, or an open file."""

from pathlib import Path

from gmi_inference import Client
from gmi_inference.models import (
    GptImage2EditRequest,
    Ltx2ProAudioToVideoRequest,
    Seedance2_0_260128Request,
    Wan2_7VideoeditRequest,
)

with Client() as client, Path("voice.wav").open("rb") as voice:
    client.run(Ltx2ProAudioToVideoRequest(audio_uri=voice, image_uri=Path("face.png")))
    client.run(Wan2_7VideoeditRequest(prompt="make it snow", video=Path("clip.mp4")))
    client.run(
        GptImage2EditRequest(prompt="two cats", image=[Path("a.png"), "data:image/png;base64,"])
    )
    client.run(GptImage2EditRequest(prompt="one cat", image="https://example.com/cat.png", n=2))
    folder = sorted(Path("frames").glob("*.png"))
    client.run(Seedance2_0_260128Request(prompt="a walk", reference_images=[*folder[:9]]))
