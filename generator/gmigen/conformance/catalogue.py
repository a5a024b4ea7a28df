"""Checks of the list of models and of their details."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..pricing.units import unit_of
from ..schema.spellings import READ
from ..schema.words import read_word
from .answer import Answer, Answers
from .judgement import Check, Judgement, judged, silent, unseen
from .plain import plain
from .questions import DETAILS
from .readings import listed, some_ids

NO_MODELS = "the list names no model that could be asked for"
NO_PARAMETERS = "no parameter was seen"
QUOTED = 6
"""Strange words that a report names."""


def list_of_models(answers: Answers) -> Judgement:
    answer = answers.get("models")
    if (why := silent(answer, "not asked")) or answer is None:
        return why or unseen("not asked")
    key, name, ids = listed(answer)
    facts = {"key": key, "id": name}
    if not ids:
        return judged(False, answer.told)
    shape = f"a list of {f'objects with `{name}`' if name else 'ids'}"
    place = f"under `{plain(key)}`" if key else "without a key"
    return judged(
        facts == {"key": "model_ids", "id": ""}, f"{shape} {place}, {len(ids)} models", facts
    )


def details(answers: Answers) -> Judgement:
    seen = list(_details(answers))
    if not seen:
        return unseen(NO_MODELS)
    for wanted, answer in seen:
        if answer.trouble:
            return unseen(answer.trouble)
        if answer.status != 200:
            return judged(False, f"{plain(wanted)}, which the list names: {answer.told}")
        if answer.mapping.get("model") != wanted:
            return judged(False, f"the details of {plain(wanted)} do not name it in `model`")
        if not isinstance(answer.mapping.get("parameters"), list):
            return judged(False, f"the details of {plain(wanted)} hold no list `parameters`")
    keys = sorted({str(key) for _, answer in seen for key in answer.mapping})
    return judged(True, f"so are those of {len(seen)} models", {"keys": keys[:60]})


def type_words(answers: Answers) -> Judgement:
    words = {
        plain(str(one.get("type"))): read_word(one.get("type"), str(one.get("name"))).known
        for one in _parameters(answers)
        if one.get("type") is not None
    }
    strange = sorted(word for word, known in words.items() if not known)
    return _none_strange(words, strange, "type word")


def keys_of_parameters(answers: Answers) -> Judgement:
    keys = {plain(str(key)) for one in _parameters(answers) for key in one}
    return _none_strange(keys, sorted(keys - READ), "key")


def _none_strange(all_of_them: Iterable[str], strange: list[str], what: str) -> Judgement:
    seen = sorted(all_of_them)
    if not seen:
        return unseen(NO_PARAMETERS)
    facts = {"seen": seen[:60], "unknown": strange[:60]}
    if strange:
        return judged(False, f"unknown: {', '.join(strange[:QUOTED])}", facts)
    return judged(
        True, f"{len(seen)} {what}{'s' if len(seen) > 1 else ''}, all of them known", facts
    )


def prices(answers: Answers) -> Judgement:
    seen = []
    for wanted, answer in _details(answers):
        info = answer.mapping.get("price_info")
        if not isinstance(info, Mapping) or info.get("price") is None:
            continue
        price, unit = info.get("price"), info.get("unit")
        if not isinstance(price, int) or isinstance(price, bool) or not 0 <= price < 10**10:
            return judged(
                False, f"{plain(wanted)} has the price {plain(str(price))} ({type(price).__name__})"
            )
        if unit_of(str(unit)) is None:
            return judged(False, f"{plain(wanted)} is priced per {plain(str(unit))}")
        seen.append(str(unit))
    if not seen:
        return unseen("no model that was looked at has a price")
    units = sorted(set(seen))
    return judged(True, f"{len(seen)} prices, per {', '.join(units)}", {"units": units})


def twin(answers: Answers) -> Judgement:
    answer = answers.get("twin")
    if (why := silent(answer, "not asked")) or answer is None:
        return why or unseen("not asked")
    count = len(listed(answer)[2])
    told = f"{count} models" if count else answer.told
    return judged(count > 0, told, {"status": answer.status})


def _details(answers: Answers) -> Iterator[tuple[str, Answer]]:
    for number, wanted in enumerate(some_ids(answers, DETAILS)):
        answer = answers.get(f"details {number}")
        if answer is not None:
            yield wanted, answer


def _parameters(answers: Answers) -> Iterator[Mapping[str, Any]]:
    for _, answer in _details(answers):
        found = answer.mapping.get("parameters")
        if isinstance(found, list):
            yield from (one for one in found[:512] if isinstance(one, Mapping))


CHECKS = (
    Check("list-of-models", "route:models", list_of_models),
    Check("details", "route:details", details),
    Check("type-words", "rule:type words of parameters are known", type_words),
    Check("parameter-keys", "rule:keys of parameters are known", keys_of_parameters),
    Check("prices", "rule:prices are whole millionths of a US dollar", prices),
    Check("public-catalogue", "rule:the catalogue is public under the path without apikey", twin),
)
