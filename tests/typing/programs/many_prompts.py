"""Many requests of two models at once; each answer knows its request."""

from pathlib import Path

from gmi_inference import Client, GMIError
from gmi_inference.models import KlingV2_6Request, Veo3Request

prompts = ["waves", "a paper boat", "fog over a harbour"]
requests = [
    *(Veo3Request(prompt=prompt) for prompt in prompts),
    *(KlingV2_6Request(prompt=prompt, duration="10", cfg_scale=0.7) for prompt in prompts),
]

clips: list[Path] = []
refused: list[str] = []
with Client() as client:
    for done in client.map(requests, concurrency=4, timeout=600):
        if isinstance(done, GMIError):
            refused.append(done.message)
        else:
            clips += done.save("clips")
