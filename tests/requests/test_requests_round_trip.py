"""A request as JSON and back, and what cannot be one."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from gmi_inference.models import KlingV2_6Request, KlingV3OmniRequest, Veo3Request
from gmi_inference.runtime.errors import InvalidRequestError


@pytest.mark.parametrize(
    "request_",
    [
        Veo3Request(prompt="a boat", duration_seconds="8", seed=None),
        KlingV2_6Request(prompt="waves", image="https://a.example/b.png", cfg_scale=0.5),
        KlingV3OmniRequest.from_payload(
            {"prompt": "x", "image_list": [{"image_url": "https://a.example/b.png"}]}
        ),
    ],
)
def test_json_makes_the_same_request_again(request_: Any) -> None:
    text = request_.model_dump_json()
    again = type(request_).model_validate_json(text)
    assert again == request_
    assert again.payload() == request_.payload()
    assert type(request_).from_payload(json.loads(json.dumps(request_.payload()))) == request_


def test_extra_payload_comes_back_where_the_text_is_ones_own() -> None:
    request = Veo3Request(prompt="a boat", extra_payload={"new": [1]})
    text = request.model_dump_json()
    assert Veo3Request(**json.loads(text)).payload() == request.payload()
    with pytest.raises(InvalidRequestError, match="extra_payload"):
        Veo3Request.model_validate_json(text)


@pytest.mark.parametrize("file", [Path("first.png"), b"\xff\xfe", io.BytesIO(b"picture")])
def test_a_local_file_is_refused_when_dumped(file: Any) -> None:
    request = KlingV2_6Request(prompt="waves", image=file)
    for dump in (request.model_dump_json, lambda: request.model_dump(mode="json")):
        with pytest.raises(InvalidRequestError, match="upload it first") as raised:
            dump()
        assert [fault.field for fault in raised.value.faults] == ["image"]
    assert request.image is file


def test_a_local_file_inside_of_a_list_is_found(tmp_path: Path) -> None:
    request = KlingV3OmniRequest.from_payload(
        {"prompt": "x", "image_list": [{"image_url": tmp_path / "a.png"}]}
    )
    with pytest.raises(InvalidRequestError, match="image_list"):
        request.model_dump_json()
