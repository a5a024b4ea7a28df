"""Every bundled model submitted over loopback: what arrives is what the details say."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from gmi_inference import Client
from gmi_inference.models import request_class
from gmigen.emit.example import example
from gmigen.emulator import Clock, emulator
from gmigen.schema import Model, read_document
from gmigen.schema.algebra import admits


def identity(value: Any) -> str:
    """A text that is equal for two values exactly if they are the same JSON value."""
    return json.dumps(value, sort_keys=True)


def choices(text: bytes) -> dict[str, list[Any]]:
    """Per wire name, every option and default the raw details give it and its type admits."""
    model = read_document(text)
    assert isinstance(model, Model)
    kinds = {parameter.name: parameter.type for parameter in model.parameters}
    found: dict[str, list[Any]] = {}
    for element in json.loads(text)["parameters"]:
        values = [*(element.get("options") or [])]
        if element.get("default_value") not in (None, ""):
            values.append(element["default_value"])
        found[element["name"]] = [v for v in values if admits(kinds[element["name"]], v)]
    return found


def payloads(text: bytes) -> list[dict[str, Any]]:
    """Payloads that together hold every one of those values, the required ones always there."""
    model = read_document(text)
    assert isinstance(model, Model)
    base, given = example(model), choices(text)
    rounds = max((len(values) for values in given.values()), default=0)
    return [
        {**base, **{n: values[r % len(values)] for n, values in given.items() if values}}
        for r in range(max(1, rounds))
    ]


def test_every_option_and_default_of_every_model_arrives_as_the_details_give_it(
    bundled: Mapping[str, bytes],
) -> None:
    sent: list[tuple[str, dict[str, Any]]] = []
    with (
        emulator(bundled, clock=Clock(virtual=True)) as api,
        Client(api_key="sk-test-0123456789", base_url=api.base_url) as client,
    ):
        for model_id, text in bundled.items():
            cls = request_class(model_id)
            for payload in payloads(text):
                client.submit(cls(**payload))
                sent.append((model_id, payload))
        arrived = [entry.json for entry in api.ledger.requests(route="submit")]
    assert len({model_id for model_id, _ in sent}) == 109
    assert len(arrived) == len(sent), "one submit is one POST"
    for (model_id, payload), body in zip(sent, arrived, strict=True):
        defaults = {
            element["name"]: element["default_value"]
            for element in json.loads(bundled[model_id])["parameters"]
            if element.get("required") is True and "default_value" in element
        }
        expected = {"model": model_id, "payload": {**defaults, **payload}}
        assert identity(body) == identity(expected), model_id
