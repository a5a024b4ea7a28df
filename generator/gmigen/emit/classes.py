"""A named model -> its classes: the one walk that the module, the page and the compiler share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..naming.names import ModelNames, Scope, records
from ..schema.types import Model, Parameter, Record
from ..text.described import Described, described


@dataclass(frozen=True)
class Member:
    """One attribute of a class."""

    attribute: str
    parameter: Parameter
    said: Described
    scope: Scope
    """The scope of the class it belongs to, whose nested classes its type may use."""

    def nested(self) -> Iterator[tuple[Record, Scope]]:
        """The records inside its type, each with the scope of the class it becomes."""
        for path, record in records(self.parameter):
            yield record, self.scope.nested[path]


@dataclass(frozen=True)
class Class:
    """One class of a module. `of` is the member whose value it describes, None for the request."""

    name: str
    members: tuple[Member, ...]
    of: Member | None = None
    listed: bool = False
    """Whether it describes an element of a list instead of the whole value."""


def classes_of(model: Model, names: ModelNames) -> tuple[Class, ...]:
    """The classes of a model in the order they are defined: nested ones first, the request last."""
    return tuple(_walk(model.parameters, names.request, None, False))


def _walk(
    parameters: Sequence[Parameter], scope: Scope, of: Member | None, listed: bool
) -> Iterator[Class]:
    members = tuple(
        Member(scope.attributes[parameter.name], parameter, described(parameter), scope)
        for parameter in parameters
    )
    for member in members:
        for path, record in records(member.parameter):
            yield from _walk(record.fields, scope.nested[path], member, "[]" in path)
    yield Class(scope.cls, members, of, listed)
