"""Function schemas for a loop of one's own, and what a language model may not name."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import gmi_inference
from gmi_inference import Client, InvalidRequestError, ModelNotFoundError, tools
from gmigen.emulator import Emulator, emulator

KEY = "sk-a-key-for-this-test"
MODELS = ["Veo3", "kling-v2-6", "pixverse-v6-i2v"]


@pytest.fixture
def running(bundled: Mapping[str, bytes]) -> Iterator[Emulator]:
    with emulator({name: bundled[name] for name in MODELS}, job_seconds=0.0) as one:
        yield one


@pytest.fixture
def client(running: Emulator) -> Iterator[Client]:
    with Client(KEY, base_url=running.base_url, poll=0.01) as one:
        yield one


def test_every_model_is_a_function_any_vendor_takes() -> None:
    functions = [one["function"] for one in tools.openai()]
    assert len(functions) == 109
    for told in functions:
        assert re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", told["name"])
        assert told["parameters"]["type"] == "object"
        Draft202012Validator.check_schema(told["parameters"])
        json.dumps(told)
        assert "Costs money" in told["description"]
    assert len({told["name"] for told in functions}) == 109


def test_models_are_chosen_by_id_or_glob_and_have_python_names() -> None:
    functions = tools.openai(["Veo3*", "kling-v2-6"])
    assert [one["function"]["name"] for one in functions] == ["veo3", "veo3_fast", "kling_v2_6"]
    assert "duration_seconds" in functions[0]["function"]["parameters"]["properties"]
    with pytest.raises(ModelNotFoundError, match="Veo3"):
        tools.openai(["veo3"])


@pytest.mark.parametrize("as_text", [True, False])
def test_a_call_is_checked_and_run(client: Client, running: Emulator, as_text: bool) -> None:
    given: Any = {"prompt": "a boat", "duration_seconds": "8"}
    result = tools.call("veo3", json.dumps(given) if as_text else given, client=client)
    assert result.urls
    (post,) = running.log.posts()
    assert post.json == {
        "model": "Veo3",
        "payload": {"prompt": "a boat", "durationSeconds": "8"},
    }


@pytest.mark.parametrize(
    ("name", "arguments", "told"),
    [
        ("veo3", '{"prompt": "x", "duration_seconds": 8}', "duration_seconds"),
        ("veo3", '{"prompt": "x", "duration": "8"}', "did you mean duration_seconds"),
        ("veo3", '{"prompt": "x", "extra_payload": {"n": 100}}', "extra_payload"),
        ("veo3", "{", "JSON object"),
        ("veo3", "[]", "JSON object"),
        ("veo3", "[" * 100_000, "JSON object"),
        ("Veo3", "{}", "did you mean veo3"),
        ("os.system", "{}", "no tool of this name"),
        ("kling_v2_6", '{"prompt": "x", "image": "/etc/passwd"}', "public http"),
        ("kling_v2_6", '{"prompt": "x", "image": "file:///etc/passwd"}', "public http"),
        ("kling_v2_6", '{"prompt": "x", "image": "@/etc/passwd"}', "public http"),
        ("kling_v2_6", '{"prompt": "x", "image": "http://localhost/x.png"}', "private network"),
        ("kling_v2_6", '{"prompt": "x", "image": "http://127.1/x.png"}', "private network"),
        ("kling_v2_6", '{"prompt": "x", "image": "http://2130706433/"}', "private network"),
        ("kling_v2_6", '{"prompt": "x", "image": "http://0x7f000001/"}', "private network"),
        ("kling_v2_6", '{"prompt": "x", "image": "http://[::1]/x"}', "private network"),
        ("kling_v2_6", '{"prompt": "x", "image": "http://[::ffff:10.0.0.1]/"}', "private network"),
        ("kling_v2_6", '{"prompt": "x", "image": "http://169.254.169.254/latest"}', "private"),
        ("kling_v2_6", '{"prompt": "x", "image": "https://intranet/x.png"}', "private network"),
        ("kling_v2_6", '{"prompt": "x", "image": "https://db.internal./x.png"}', "private"),
        ("kling_v2_6", '{"prompt": "x", "image": "https://a@10.0.0.1/x.png"}', "private network"),
        ("kling_v2_6", '{"prompt": "x", "image": "gopher://a.example/x"}', "public http"),
    ],
)
def test_what_a_prompt_may_talk_a_model_into_is_refused_in_a_sentence(
    client: Client, running: Emulator, name: str, arguments: str, told: str
) -> None:
    with pytest.raises(InvalidRequestError, match=told) as raised:
        tools.call(name, arguments, client=client)
    assert "root:" not in str(raised.value)
    assert len(running.log) == 0


def test_only_the_models_that_are_offered_are_called(client: Client, running: Emulator) -> None:
    with pytest.raises(InvalidRequestError, match="no tool of this name"):
        tools.call("veo3", {"prompt": "x"}, models=["kling-v2-6"], client=client)
    assert len(running.log) == 0


def test_public_addresses_and_data_are_taken(client: Client, running: Emulator) -> None:
    for image in ("https://a.example/b.png", "http://93.184.216.34/b.png", "data:image/png;,x"):
        tools.call("kling_v2_6", {"prompt": "x", "image": image}, client=client)
    sent = [post.json["payload"]["image"][:5] for post in running.log.posts()]
    assert sent == ["https", "http:", "data:"]


def test_the_tools_are_loaded_when_they_are_asked_for() -> None:
    assert gmi_inference.tools is tools
    assert "tools" in dir(gmi_inference)
