"""A client behind a proxy, with its own pace and a journal."""

import math
from pathlib import Path

import httpx

from gmi_inference import Client, ConfigurationError, Poll
from gmi_inference.models import ViduQ3ProT2vRequest

pace = Poll(min=1.0, max=10.0, prior=90.0, stalled_after=math.inf)
try:
    with httpx.Client(proxy="http://localhost:3128") as http:
        client = Client(poll=pace, journal=Path("jobs.jsonl"), timeout=math.inf, http_client=http)
        client.run(ViduQ3ProT2vRequest(prompt="a kite"))
        client.close()
except ConfigurationError as error:
    raise SystemExit(error.message) from None
