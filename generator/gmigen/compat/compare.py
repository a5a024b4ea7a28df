"""Two sets of models -> every change between them, in order."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from ..naming.names import Ledger, records
from ..schema.covers import covers, nulls_the_default, sends_the_same, sent
from ..schema.json_text import identity
from ..schema.types import (
    Choice,
    Integer,
    Json,
    ListOf,
    Model,
    Number,
    OneOf,
    Parameter,
    Record,
    Text,
    Type,
)
from ..text.facts import SHOWN_OPTIONS, dollars, restriction, shown, type_words
from .canonical import canonical
from .change import Change
from .names import moved_names

SAME_NAME = 0.6
"""How alike the names of a gone and a new parameter are when nothing else tells of them."""

SAME_SHAPE = 0.75
"""How alike the parameter names of a gone and a new model are when one replaces the other."""


def compare(
    old: Iterable[Model], new: Iterable[Model], names: tuple[Ledger, Ledger] | None = None
) -> list[Change]:
    """What changed from `old` to `new`, sorted by model and parameter.

    `names` are the names given before and now: one that moved breaks whoever wrote it.
    """
    before, after = ({model.id: model for model in models} for models in (old, new))
    found = [*_catalogue(before, after), *(moved_names(*names) if names else ())]
    for model_id in sorted(before.keys() & after.keys()):
        found += _model(before[model_id], after[model_id])
    return sorted(found)


def _catalogue(before: Mapping[str, Model], after: Mapping[str, Model]) -> Iterator[Change]:
    added = sorted(after.keys() - before.keys())
    for model_id in sorted(before.keys() - after.keys()):
        heir = _heir(before[model_id], [after[m] for m in added])
        if heir:
            yield Change(model_id, "", "model-renamed", True, f"gone; {heir} looks like its heir")
        else:
            yield Change(model_id, "", "model-removed", True, "left the catalogue")
    for model_id in added:
        yield Change(model_id, "", "model-added", False, "is new")


def _heir(gone: Model, candidates: list[Model]) -> str | None:
    """The new model that reads like the gone one and takes nearly the same parameters."""
    names = {parameter.name for parameter in gone.parameters}
    best: tuple[float, str] = (0.0, "")
    for model in candidates:
        theirs = {parameter.name for parameter in model.parameters}
        alike = len(names & theirs) / max(1, len(names | theirs))
        reads = difflib.SequenceMatcher(None, gone.id.casefold(), model.id.casefold()).ratio()
        if alike >= SAME_SHAPE and reads >= 0.6:
            best = max(best, (reads, model.id))
    return best[1] or None


def _model(old: Model, new: Model) -> Iterator[Change]:
    if old.discount != new.discount:
        told = f"discount {old.discount:g} % -> {new.discount:g} %"
        yield Change(new.id, "", "price-changed", False, told)
    if old.price != new.price or old.pricing_details != new.pricing_details:
        prices = [dollars(m.price) if m.price else "unknown" for m in (old, new)]
        told = f"price {prices[0]} -> {prices[1]}" if prices[0] != prices[1] else "price details"
        yield Change(new.id, "", "price-changed", False, told)
    if (old.title, old.summary, old.guide) != (new.title, new.summary, new.guide):
        yield Change(new.id, "", "text-changed", False, "its description")
    yield from _members(new.id, "", old.parameters, new.parameters)


def _members(
    model: str, at: str, old: Iterable[Parameter], new: Iterable[Parameter]
) -> Iterator[Change]:
    before, after = ({member.name: member for member in members} for members in (old, new))
    renamed = dict(_renamed(before, after))
    for name, heir in renamed.items():
        told = f"probably renamed: {name} -> {heir}"
        yield Change(model, f"{at}{name}", "parameter-renamed", True, told)
    for name in before.keys() - after.keys() - renamed.keys():
        yield Change(model, f"{at}{name}", "parameter-removed", True, "was removed")
    for name in after.keys() - before.keys() - {*renamed.values()}:
        needed = after[name].required and after[name].default is None
        told = "is new and required" if needed else "is new"
        if always := sent(after[name]):
            told = f"is new and sent as {shown(always[0])} when not given"
        breaking = needed or bool(always)
        yield Change(model, f"{at}{name}", "parameter-added", breaking, told)
    for name in before.keys() & after.keys():
        yield from _parameter(model, f"{at}{name}", before[name], after[name])


def _renamed(
    before: Mapping[str, Parameter], after: Mapping[str, Parameter]
) -> Iterator[tuple[str, str]]:
    """Gone parameters, each with the only new one that agrees with it in all but its name."""
    gone = {name: before[name] for name in before.keys() - after.keys()}
    new = {name: after[name] for name in after.keys() - before.keys()}
    for name, old in gone.items():
        heirs = [heir for heir, one in new.items() if _agree(old, one)]
        rivals = [one for one in gone.values() if heirs and _agree(one, new[heirs[0]])]
        if len(heirs) == len(rivals) == 1:
            yield name, heirs[0]


def _agree(old: Parameter, new: Parameter) -> bool:
    """Whether type, options and default are the same. Where those say next to nothing, as of a
    plain text, the name or the description has to be alike, too.
    """
    defaults = [identity(one.default.value) if one.default else None for one in (old, new)]
    if canonical(old.type) != canonical(new.type) or defaults[0] != defaults[1]:
        return False
    if old.required != new.required:
        return False
    telling = isinstance(old.type, (Choice, Record)) or old.default or restriction(old.type)
    names = (old.name.casefold(), new.name.casefold())
    reads = difflib.SequenceMatcher(None, *names).ratio() >= SAME_NAME
    return bool(telling) or reads or bool(old.description and old.description == new.description)


def _parameter(model: str, at: str, old: Parameter, new: Parameter) -> Iterator[Change]:
    was_needed = old.required and old.default is None
    is_needed = new.required and new.default is None
    if is_needed and not was_needed:
        yield Change(model, at, "became-required", True, "must be given now")
    elif was_needed and not is_needed and not sent(new):
        yield Change(model, at, "became-optional", False, "may be left out now")
    elif was_needed and not is_needed:
        told = f"may be left out now, and is sent as {shown(sent(new)[0])} then"
        yield Change(model, at, "became-optional", False, told)
    elif not is_needed and not sends_the_same(old, new):
        yield _sending(model, at, old, new)
    if nulls_the_default(old, new):
        told = f"None is sent as null now, where it was sent as {shown(sent(old)[0])}"
        yield Change(model, at, "type-changed", True, told)
    yield from _type(model, at, old.type, new.type, _records_moved(old, new))
    defaults = [identity(p.default.value) if p.default else None for p in (old, new)]
    if defaults[0] != defaults[1] and not (sent(old) and sent(new)):
        told = " -> ".join(shown(p.default.value) if p.default else "none" for p in (old, new))
        yield Change(model, at, "default-changed", False, f"default {told}")
    if (old.description, old.title) != (new.description, new.title):
        yield Change(model, at, "text-changed", False, "its description")


def _sending(model: str, at: str, old: Parameter, new: Parameter) -> Change:
    """What programs send that do not give the parameter is another thing now."""
    if not sent(old):
        told = f"is required now: it is sent as {shown(sent(new)[0])} when not given"
        return Change(model, at, "became-required", True, told)
    if not sent(new):
        told = f"is optional now: {shown(sent(old)[0])} is no longer sent when it is not given"
        return Change(model, at, "became-optional", True, told)
    told = f"sent as {shown(sent(old)[0])} -> {shown(sent(new)[0])} when not given"
    return Change(model, at, "default-changed", True, told)


def _records_moved(old: Parameter, new: Parameter) -> bool:
    """Whether a nested class, which is called after its place, describes another object now."""
    after = dict(records(new))
    return any(
        path not in after or not covers(after[path], record) for path, record in records(old)
    )


def _type(model: str, at: str, old: Type, new: Type, moved: bool) -> Iterator[Change]:
    if canonical(old) == canonical(new):
        return
    if isinstance(old, Record) and isinstance(new, Record):
        yield from _members(model, f"{at}.", old.fields, new.fields)
        return
    if isinstance(old, ListOf) and isinstance(new, ListOf):
        if canonical(old.item) != canonical(new.item):
            yield from _type(model, f"{at}[]", old.item, new.item, moved)
            old = replace(old, item=new.item)
        if canonical(old) == canonical(new):
            return
        moved = False
    if isinstance(old, Choice) and isinstance(new, Choice):
        yield from _options(model, at, old, new)
        return
    breaking = moved or not covers(new, old)
    if type(old) is type(new) and isinstance(new, (Text, Integer, Number, ListOf)):
        told = f"{restriction(old) or 'unlimited'} -> {restriction(new) or 'unlimited'}"
        yield Change(
            model, at, "bounds-tightened" if breaking else "bounds-loosened", breaking, told
        )
        return
    told = f"{_words(old)} -> {_words(new)}"
    yield Change(model, at, "type-changed" if breaking else "type-widened", breaking, told)


def _options(model: str, at: str, old: Choice, new: Choice) -> Iterator[Change]:
    before, after = ({identity(value): value for value in kind.values} for kind in (old, new))
    gone = [value for key, value in before.items() if key not in after]
    more = [value for key, value in after.items() if key not in before]
    if gone:
        yield Change(model, at, "options-removed", True, f"no longer {_some(gone)}")
    if more:
        yield Change(model, at, "options-added", False, f"also {_some(more)}")


def _some(values: list[Json]) -> str:
    rest = len(values) - SHOWN_OPTIONS
    told = ", ".join(shown(value) for value in values[:SHOWN_OPTIONS])
    return f"{told} and {rest} more" if rest > 0 else told


def _words(kind: Type) -> str:
    limits = "" if isinstance(kind, OneOf) else restriction(kind)
    return f"{type_words(kind)} ({limits[:1].lower()}{limits[1:]})" if limits else type_words(kind)
