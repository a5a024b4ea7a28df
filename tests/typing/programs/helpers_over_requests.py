"""Functions of one's own over any request."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from gmi_inference import Client, Result
from gmi_inference.models import Gemini2_5FlashImageRequest, GptImage2Request
from gmi_inference.requests.base import Request

R = TypeVar("R", bound=Request)


def with_extra(request: R, extra: Mapping[str, Any]) -> R:
    return request.model_copy(update={"extra_payload": {**request.extra_payload, **extra}})


def first_that_works(client: Client, requests: Iterable[Request]) -> Result:
    for done in client.map(requests, concurrency=1):
        if isinstance(done, Result):
            return done
    raise LookupError("none worked")


choices: list[Request] = [
    with_extra(GptImage2Request(prompt="a map", quality="high"), {"user": "me"}),
    Gemini2_5FlashImageRequest(prompt="a map"),
]
with Client() as client:
    first_that_works(client, choices).save("map.png")
