"""What the checks read in answers, whatever shape those have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from ..runtime import urls, wire
from .answer import Answer, Answers

Record = Mapping[str, Any]

_ID_NAMES = ("model", "id", "model_id", "name")


def listed(answer: Answer | None) -> tuple[str, str, list[str]]:
    """The key a list of models lies under, the key of the id in each ("" for plain ids), the ids.

    The key is "" for a list that is the whole answer; without a list there are no ids.
    """
    value = answer.json if answer is not None and answer.status == 200 else None
    places = [("", value), *(value.items() if isinstance(value, Mapping) else ())]
    for key, members in places:
        if not isinstance(members, list):
            continue
        plain = [found for found in map(wire.identity, members) if found]
        if plain:
            return str(key), "", list(dict.fromkeys(plain))
        for name in _ID_NAMES:
            named = [
                found
                for member in members
                if isinstance(member, Mapping) and (found := wire.identity(member.get(name)))
            ]
            if named:
                return str(key), name, list(dict.fromkeys(named))
    return "", "", []


def some_ids(answers: Answers, most: int) -> list[str]:
    """Up to `most` ids of the list, spread over it."""
    ids = listed(answers.get("models"))[2]
    if len(ids) <= most:
        return ids
    return [ids[number * (len(ids) - 1) // (most - 1)] for number in range(most)]


def records(answer: Answer | None) -> list[Record]:
    """The records of a list of requests; empty where there are none."""
    found = answer.mapping.get("requests") if answer is not None else None
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []


def id_of(record: Record) -> str | None:
    return wire.identity(record.get("request_id"))


def path(*parts: str, **query: Any) -> str:
    """A path below the base URL, each part percent-encoded whole."""
    told = "".join(f"/{quote(part, safe='')}" for part in parts)
    return f"{told}?{urlencode(query)}" if query else told


def url_in(answer: Answer | None, name: str) -> str | None:
    """The web address under `name` of an answer; None where there is none that can be asked."""
    found = answer.mapping.get(name) if answer is not None and answer.status == 200 else None
    return found if isinstance(found, str) and urls.origin(found) else None


def query_of(url: str) -> Mapping[str, str]:
    """The query of a URL, names in lower case."""
    try:
        found = parse_qs(urlsplit(url).query, keep_blank_values=True)
    except ValueError:
        return {}
    return {name.lower(): values[0] for name, values in found.items()}
