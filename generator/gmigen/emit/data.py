"""The modules of an emitted package that hold data, each loaded when it is first asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ..catalog.lock import Source
from ..naming.names import ModelNames
from ..runtime.requests.estimate import estimated
from ..schema.types import Json, Model
from ..text.facts import price_line
from ..text.literals import literal
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
    for name, table in (("_facts", facts), ("_prices", prices)):
        entries = [(literal(key), literal(told)) for key, told in sorted(table.items())]
        text = renderer.python(
            f"package/models/{name}.py", entries=entries, date=literal(source.date)
        )
        yield ("package", f"models/{name}.py"), text
    text = renderer.python("package/models/_known.py", entries=[literal(one) for one in named])
    yield ("package", "models/_known.py"), text


def _facts(model: Model, names: ModelNames) -> Json:
    """What a program may want to know before it loads the class of a model."""
    payload = example(model.parameters)
    cost = estimated(model.pricing.table if model.pricing else None, payload or {})
    usd = [None if one is None else int(one.scaleb(6)) for one in (cost.low, cost.high)]
    told: list[Json] = [names.request.cls, names.module, model.kind, model.vendor]
    price: list[Json] = [price_line(model), *(usd if payload is not None else (None, None))]
    return [*told, [*model.inputs], [*model.outputs], price, tool_name(names.module)]
