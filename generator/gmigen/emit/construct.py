"""A JSON value as Python source: literals, and constructor calls where a nested class fits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..naming.names import Scope, records
from ..schema.algebra import admits
from ..schema.types import Json, ListOf, OneOf, Parameter, Record, Type
from ..text.literals import literal

WIDTH = 70


@dataclass
class Construction:
    """Writes values of the parameters of one class, remembering the nested classes it needs.

    With `laid_out`, arguments that do not fit into one line stand one below the other.
    """

    laid_out: bool = False
    classes: set[str] = field(default_factory=set)

    def arguments(
        self,
        parameters: tuple[Parameter, ...],
        payload: Mapping[str, Json],
        scope: Scope,
        indent: int = 4,
    ) -> str:
        """The keyword arguments that build `payload`, in the order of the parameters."""
        told = [
            f"{scope.attributes[p.name]}={self.value(p, payload[p.name], scope, indent)}"
            for p in parameters
            if p.name in payload
        ]
        joined = ", ".join(told)
        if not self.laid_out or (len(joined) + indent < WIDTH and "\n" not in joined):
            return joined
        margin = " " * indent
        return "\n" + "".join(f"{margin}{part},\n" for part in told) + margin[4:]

    def value(self, parameter: Parameter, value: Json, scope: Scope, indent: int = 4) -> str:
        """`value` as an expression of the parameter's type."""
        scopes = {id(record): scope.nested[path] for path, record in records(parameter)}
        return self._value(parameter.type, value, scopes, indent)

    def _value(self, kind: Type, value: Json, scopes: Mapping[int, Scope], indent: int) -> str:
        for member in kind.members if isinstance(kind, OneOf) else (kind,):
            if isinstance(member, Record) and isinstance(value, dict) and admits(member, value):
                inner = scopes[id(member)]
                self.classes.add(inner.cls)
                return f"{inner.cls}({self.arguments(member.fields, value, inner, indent + 4)})"
            if isinstance(member, ListOf) and isinstance(value, list) and admits(member, value):
                parts = [self._value(member.item, part, scopes, indent) for part in value]
                return f"[{', '.join(parts)}]"
        return literal(value).text
