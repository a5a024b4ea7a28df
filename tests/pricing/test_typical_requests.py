"""The table of what a typical request costs, copied from public prices, worked out anew.

`typical_requests.json`: a model, what its payload says beside the example's required values, and
the least and the most in dollars; one figure is the amount, none is a price that is not known. A
`text` is the number of its characters. The package is asked where it has a class for the model.
"""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from gmi_inference.models import request_class
from gmigen.pricing.files import bundled as claims
from gmigen.pricing.table import priced
from gmigen.requests.estimate import estimated
from gmigen.schema import Model, Parameter
from gmigen.schema.types import Anything

ROWS = json.loads((Path(__file__).parent / "typical_requests.json").read_text("utf-8"))
BY_NAME = {
    "sora-2",
    "luma-uni-1.1",
    "Kling-Image2Video-V2.1-Master",
    "Kling-Image2Video-V1.6-Standard",
    "Kling-Image2Video-V2.1-Standard",
    "inworld-tts-1.5-mini",
}
IN_DOUBT = ("Veo3", "Master", "wan2", "Hailuo", "pixverse-v5", "V1.6-Pro", "tts")


def estimate(model_id: str, payload: dict[str, Any]) -> Any:
    if "text" in payload:
        payload = {**payload, "text": "x" * payload["text"]}
    if model_id in BY_NAME:
        parameters = tuple(Parameter(name, Anything(), False) for name in payload)
        model = priced(Model(model_id, parameters), claims())
        assert model.pricing is not None
        return estimated(model.pricing.table, payload)
    cls = request_class(model_id)
    # The class insists on what it requires; none of that has to do with the price.
    required = [f.alias or n for n, f in cls.model_fields.items() if f.is_required()]
    left_out = {name: ... for name in required if name not in payload}
    return cls(**payload, extra_payload=left_out).estimate()


@pytest.mark.parametrize(("model_id", "payload", "dollars"), ROWS)
def test_what_a_typical_request_costs(
    model_id: str, payload: dict[str, Any], dollars: list[str]
) -> None:
    told = estimate(model_id, payload)
    figures = [Decimal(one) for one in dollars] or [None]
    assert [told.low, told.high] == [figures[0], figures[-1]], told
    assert told.dollars == (figures[0] if len(figures) == 1 else None)
    if not dollars:
        assert str(told).startswith("not known: ")
        return
    assert told.certainty
    assert told.source
    assert told.arithmetic.endswith(str(told).split(", perhaps ")[-1].rpartition(" to ")[2]) or (
        told.at_least
    )
    if len(figures) == 2 and any(word in model_id for word in IN_DOUBT):
        assert told.at_least
        assert str(told).startswith("at least $")
        assert any(words.startswith("whether per request or ") for words in told.unknown)


def test_the_table_covers_each_certainty() -> None:
    seen = {estimate(model_id, payload).certainty for model_id, payload, _ in ROWS} - {""}
    words = {"live details", "vendor page", "public notes", "vendor blog"}
    assert seen == words | {"third party", "inference"}
