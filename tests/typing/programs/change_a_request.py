"""One request, changed and sent again, with its fields as typed values."""

from typing import Literal

from gmi_inference import Client
from gmi_inference.models import PixverseV5_5I2vRequest, Wan2_7VideoeditRequest

request = PixverseV5_5I2vRequest(
    image_url="https://example.com/a.png", prompt="it turns", duration=8
)
quality: Literal["360p", "540p", "720p", "1080p"] | None = request.quality
longest: int | None = request.duration
longer: PixverseV5_5I2vRequest = request.with_(duration=10)
again: PixverseV5_5I2vRequest = PixverseV5_5I2vRequest.from_payload(request.payload())
same: PixverseV5_5I2vRequest = PixverseV5_5I2vRequest(**request.model_dump())

with Client() as client:
    for seconds in (5, 8, 10):
        request.duration = seconds
        client.submit(request)

edit = Wan2_7VideoeditRequest(
    prompt="snow", video="https://example.com/a.mp4", reference_image=None
)
edit.seed = 7
if edit.duration is not None:
    print(edit.duration + 1)
