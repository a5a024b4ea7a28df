"""The cheapest job that a sum of money is sure to pay for, by the snapshot's prices."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ..pricing.claim import Claim
from ..pricing.table import priced
from ..problems import Problem
from ..requests.estimate import Estimate, estimated
from ..schema import read_document
from ..schema.types import Choice, Integer, Json, Model, Number, Parameter, Text

PROMPT = "A paper boat."
"""All that is ever sent as a prompt, so that no prompt of anybody's can be recorded."""


@dataclass(frozen=True)
class Offer:
    """A job that could be bought. `most` is what it can cost at most, in US dollars."""

    model: Model
    payload: Mapping[str, Json]
    most: Decimal


def cheapest(models: Iterable[Model], listed: Collection[str], limit: Decimal) -> Offer | None:
    """The job that costs least at most, of a listed model and within `limit`; None without one."""
    offers = (offer for model in models if model.id in listed for offer in _offers(model))
    within = [offer for offer in offers if offer.most <= limit]
    return min(within, key=lambda offer: (offer.most, offer.model.id), default=None)


def most_now(details: bytes, offer: Offer, claims: Sequence[Claim]) -> Decimal | None:
    """What the offer costs at most by the details as the API gives them now; None for not known."""
    model = read_document(details, model_id=offer.model.id)
    if isinstance(model, Problem):
        return None
    return _most(_estimate(priced(model, claims), offer.payload))


def _offers(model: Model) -> Iterator[Offer]:
    """The smallest payload, where it needs no file, and its price is known and above nothing."""
    payload: dict[str, Json] = {}
    for parameter in model.parameters:
        if parameter.required or parameter.name == "prompt":
            value = _plainest(parameter)
            if value is None:
                return
            payload[parameter.name] = value
    most = _most(_estimate(model, payload))
    # A job for nothing may be one whose price is wrong.
    if payload and most is not None and most > 0:
        yield Offer(model, payload, most)


def _plainest(parameter: Parameter) -> Json:
    """The plainest value a parameter takes; None for one that needs a file or more thought."""
    kind, default = parameter.type, parameter.default
    if default is not None and default.value not in (None, ""):
        return default.value
    if isinstance(kind, Choice):
        return kind.values[0] if kind.values else None
    if isinstance(kind, (Integer, Number)):
        return kind.minimum if kind.minimum is not None else 1
    if isinstance(kind, Text) and parameter.name in ("prompt", "text", "lyrics"):
        fits = (kind.min_length or 0) <= len(PROMPT) <= (kind.max_length or len(PROMPT))
        return PROMPT if fits else None
    return None


def _estimate(model: Model, payload: Mapping[str, Json]) -> Estimate:
    return estimated(model.pricing.table if model.pricing else None, payload)


def _most(estimate: Estimate) -> Decimal | None:
    return estimate.high if estimate.low is not None else None
