"""Claims and details of a model -> the price its package goes by, and what was found on the way.

The surest claim counts and the others are kept beside it. What the details say wins over a claim
that is older, and every such case is a finding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from ..problems import Problem
from ..schema.types import Choice, Integer, Json, Model, Number, Parameter, PriceRow, Pricing
from .claim import CERTAINTIES, Claim, Rate
from .live import live, moved
from .units import UNITS, unit_of
from .words import between, condition, origin, price, unit

Warn = Callable[[str, str], None]


def priced(model: Model, claims: Iterable[Claim], date: str = "") -> Model:
    """`model` with the price to go by, and what was found among its problems.

    Args:
        model: the details, as they were read and corrected.
        claims: of any models; the user's own before the bundled ones, each file's in its order.
        date: the day the details are from; "" makes them newer than any claim.
    """
    found: list[Problem] = []

    def warn(code: str, message: str) -> None:
        found.append(Problem("warning", model.id, "", code, message[:400]))

    mine = _ordered([claim for claim in claims if model.id in claim.models], warn)
    now = live(model, date)
    if model.price is not None and unit_of(model.price.unit) is None and not mine:
        per = repr(model.price.unit[:40]) if model.price.unit else "nothing"
        warn("price-unit", f"the details price it per {per}, which is no known unit")
    chosen, others = (mine[0], mine[1:]) if mine else (now, [])
    if mine and (told := moved(model, mine[0])):
        newer = bool(date) and mine[0].date >= date
        ends = "the file is newer and counts" if newer else "the details are newer and count"
        file = f"prices/{mine[0].file} of {mine[0].date or 'no date'}"
        warn("price-moved", f"the details say {told}; {file} says {price(mine[0])}; {ends}")
        chosen, others = (mine[0], [*([now] if now else []), *others]) if newer else (now, mine)
    if chosen is not None:
        for name in _strange(chosen, model):
            told = f"the price depends on `{name}`, which the model does not have"
            warn("price-parameter", f"prices/{chosen.file}: {told}")
    made = _pricing(model, chosen, others) if chosen or others else None
    return replace(model, pricing=made, problems=(*model.problems, *found))


def _ordered(claims: Sequence[Claim], warn: Warn) -> list[Claim]:
    """The user's own first, then the surest, then the newest; two files that differ are told."""
    files = {claim.file: claim for claim in reversed(claims)}
    first = sorted(
        files.values(),
        key=lambda c: (not c.bundled, -CERTAINTIES.index(c.certainty), c.date),
        reverse=True,
    )
    for other in first[1:]:
        if not first[0].says(other) and first[0].bundled == other.bundled:
            told = f"prices/{first[0].file} says {price(first[0])}"
            ends = "the first counts, being surer or newer"
            warn("price-conflict", f"{told}, prices/{other.file} says {price(other)}; {ends}")
    ranks = [claim.file for claim in first]
    return sorted(claims, key=lambda claim: ranks.index(claim.file))


def _pricing(model: Model, chosen: Claim | None, others: Sequence[Claim]) -> Pricing:
    rows = [row for claim in (chosen, *others) if claim for row in _rows(claim)]
    notes = [claim.note for claim in (chosen, *others) if claim and claim.note]
    table: dict[str, Json]
    unsure: list[Json] = []
    if chosen is None:
        said = model.pricing_details or "another price"
        told = f"how this is worked out, which the details say now: {said[:200]}"
        table, unsure = {"line": said, "readings": []}, [told]
        table.update(certainty="live details", source="the model's details", date="")
        line = said
    else:
        table, line = _table(chosen, model), price(chosen)
        if model.pricing_details and not chosen.file:
            table["line"] = line = f"{line} ({model.pricing_details})"
        elif model.pricing_details:
            notes.append(f"The details say: {model.pricing_details}")
        if chosen.note and not chosen.file:
            unsure = [chosen.note]
        notes += [_absent(name, value) for name, value in chosen.absent.items()]
    if model.discount:
        named = f"discount of {model.discount:g} %"
        unsure.append(f"whether the {named}, which the details name, is in the price already")
        notes.append(f"The details name a {named}.")
    if unsure:
        table["unsure"] = unsure
    if others:
        table["others"] = [f"{price(claim)} ({origin(claim)})" for claim in others]
    return Pricing(table, line, tuple(rows), tuple(dict.fromkeys(notes)))


def _absent(name: str, value: str | int | bool) -> str:
    return f"{name} left out is billed as {value}"


def _rows(claim: Claim) -> Iterator[PriceRow]:
    """A row for each rate; the first says for all of them where they come from."""
    told = [*_told(claim)] or [(price(claim), "")]
    for number, (words, when) in enumerate(told):
        yield PriceRow(words, when, "" if number else origin(claim))


def _told(claim: Claim) -> Iterator[tuple[str, str]]:
    for rate in claim.rates:
        yield f"{between(rate.usd)} per {unit(claim)}", condition(rate)
    for rate in claim.doubted:
        yield f"perhaps {between(rate.usd)} per {claim.doubt}", condition(rate)
    for extra in claim.plus:
        most = "up to " if extra.usd[0] != extra.usd[1] else ""
        yield f"plus {most}{between(extra.usd[1:])} for each of {extra.per}", ""
    if claim.doubt and not claim.doubted:
        yield f"perhaps per {claim.doubt}", ""


def _table(claim: Claim, model: Model) -> dict[str, Json]:
    parameters = {parameter.name: parameter for parameter in model.parameters}
    readings = [_reading(claim, claim.unit, claim.rates, parameters)]
    if claim.doubt:
        readings.append(_reading(claim, claim.doubt, claim.doubted or claim.rates, parameters))
    named = {*_names(claim), *(str(reading["by"]) for reading in readings)}
    defaults: dict[str, Json] = {}
    for name in sorted(named & parameters.keys()):
        default = parameters[name].default
        if default is not None and default.value not in (None, "", []):
            defaults[name] = default.value
    absent = {**defaults, **claim.absent}
    assumed = {name: value for name, value in claim.assumed.items() if name not in absent}
    return {
        "line": price(claim),
        "readings": list(readings),
        "certainty": claim.certainty,
        "source": claim.source,
        "date": claim.date,
        **({"absent": absent} if absent else {}),
        **({"assumed": assumed} if assumed else {}),
    }


def _reading(
    claim: Claim, per: str, rates: Sequence[Rate], parameters: Mapping[str, Parameter]
) -> dict[str, Json]:
    by = next((one for one in (*claim.by, *UNITS[per]) if one in parameters), "")
    by = "" if per == "request" else by
    span = claim.span or (_bounds(parameters[by]) if by and per in ("second", "block") else None)
    told: dict[str, Json] = {"unit": unit(claim) if per == claim.unit else per, "by": by}
    told["rates"] = [_rate(rate) for rate in rates]
    told["of"] = claim.of or (by if by else f"the number of {per}s")
    more: Mapping[str, Json] = {
        "only": _conditions(Rate((0, 0), claim.only)),
        "block": claim.block,
        "span": list(span) if span else [],
        "clips": [clip for clip in claim.clips if clip in parameters],
        "pixels": [list(claim.pixels)] if claim.pixels else [],
        "plus": [{"usd": list(extra.usd), "per": extra.per} for extra in claim.plus],
    }
    return {**told, **{name: value for name, value in more.items() if value}}


def _rate(rate: Rate) -> dict[str, Json]:
    conditions = _conditions(rate)
    return {"usd": list(rate.usd), **({"if": conditions} if conditions else {})}


def _conditions(rate: Rate) -> list[Json]:
    """What has to hold: a kind, a parameter, and what is wanted of it."""
    told: list[Json] = [["is", name, list(values)] for name, values in rate.when.items()]
    told += [["given", name, given] for name, given in rate.given.items()]
    if rate.over:
        told.append(["over", *rate.over])
    return told


def _bounds(parameter: Parameter) -> tuple[int, int] | None:
    """The shortest and the longest clip that a parameter without a default admits."""
    kind = parameter.type
    if isinstance(kind, Choice):
        figures = [int(v) for v in map(str, kind.values) if v.isascii() and v.isdigit()]
        return (min(figures), max(figures)) if len(figures) == len(kind.values) else None
    if isinstance(kind, (Integer, Number)) and kind.minimum is not None and kind.maximum:
        low, high = int(kind.minimum), int(kind.maximum)
        return (low, high) if 0 < low <= high <= 10**6 else None
    return None


def _names(claim: Claim) -> Iterator[str]:
    """Every parameter that a claim names."""
    for rate in (*claim.rates, *claim.doubted):
        yield from (*rate.when, *rate.given, *((rate.over[0],) if rate.over else ()))
    yield from (*claim.only, *claim.absent, *claim.assumed, *(extra.per for extra in claim.plus))
    yield from (claim.pixels[0],) if claim.pixels else ()


def _strange(claim: Claim, model: Model) -> list[str]:
    """The parameters a claim depends on and the model does not have."""
    known = {parameter.name for parameter in model.parameters}

    def has(name: str) -> bool:
        return name in known or name.partition(".")[0].removesuffix("[]") in known

    missing = [name for name in dict.fromkeys(_names(claim)) if not has(name)]
    if claim.by and not any(map(has, claim.by)):
        missing.append(claim.by[0])
    return missing
