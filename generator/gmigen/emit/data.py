"""The modules of an emitted package that hold data, each loaded when it is first asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..catalog.lock import Source
from ..errors import TemplateProblemError
from ..naming.names import ModelNames
from ..requests.estimate import estimated
from ..schema.inputs import takes
from ..schema.types import Json, Model
from ..text.facts import price_line
from ..text.literals import literal
from .audit import data_violations
from .example import example
from .index import tool_name
from .render import Renderer


def data_modules(
    renderer: Renderer,
    models: Sequence[Model],
    names: Mapping[str, ModelNames],
    source: Source,
    named: Sequence[str],
) -> Iterator[tuple[tuple[str, str], str]]:
    """Facts and prices of these models, and the ids that are known by name only."""
    facts: dict[str, Json] = {model.id: _facts(model, names[model.id]) for model in models}
    prices: dict[str, Json] = {
        model.id: dict(model.pricing.table) for model in models if model.pricing
    }
    tables = {"_facts": facts, "_prices": prices}
    told: dict[str, list[Any]] = {
        name: [(literal(key), literal(value)) for key, value in sorted(table.items())]
        for name, table in tables.items()
    }
    told["_known"] = [literal(one) for one in named]
    for name, entries in told.items():
        template = f"package/models/{name}.py"
        text, empty = (
            renderer.python(template, entries=one, date=literal(source.date))
            for one in (entries, [])
        )
        if wrong := data_violations(text, empty):
            raise TemplateProblemError(f"{template} renders no plain facts: {wrong[0]}")
        yield ("package", f"models/{name}.py"), text


def _facts(model: Model, names: ModelNames) -> Json:
    """What a program may want to know before it loads the class of a model."""
    payload = example(model)
    cost = estimated(model.pricing.table if model.pricing else None, payload or {})
    usd = [None if one is None else int(one.scaleb(6)) for one in (cost.low, cost.high)]
    told: list[Json] = [names.request.cls, names.module, model.kind, model.vendor]
    price: list[Json] = [price_line(model), *(usd if payload is not None else (None, None))]
    return [*told, [*takes(model)], [*model.outputs], price, tool_name(names.module)]
