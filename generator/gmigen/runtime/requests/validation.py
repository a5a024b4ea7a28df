"""From pydantic's errors to one fault per field, in words that say what to write instead."""

from __future__ import annotations

import json
import types
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import core_schema

from ..errors import Fault
from ..suggest import nearest
from .fields import Options
from .media import Media

if TYPE_CHECKING:
    from pydantic import BaseModel

SHOWN_OPTIONS = 16
SHOWN_TEXT = 40
_PYDANTIC = {*get_args(core_schema.ErrorType)}
_FROZEN = "it is frozen; make a changed copy with .with_(...)"


def faults_of(cls: type[BaseModel], data: Mapping[str, Any], error: ValidationError) -> list[Fault]:
    """Every fault of `data`, once per field however many alternatives of a union it missed."""
    faults: dict[str, Fault] = {}
    for detail in error.errors(include_url=False):
        place = _Place(cls)
        for step in detail["loc"]:
            place.enter(step)
        fault = _fault(place, detail["type"], detail["msg"], detail["input"])
        faults.setdefault(fault.field, fault)
    return [fault for path, fault in faults.items() if not _told_better(path, faults)]


def _told_better(path: str, faults: Mapping[str, Fault]) -> bool:
    """Whether other faults say what exactly is wrong inside this one."""
    return any(other.startswith((f"{path}[", f"{path}.")) for other in faults)


class _Place:
    """Where in a request an error stands, told in the caller's names."""

    def __init__(self, cls: type[BaseModel]) -> None:
        self.path = ""
        self.owners: list[type[BaseModel]] = [cls]
        self.field: FieldInfo | None = None
        self.annotation: Any = None

    def enter(self, step: str | int) -> None:
        if isinstance(step, int):
            self.path += f"[{step}]"
            self.annotation = _element(self.annotation)
            self.owners = list(objects(self.annotation))
            return
        for owner in self.owners:
            for name, field in owner.model_fields.items():
                if step in (name, field.alias):
                    self.path += f".{name}" if self.path else name
                    self.field = field
                    self.annotation = _whole(field)
                    self.owners = list(objects(self.annotation))
                    return
        # Anything else is pydantic's name for one alternative of a union, or an unknown field.
        self.unknown = step

    unknown: str = ""


def _fault(place: _Place, kind: str, message: str, given: Any) -> Fault:
    if kind == "extra_forbidden":
        if not place.unknown:
            return Fault(place.path, "given twice, under its Python name and its wire name")
        path = f"{place.path}.{place.unknown}" if place.path else place.unknown
        return Fault(_short(path), "unknown", nearest=_nearest_field(place.owners, place.unknown))
    if kind == "missing":
        return Fault(place.path, "required", allowed=_allowed(place.annotation))
    if kind in ("frozen_instance", "frozen_field"):
        return Fault(place.path, _FROZEN)
    if kind in ("value_error", "assertion_error"):  # of a validator of the caller's own
        return Fault(place.path or "request", message.partition(", ")[2] or "not allowed")
    if kind not in {*_PYDANTIC, "options", "media_type"}:
        return Fault(place.path or "request", message, value_type=type(given).__name__)
    option = _nearest_option(given, place.annotation)
    return Fault(
        place.path or "request",
        _complaint(kind, given),
        value_type=_type_of(given, option),
        allowed=_allowed(place.annotation),
        nearest=option,
    )


def unknown(cls: type[BaseModel], name: str) -> Fault:
    """The fault of a name that is no parameter."""
    return Fault(_short(name), "unknown", nearest=_nearest_field([cls], name))


def _complaint(kind: str, given: Any) -> str:
    if kind in ("string_too_long", "too_long"):
        return f"too long ({len(given):,})"
    if kind in ("string_too_short", "too_short"):
        return f"too short ({len(given):,})"
    if kind in ("greater_than_equal", "less_than_equal"):
        return "out of bounds"
    if kind in ("literal_error", "options"):
        return "not one of the options"
    return "not allowed"


def _nearest_field(owners: list[type[BaseModel]], asked: str) -> str | None:
    spelled = {name.replace("_", ""): name for owner in owners for name in owner.model_fields}
    close = nearest(asked.replace("_", "").replace("-", ""), spelled, most=1)
    return spelled[close[0]] if close else None


def _nearest_option(given: Any, annotation: Any) -> str | None:
    """The option that reads like the value: `"8"` for 8, `"16:9"` for `"16x9"`."""
    if not isinstance(given, (str, int, float)):
        return None
    if isinstance(given, int) and given.bit_length() > 64:
        return None
    texts = {str(option): option for option in _options(annotation)}
    close = nearest(str(given), texts, most=1)
    return json.dumps(texts[close[0]]) if close else None


def _type_of(given: Any, nearest: str | None) -> str:
    """The type of the value, and the value itself where it cannot be a secret: a number, or a
    text that reads like one of the options."""
    name = type(given).__name__
    if given is None:
        return "None"
    if isinstance(given, float) or (isinstance(given, int) and given.bit_length() <= 64):
        return f"{name} {given!r}"
    if isinstance(given, str) and nearest is not None:
        return f"{name} {_short(json.dumps(given))}"
    return name


def _allowed(annotation: Any, depth: int = 0) -> str:
    """What an annotation admits, in words."""
    if depth > 3:
        return "any value"
    origin, args = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _restricted(args[0], args[1:], depth)
    if origin is Literal:
        return _listed(args)
    if origin in (Union, types.UnionType):
        told = dict.fromkeys(_allowed(arg, depth + 1) for arg in args if arg is not type(None))
        return " or ".join(told)
    if origin is list:
        return f"a list, each element {_allowed(args[0], depth + 1)}"
    return _WORDS.get(origin or annotation) or f"a {getattr(annotation, '__name__', 'value')}"


_WORDS: dict[Any, str] = {
    str: "a text",
    int: "a whole number",
    float: "a number",
    bool: "True or False",
    dict: "a dict",
    type(None): "None",
    Any: "any value",
}


def _restricted(base: Any, metadata: tuple[Any, ...], depth: int) -> str:
    limits: dict[str, Any] = {}
    for item in metadata:
        if isinstance(item, Media):
            return item.allowed
        if isinstance(item, Options):
            return _listed(item.values)
        for part in item.metadata if isinstance(item, FieldInfo) else (item,):
            for name in ("ge", "le", "min_length", "max_length"):
                if getattr(part, name, None) is not None:
                    limits[name] = getattr(part, name)
    words = _allowed(base, depth)
    if "ge" in limits and "le" in limits:
        words += f" from {limits['ge']} to {limits['le']}"
    elif "ge" in limits:
        words += f", {limits['ge']} or more"
    elif "le" in limits:
        words += f", {limits['le']} or less"
    unit = "elements" if get_origin(base) is list else "characters"
    if "max_length" in limits:
        words += f", at most {limits['max_length']} {unit}"
    if limits.get("min_length"):
        words += f", at least {limits['min_length']} {unit}"
    return words


def _listed(values: tuple[Any, ...]) -> str:
    shown = ", ".join(_short(json.dumps(value)) for value in values[:SHOWN_OPTIONS])
    rest = len(values) - SHOWN_OPTIONS
    return f"{shown} and {rest} more" if rest > 0 else shown


def _options(annotation: Any) -> Iterator[Any]:
    if get_origin(annotation) is Literal:
        yield from get_args(annotation)
    for arg in get_args(annotation):
        if isinstance(arg, Options):
            yield from arg.values
        elif get_origin(arg) is not None:
            yield from _options(arg)


def objects(annotation: Any) -> Iterator[type[Any]]:
    if isinstance(annotation, type) and hasattr(annotation, "model_fields"):
        yield annotation
    for arg in get_args(annotation):
        if get_origin(annotation) is not Literal:
            yield from objects(arg)


def _element(annotation: Any) -> Any:
    """The annotation of what a list holds, wherever in a union the list stands."""
    if get_origin(annotation) is list:
        return get_args(annotation)[0]
    found = [_element(arg) for arg in get_args(annotation) if get_origin(arg) is not None]
    found = [element for element in found if element is not None]
    joined: Any = None
    for element in found:
        joined = element if joined is None else Union[joined, element]  # noqa: UP007
    return joined


def _whole(field: FieldInfo) -> Any:
    annotation: Any = field.annotation
    for item in field.metadata:
        annotation = Annotated[annotation, item]
    return annotation


def _short(text: str) -> str:
    printable = text.encode("ascii", "backslashreplace").decode("ascii")
    return printable if len(printable) <= SHOWN_TEXT else f"{printable[: SHOWN_TEXT - 3]}..."
