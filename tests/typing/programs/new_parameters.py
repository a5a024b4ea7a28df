"""Parameters that came after the snapshot, and what goes over the wire in the end."""

from typing import Any

from gmi_inference.models import Veo3Request

request = Veo3Request(
    prompt="a paper boat",
    aspect_ratio="9:16",
    extra_payload={"cameraMotion": "dolly", "durationSeconds": "12"},
)
payload: dict[str, Any] = request.payload()
assert payload["durationSeconds"] == "12"
