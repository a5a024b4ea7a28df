"""Overlays: corrections of what the API says wrongly, applied to the details before they are read.

An overlay is a TOML file about one model. It names its source, and is itself checked: a correction
that finds nothing to correct, or that the API has made meanwhile, is a finding.
"""

from __future__ import annotations

import copy
import difflib
import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..errors import OverlayError
from ..problems import Problem
from .json_text import same
from .types import Json

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

CORRECTIONS: dict[str, str] = {
    "name": "name",
    "type": "type",
    "media": "type",
    "required": "required",
    "description": "description",
    "options": "options",
    "default": "default_value",
    "min_value": "min_value",
    "max_value": "max_value",
    "max_length": "max_length",
    "min_items": "min_items",
    "max_items": "max_items",
}
"""What a correction may say, and the key of the details it replaces."""

_KEYS = (*CORRECTIONS, "drop", "add", "was", "narrows")


@dataclass(frozen=True)
class Overlay:
    """The corrections of one file: per parameter, what its details should say."""

    file: str
    model: str
    source: str
    parameters: Mapping[str, Mapping[str, Any]]
    example: Mapping[str, Any] = field(default_factory=dict)
    """Members of an example request that the prose makes needed and the schema does not."""
    bundled: bool = False
    """Shipped with the generator: it is no finding when the snapshot lacks its model."""


@dataclass(frozen=True)
class Applied:
    """Corrected details, what was corrected, and which corrections found nothing to do.

    `unmatched`, `redundant` and `outdated` map a stable key (`file#parameter`) to the reason.
    """

    details: Json
    notes: tuple[Problem, ...]
    unmatched: Mapping[str, str]
    redundant: Mapping[str, str]
    outdated: Mapping[str, str]
    """What the API says otherwise now than when the correction was written."""


def key_of(overlay: Overlay, parameter: str) -> str:
    """What the lock remembers a correction by."""
    return f"{overlay.file}#{parameter}"


def load(file: str, content: bytes | str, *, bundled: bool = False) -> Overlay:
    """Read one overlay.

    Raises:
        OverlayError: when it is not TOML, or says something an overlay cannot say.
    """
    try:
        text = content if isinstance(content, str) else content.decode("utf-8-sig")
        value = tomllib.loads(text.replace("\r\n", "\n"))
    except UnicodeDecodeError as error:
        raise OverlayError(f"The overlay {file} is not UTF-8 (byte {error.start}).") from None
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        raise OverlayError(f"The overlay {file} is not valid TOML: {error}"[:300]) from None
    for key in value:
        if key not in _TOP:
            raise OverlayError(f"The overlay {file} says `{key}`; {_near(key, _TOP)}")
    model, source, parameters, shown = (value.get(key) for key in _TOP)
    if not isinstance(model, str) or not isinstance(source, str) or not source.strip():
        raise OverlayError(
            f"The overlay {file} must name its `model` and the `source` it rests on."
        )
    if shown is not None and not (isinstance(shown, dict) and shown):
        raise OverlayError(f"The overlay {file} has an `example` that is no table of members.")
    parameters = {} if shown and parameters is None else parameters
    if not isinstance(parameters, dict) or not (parameters or shown):
        raise OverlayError(f"The overlay {file} corrects nothing: it has no [parameters.NAME].")
    for name, correction in parameters.items():
        _check(file, name, correction)
    return Overlay(file, model, source, parameters, shown or {}, bundled)


def apply(overlay: Overlay, details: Json) -> Applied:
    """Correct the details of one model; the details given stay as they are."""
    corrected = copy.deepcopy(details)
    notes: list[Problem] = []
    unmatched: dict[str, str] = {}
    redundant: dict[str, str] = {}
    outdated: dict[str, str] = {}
    for name, correction in overlay.parameters.items():
        element = _find(corrected, name)
        if element is None and correction.get("add") and isinstance(corrected, dict):
            element = _added(corrected, name)
        key = key_of(overlay, name)
        if element is None:
            hint = _nearest(corrected, name)
            unmatched[key] = f"the model {overlay.model} has no parameter `{name}`{hint}"
        elif moved := _moved(element, correction.get("was", {})):
            outdated[key] = moved
        elif not _correct(element, correction):
            redundant[key] = f"the API says the same of `{name}`"
        else:
            message = f"corrected by {overlay.file}: {overlay.source}"
            notes.append(Problem("note", overlay.model, name, "overlay", message))
    return Applied(corrected, tuple(notes), unmatched, redundant, outdated)


_TOP = ("model", "source", "parameters", "example")


def _check(file: str, name: str, correction: Any) -> None:
    if not isinstance(correction, dict) or not correction:
        raise OverlayError(f"The overlay {file} says nothing of `{name}`.")
    try:
        json.dumps(correction, allow_nan=False)
    except (TypeError, ValueError):
        raise OverlayError(
            f"The overlay {file} says something of `{name}` that JSON cannot say (a date, say)."
        ) from None
    for key in correction:
        if key not in _KEYS:
            raise OverlayError(f"The overlay {file} says `{key}` of `{name}`; {_near(key, _KEYS)}")
    shapes = (("was", dict, "a table"), ("narrows", str, "a reason"), ("drop", list, "a list"))
    for key, kind, told in shapes:
        if key in correction and not isinstance(correction[key], kind):
            raise OverlayError(f"The overlay {file} must give `{key}` of `{name}` as {told}.")


def _moved(element: Mapping[str, Any], was: Mapping[str, Any]) -> str | None:
    """What the API no longer says as it did when the correction was written."""
    for key, value in was.items():
        now = element.get(CORRECTIONS.get(key, key))
        if not same(now, value):
            told = json.dumps(now, default=str)[:120]
            return f"the API says {told} of `{key}` now, and it was written for another word"
    return None


def _near(key: str, known: tuple[str, ...]) -> str:
    close = difflib.get_close_matches(key, known, n=1)
    return f"did you mean `{close[0]}`?" if close else f"known are {', '.join(known)}."


def _correct(element: dict[str, Any], correction: Mapping[str, Any]) -> bool:
    """Change the element; whether that changed anything."""
    before = dict(element)
    for key, value in correction.items():
        if key in CORRECTIONS:
            element[CORRECTIONS[key]] = value
    for key in correction.get("drop", ()):
        element.pop(CORRECTIONS.get(str(key), str(key)), None)
    return not same(before, element)


def _nearest(details: Json, name: str) -> str:
    members = details.get("parameters") if isinstance(details, dict) else None
    close = difflib.get_close_matches(name, [known for known, _ in _named(members)], n=1)
    return f" (did you mean `{close[0]}`?)" if close else ""


def _added(details: dict[str, Any], name: str) -> dict[str, Any] | None:
    parameters = details.setdefault("parameters", [])
    if not isinstance(parameters, list):
        return None
    parameters.append({"name": name})
    added: dict[str, Any] = parameters[-1]
    return added


def _find(details: Json, path: str) -> dict[str, Any] | None:
    """The element a path names: a wire name, or `list[].member` and `object.member` inside it."""
    members = details.get("parameters") if isinstance(details, dict) else None
    return _inside(members, path)


def _inside(members: Json, path: str) -> dict[str, Any] | None:
    for name, element in _named(members):
        if name == path:
            return element
        rest = path.removeprefix(f"{name}[]").removeprefix(".")
        if path.startswith(f"{name}[]."):
            items = element.get("items")
            found = _inside(items.get("properties"), rest) if isinstance(items, dict) else None
        elif path.startswith(f"{name}."):
            found = _inside(element.get("properties"), path[len(name) + 1 :])
        else:
            continue
        if found is not None:
            return found
    return None


def _named(members: Json) -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(members, dict):
        yield from ((name, m) for name, m in members.items() if isinstance(m, dict))
    elif isinstance(members, list):
        yield from ((str(m.get("name")), m) for m in members if isinstance(m, dict))
