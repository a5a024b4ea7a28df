"""One call of one client against a local server; run by peers.py in the throwaway environment.

Arguments: the client, `submit` or `run`, and the server's address. Policies are the clients' own
defaults. Only times are shortened: how long an answer is waited for, and the pause between looks.
Prints `returned`, or the class of the error.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any

PATIENCE = 1.0
PAYLOAD = {"prompt": "a paper boat"}


def ours(base: str, wait: bool) -> Any:
    from gmi_inference import Client
    from gmi_inference.runtime.protocol.effects import Timeouts

    with Client("key", base_url=base, poll=0.1) as client:
        api = client._session.context
        api.submit_timeouts = api.ask_timeouts = Timeouts(PATIENCE, PATIENCE, 3 * PATIENCE)
        return client.run("m", PAYLOAD).url if wait else client.submit("m", PAYLOAD).id


def fal(base: str, wait: bool) -> Any:
    import fal_client.client as module

    module.QUEUE_URL_FORMAT = f"{base}/"
    module.MAX_DELAY = 0.2  # its ten attempts would take minutes
    client = module.SyncClient(key="key", default_timeout=PATIENCE)
    return client.subscribe("a/m", PAYLOAD) if wait else client.submit("a/m", PAYLOAD).request_id


def openai(base: str, wait: bool) -> Any:
    from openai import OpenAI

    client = OpenAI(api_key="key", base_url=base, timeout=PATIENCE)
    if not wait:
        return client.images.generate(model="m", prompt="a paper boat").data
    video = client.videos.create_and_poll(prompt="a paper boat", poll_interval_ms=100)
    return video.status == "completed" or _lost(video.status)


def replicate(base: str, wait: bool) -> Any:
    import httpx
    import replicate as module

    client = module.Client(api_token="key", base_url=base, timeout=httpx.Timeout(PATIENCE))
    client.poll_interval = 0.1
    prediction = client.predictions.create(model="a/m", input=PAYLOAD)
    if not wait:
        return prediction.id
    prediction.wait()
    return prediction.status == "succeeded" or _lost(prediction.status)


def comfy(base: str, wait: bool) -> Any:
    os.environ |= {"COMFY_BASE_URL": base, "COMFY_ROUTER_BASE_URL": base}
    from comfy_sdk import Comfy

    client = Comfy(api_key="comfyui-key", timeout=PATIENCE)
    if wait:
        return client.models.subscribe("a/m", PAYLOAD, timeout=30.0)
    return client.models.submit("a/m", PAYLOAD).request_id


def genblaze(base: str, wait: bool) -> Any:
    from genblaze_core.models.step import Step
    from genblaze_gmicloud import GMICloudImageProvider

    os.environ["GENBLAZE_SKIP_PREFLIGHT"] = "1"
    provider = GMICloudImageProvider("key", base_url=base, http_timeout=PATIENCE, poll_interval=0.1)
    step = Step(provider="gmicloud", model="seedream-5.0-lite", prompt="a paper boat")
    if not wait:
        return provider.submit(step)
    done = provider.invoke(step, {"timeout": 30.0})
    return bool(done.assets) or _lost(str(done.error))


def _lost(why: str | None) -> Any:
    raise RuntimeError(f"no result: {why}")


CALLS: dict[str, Callable[[str, bool], Any]] = {
    "ours": ours,
    "fal-client": fal,
    "openai": openai,
    "replicate": replicate,
    "comfy-sdk": comfy,
    "genblaze-gmicloud": genblaze,
}


def main() -> None:
    name, what, base = sys.argv[1:]
    try:
        CALLS[name](base, what == "run")
    except Exception as error:
        sys.stdout.write(f"{type(error).__name__}: {str(error)[:160]}\n")
    else:
        sys.stdout.write("returned\n")


if __name__ == "__main__":
    main()
