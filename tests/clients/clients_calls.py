"""One client's whole visit to an emulator; run by clients.py in the throwaway environment.

Arguments: the client and one JSON object: base_url, twin_url, authority (a file), folder. Prints
one JSON object: what the client read. Nothing of a client is changed; the vendor's SDK has its
address in a module of constants, which is set before it is used.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

KEY = "emu-key"
WORK: dict[str, tuple[str, dict[str, Any]]] = {
    "video": ("kling-v3-omni", {"prompt": "a paper boat"}),
    "picture": ("seedream-5.0-lite", {"prompt": "a paper boat", "output_format": "png"}),
    "speech": ("Chatterbox-tts", {"prompt": "Good morning."}),
}
REFUSALS = ("401", "402", "404", "429", "503", "504")
ENDED = ("success", "failed", "cancelled")


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def ours(given: dict[str, str]) -> dict[str, Any]:
    from gmi_inference import Client, GMIError

    os.environ["SSL_CERT_FILE"] = given["authority"]
    read: dict[str, Any] = {"files": {}, "refusals": {}}
    picture = Path(given["folder"]) / "ours.png"
    with Client(KEY, base_url=given["base_url"], poll=0.05) as client:
        read["models"] = len(client.models.list())
        for kind, (model, payload) in WORK.items():
            (saved,) = client.run(model, payload).save(Path(given["folder"]) / "ours")
            read["files"][kind] = digest(saved.read_bytes())
            picture = saved if kind == "picture" else picture
        uploaded = client.upload(picture)
        read["upload"] = digest(fetched(uploaded, given))
        for refusal in REFUSALS:
            try:
                client.submit(refused(refusal)[0], refused(refusal)[1])
            except GMIError as error:
                read["refusals"][refusal] = f"{type(error).__name__}: {error}"
    return read


def vendor(given: dict[str, str]) -> dict[str, Any]:
    os.environ |= {"REQUESTS_CA_BUNDLE": given["authority"], "HOME": given["folder"]}
    constants = loaded_alone("gmicloud", "_internal/_config.py")
    constants.IAM_SERVICE_BASE_URL = given["twin_url"].removesuffix("/ie/requestqueue")
    import requests
    from gmicloud import Client
    from gmicloud._internal._client._file_upload_client import FileUploadClient
    from gmicloud._internal._models import SubmitRequestRequest

    client = Client("somebody@example.com", "a-password")
    videos = client.video_manager
    read: dict[str, Any] = {"files": {}, "refusals": {}}
    read["models"] = len(videos.get_models())
    for kind, (model, payload) in WORK.items():
        made = videos.create_request(SubmitRequestRequest(model=model, payload=payload))
        record = videos.get_request_detail(made.request_id)
        while record.status.value not in ENDED:
            time.sleep(0.05)
            record = videos.get_request_detail(made.request_id)
        assert record.request_id in {one.request_id for one in videos.get_requests(model)}
        file = requests.get(first_url(record.outcome), timeout=10)
        file.raise_for_status()
        read["files"][kind] = digest(file.content)
        if kind == "picture":
            (Path(given["folder"]) / "vendor.png").write_bytes(file.content)
    # The SDK has no call for the place of an upload; its own HTTP client has every path.
    http = videos.video_client.client
    place = http.post("/upload-url", client.iam_client.get_custom_headers(), {"file_type": "png"})
    picture = str(Path(given["folder"]) / "vendor.png")
    FileUploadClient.upload_small_file(place["upload_url"], picture, "image/png")
    read["upload"] = digest(requests.get(place["public_url"], timeout=10).content)
    for refusal in REFUSALS:
        model, payload = refused(refusal)
        said = videos.create_request(SubmitRequestRequest(model=model, payload=payload))
        read["refusals"][refusal] = json.dumps(said) if isinstance(said, dict) else repr(said)
    return read


def genblaze(given: dict[str, str]) -> dict[str, Any]:
    os.environ |= {"SSL_CERT_FILE": given["authority"], "GENBLAZE_SKIP_PREFLIGHT": "1"}
    import httpx
    from genblaze_core.models.step import Step
    from genblaze_gmicloud import (
        GMICloudAudioProvider,
        GMICloudImageProvider,
        GMICloudVideoProvider,
    )

    providers = {
        "video": GMICloudVideoProvider,
        "picture": GMICloudImageProvider,
        "speech": GMICloudAudioProvider,
    }
    read: dict[str, Any] = {"files": {}, "refusals": {}}
    picture = b""
    for kind, (model, payload) in WORK.items():
        provider = providers[kind](KEY, base_url=given["base_url"])
        params = {name: value for name, value in payload.items() if name != "prompt"}
        step = Step(provider=provider.name, model=model, prompt=payload["prompt"], params=params)
        # `invoke` is these three with a wait of 24 seconds before the first look.
        job = provider.submit(step).prediction_id
        while not provider.poll(job):
            time.sleep(0.05)
        asset, *_ = provider.fetch_output(job, step).assets
        content = httpx.get(asset.url).raise_for_status().content
        read["files"][kind] = digest(content)
        picture = content if kind == "picture" else picture
    provider = GMICloudImageProvider(KEY, base_url=given["base_url"])
    http = provider._get_http_client()
    read["models"] = len(http.get("/models").json()["model_ids"])
    place = http.post("/upload-url", json={"file_type": "png"}).json()
    headers = {"Content-Type": "image/png"}
    httpx.put(place["upload_url"], content=picture, headers=headers).raise_for_status()
    read["upload"] = digest(fetched(place["public_url"], given))
    for refusal in REFUSALS:
        model, payload = refused(refusal)
        try:
            provider.submit(Step(provider=provider.name, model=model, prompt=payload["prompt"]))
            read["refusals"][refusal] = "accepted"
        except Exception as error:
            code = getattr(error, "error_code", None)
            read["refusals"][refusal] = f"{type(error).__name__} {code}: {error}"
    return read


def loaded_alone(package: str, file: str) -> Any:
    """A module of a package, before the package itself is imported and reads it."""
    found = importlib.util.find_spec(package)
    assert found is not None
    assert found.submodule_search_locations
    path = Path(next(iter(found.submodule_search_locations))) / file
    name = f"{package}.{file.removesuffix('.py').replace('/', '.')}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    sys.modules[name] = module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def first_url(outcome: dict[str, Any]) -> str:
    """As the SDK's users read an outcome: it hands it out as a dictionary."""
    for key in ("video_url", "audio_url"):
        if outcome.get(key):
            return str(outcome[key])
    return str(outcome["media_urls"][0]["url"])


def refused(refusal: str) -> tuple[str, dict[str, str]]:
    """A submission that meets this status: the server tells them apart by the prompt."""
    model = "no-such-model" if refusal == "404" else "seedream-5.0-lite"
    return model, {"prompt": f"meets a {refusal}"}


def fetched(url: str, given: dict[str, str]) -> bytes:
    import ssl
    import urllib.request

    context = ssl.create_default_context(cafile=given["authority"])
    asked = urllib.request.Request(url, headers={"User-Agent": "clients/1"})
    with urllib.request.urlopen(asked, context=context, timeout=10) as answer:
        content: bytes = answer.read()
        return content


VISITS: dict[str, Callable[[dict[str, str]], dict[str, Any]]] = {
    "ours": ours,
    "gmicloud": vendor,
    "genblaze-gmicloud": genblaze,
}

if __name__ == "__main__":
    read = VISITS[sys.argv[1]](json.loads(sys.argv[2]))
    sys.stdout.write("\n" + json.dumps(read) + "\n")
