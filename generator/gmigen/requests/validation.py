"""From pydantic's errors to one fault per field, in words that say what to write instead."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import ErrorDetails, core_schema

from ..runtime.errors import Fault
from ..runtime.suggest import nearest
from .annotations import alternatives
from .fields import shown
from .media import in_words

SHOWN_OPTIONS = 16
SHOWN_TEXT = 40

_TOLD_BY_SCHEMA = {*get_args(core_schema.ErrorType), "options", "media_type"}
_COMPLAINTS = {
    **dict.fromkeys(("string_too_long", "too_long"), "too long ({:,})"),
    **dict.fromkeys(("string_too_short", "too_short"), "too short ({:,})"),
    **dict.fromkeys(("greater_than_equal", "less_than_equal"), "out of bounds"),
    **dict.fromkeys(("literal_error", "options"), "not one of the options"),
}
_WORDS = {
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "True or False",
    "object": "a dict",
}
_LIMITS = {
    "maxLength": ", at most {} characters",
    "minLength": ", at least {} characters",
    "maxItems": ", at most {} elements",
    "minItems": ", at least {} elements",
}


def faults_of(cls: type[BaseModel], error: ValidationError) -> list[Fault]:
    """Every fault, once per field however many alternatives of a union its value missed."""
    schema = shown(cls.model_json_schema(by_alias=False, schema_generator=_Lenient))
    faults: dict[str, Fault] = {}
    for detail in error.errors(include_url=False):
        fault = _fault(_Place(schema, detail["loc"]), detail)
        faults.setdefault(fault.field, fault)
    # A fault goes where others say what exactly is wrong inside of it.
    return [
        fault
        for path, fault in faults.items()
        if not any(other.startswith((f"{path}[", f"{path}.")) for other in faults)
    ]


class _Lenient(GenerateJsonSchema):
    """Takes fields of a user's class that no JSON Schema can describe."""

    ignored_warning_kinds = {"skipped-choice", "non-serializable-default"}  # noqa: RUF012

    def handle_invalid_for_json_schema(self, schema: Any, error_info: str) -> dict[str, Any]:
        return {}


class _Place:
    """Where in a request an error stands: its path, and what the JSON Schema admits there."""

    def __init__(self, schema: dict[str, Any], steps: Iterable[int | str]) -> None:
        self._definitions = schema.get("$defs", {})
        self.path = self.unknown = ""
        self.admitted = [*alternatives(schema, self._definitions)]
        for step in steps:
            if isinstance(step, int):
                name, inside = f"[{step}]", [one.get("items", {}) for one in self.admitted]
            elif step in self.members():
                members = [one.get("properties", {}) for one in self.admitted]
                name, inside = f".{step}", [one[step] for one in members if step in one]
            else:  # An unknown field, or pydantic's name for one alternative of a union.
                self.unknown = step
                continue
            self.path, self.unknown = (self.path + name).removeprefix("."), ""
            self.admitted = [*chain(*(alternatives(one, self._definitions) for one in inside))]

    def members(self) -> list[str]:
        """The names of what an object at this place holds."""
        return [name for one in self.admitted for name in one.get("properties", ())]

    def options(self, admitted: Iterable[Mapping[str, Any]]) -> Iterator[Any]:
        """The values of closed lists, also of those whose values stand in a list."""
        for one in admitted:
            yield from _options(one)
            if "items" in one:
                yield from self.options(alternatives(one["items"], self._definitions))

    def allowed(self, admitted: Iterable[Mapping[str, Any]]) -> str:
        """What is admitted, in words."""
        told = [self._words(one) for one in admitted if one.get("type") != "null"]
        return " or ".join(dict.fromkeys(told))

    def _words(self, schema: Mapping[str, Any]) -> str:
        if options := _options(schema):
            told = ", ".join(_short(json.dumps(option)) for option in options[:SHOWN_OPTIONS])
            rest = len(options) - SHOWN_OPTIONS
            return f"{told} and {rest} more" if rest > 0 else told
        if "contentMediaType" in schema:
            return in_words(schema["contentMediaType"])
        words = _WORDS.get(schema.get("type", ""), "any value")
        if "items" in schema:
            inner = alternatives(schema["items"], self._definitions)
            words = f"a list, each element {self.allowed(inner)}"
        if "properties" in schema:
            words = f"a {schema['title']}"
        low, high = schema.get("minimum"), schema.get("maximum")
        if low is not None and high is not None:
            words += f" from {low} to {high}"
        elif low is not None or high is not None:
            words += f", {high} or less" if low is None else f", {low} or more"
        return words + "".join(
            limit.format(schema[name]) for name, limit in _LIMITS.items() if schema.get(name)
        )


def _options(schema: Mapping[str, Any]) -> list[Any]:
    return list(schema.get("enum", [schema["const"]] if "const" in schema else ()))


def _fault(place: _Place, detail: ErrorDetails) -> Fault:
    kind, given, field = detail["type"], detail["input"], place.path or "request"
    if kind == "extra_forbidden" and place.unknown:
        path = f"{place.path}.{place.unknown}".removeprefix(".")
        plain = {one.replace("_", ""): one for one in place.members()}
        close = nearest(re.sub("[_-]", "", place.unknown), plain, most=1)
        return Fault(_short(path), "unknown", nearest=plain[close[0]] if close else None)
    if kind == "extra_forbidden":
        return Fault(field, "given twice, under its Python name and its wire name")
    if kind == "missing":
        return Fault(field, "required", allowed=place.allowed(place.admitted))
    if kind in ("value_error", "assertion_error"):  # of a validator of the caller's own
        return Fault(field, detail["msg"].partition(", ")[2] or "not allowed")
    if kind not in _TOLD_BY_SCHEMA:
        return Fault(field, detail["msg"], value_type=type(given).__name__)
    complaint = _COMPLAINTS.get(kind, "not allowed")
    if "{" in complaint:
        complaint = complaint.format(len(given))
    option = _nearest_option(given, place.options(place.admitted))
    told, allowed = _told(given, option), place.allowed(place.admitted)
    return Fault(field, complaint, value_type=told, allowed=allowed, nearest=option)


def _is_small(given: Any) -> bool:
    """Whether it is a number that can be shown whole."""
    return isinstance(given, float) or (isinstance(given, int) and given.bit_length() <= 64)


def _nearest_option(given: Any, options: Iterable[Any]) -> str | None:
    """The option that reads like the value: `"8"` for 8, `"16:9"` for `"16x9"`."""
    if not (isinstance(given, str) or _is_small(given)):
        return None
    texts = {str(option): option for option in options}
    close = nearest(str(given), texts, most=1)
    return json.dumps(texts[close[0]]) if close else None


def _told(given: Any, option: str | None) -> str:
    """The type of the value, and the value itself where it cannot be a secret: a number, or a
    text that reads like one of the options."""
    name = type(given).__name__
    if _is_small(given):
        return f"{name} {given!r}"
    if isinstance(given, str) and option is not None:
        return f"{name} {_short(json.dumps(given))}"
    return "None" if given is None else name


def _short(text: str) -> str:
    printable = text.encode("ascii", "backslashreplace").decode("ascii")
    return printable if len(printable) <= SHOWN_TEXT else f"{printable[: SHOWN_TEXT - 3]}..."
