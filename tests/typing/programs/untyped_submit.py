"""A model the package does not know yet."""

from typing import Any

import gmi_inference
from gmi_inference import Client

payload: dict[str, Any] = {"prompt": "a paper boat", "steps": 30, "loras": [{"name": "ink"}]}
with Client() as client:
    job = client.submit("some-new-model", payload)
    outcome: dict[str, Any] = job.result().outcome
    status: str | None = job.status
gmi_inference.run("another-new-model", {"prompt": "a kite"}, timeout=120).save(".")
