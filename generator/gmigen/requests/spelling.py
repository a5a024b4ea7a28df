"""Python names and wire names: both are taken, and faults are told in those that were given."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel

from ..runtime.errors import Fault
from .shape import wire_name

_STEP = re.compile(r"\[\d+\]|[^.\[]+")


def aliases(cls: type[BaseModel]) -> dict[str, str]:
    """The wire names that callers may write, each with the Python name."""
    return {field.alias: name for name, field in cls.model_fields.items() if field.alias}


def spelled(names: Mapping[str, str], data: Mapping[str, Any]) -> dict[str, Any]:
    """`data` by Python name; what is given in both spellings keeps both, and is refused."""

    def key(wire: str) -> str:
        name = names.get(wire, wire)
        return wire if name in data and name not in names else name

    return {key(wire): value for wire, value in data.items()}


def named(annotation: Any, value: Any) -> Any:
    """A payload by Python name, in its objects too: there a wire name means nothing else."""
    if isinstance(value, (list, tuple)):
        return [named(annotation, element) for element in value]
    inner = {*_objects(annotation)}
    if len(inner) != 1 or not isinstance(value, Mapping):
        return value
    [cls] = inner
    fields = cls.model_fields
    wires = {wire: name for name, wire in _wires(cls).items()}
    return {
        name: named(fields[name].annotation, member) if name in fields else member
        for name, member in spelled(wires, value).items()
    }


def _objects(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and hasattr(annotation, "model_fields"):
        yield annotation
    for arg in get_args(annotation) if get_origin(annotation) is not Literal else ():
        yield from _objects(arg)


def _wires(cls: type[BaseModel]) -> dict[str, str]:
    return {name: wire_name(name, field) for name, field in cls.model_fields.items()}


def as_given(fault: Fault, cls: Any, given: Any, *, wire: bool) -> Fault:
    """`fault` in the names that `given` uses; `wire` decides where it uses neither kind."""
    told = ""
    for step in _STEP.finditer(fault.field):
        if step[0].startswith("["):
            told += step[0]
            index = int(step[0][1:-1])
            listed = isinstance(given, Sequence) and index < len(given)
            given = given[index] if listed else None
            continue
        inner = {*_objects(cls)}
        wires = _wires(*inner) if len(inner) == 1 else {}
        there: Mapping[str, Any] = given if isinstance(given, Mapping) else {}
        by_wire = _speaks_wire(there, wires, wire)
        if step[0] not in wires:
            told += f".{fault.field[step.start() :]}"
            if fault.message == "unknown" and by_wire:
                fault = replace(fault, nearest=wires.get(fault.nearest or "", fault.nearest))
            break
        name = step[0]
        if name not in there and (wires[name] in there or by_wire):
            name = wires[name]
        told += f".{name}"
        [cls] = inner
        given, cls = there.get(name), cls.model_fields[step[0]].annotation
    return replace(fault, field=told.removeprefix("."))


def _speaks_wire(given: Mapping[str, Any], wires: Mapping[str, str], otherwise: bool) -> bool:
    names, theirs = set(wires), set(wires.values())
    python, wire = not names.isdisjoint({*given} - theirs), not theirs.isdisjoint({*given} - names)
    return otherwise if python == wire else wire
