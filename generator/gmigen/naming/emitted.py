"""Names read back from modules that were emitted: what was published is what stands there."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from .names import Ledger, ModelNames, Scope, plain_path

_TRANSPARENT = frozenset({"Annotated", "Nullable", "AlwaysSent"})
_BASES = frozenset({"Request", "Object", "RemovedRequest"})


@dataclass(frozen=True)
class Emitted:
    """The names found, and the modules that could not be read."""

    ledger: Ledger
    unread: tuple[str, ...] = ()


def read_back(sources: Mapping[str, str]) -> Emitted:
    """The names that emitted modules give, by module name."""
    found, unread = Ledger(), []
    for module, source in sorted(sources.items()):
        try:
            model_id, scope = _module(ast.parse(source))
        except (SyntaxError, ValueError, RecursionError, KeyError):
            unread.append(module)
            continue
        found.models[model_id] = ModelNames(module, scope)
    return Emitted(found, tuple(unread))


@dataclass
class _Classes:
    """The classes of one module, with the wire name and the annotation of each attribute."""

    nodes: dict[str, ast.ClassDef] = field(default_factory=dict)

    def scope(self, name: str) -> Scope:
        scope = Scope(name)
        for statement in self.nodes[name].body:
            if not isinstance(statement, ast.AnnAssign) or not isinstance(
                statement.target, ast.Name
            ):
                continue
            attribute = statement.target.id
            if attribute.isupper() and _is_class_variable(statement.annotation):
                continue
            if attribute == "extra_payload":  # every class has it, and no parameter bears its name
                continue
            wire = _wire(statement.annotation, attribute)
            scope.attributes[wire] = attribute
            seen: dict[str, int] = {}
            for depth, cls in self._nested(statement.annotation, 0):
                path = plain_path(wire) + "[]" * depth
                seen[path] = seen.get(path, 0) + 1
                key = path if seen[path] == 1 else f"{path}#{seen[path]}"
                scope.nested[key] = self.scope(cls)
        return scope

    def _nested(self, node: ast.expr, depth: int) -> Iterator[tuple[int, str]]:
        """The classes of this module in an annotation, each with how many lists are around it."""
        if isinstance(node, ast.Name):
            if node.id in self.nodes:
                yield depth, node.id
        elif isinstance(node, ast.BinOp):
            yield from self._nested(node.left, depth)
            yield from self._nested(node.right, depth)
        elif isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
            inner = node.slice
            if node.value.id in ("list", "ListOf"):
                yield from self._nested(inner, depth + 1)
            elif node.value.id in _TRANSPARENT:
                first = inner.elts[0] if isinstance(inner, ast.Tuple) else inner
                yield from self._nested(first, depth)


def _module(tree: ast.Module) -> tuple[str, Scope]:
    classes = _Classes({n.name: n for n in tree.body if isinstance(n, ast.ClassDef)})
    for node in classes.nodes.values():
        bases = [base.id for base in node.bases if isinstance(base, ast.Name)]
        if not set(bases) & _BASES:
            raise ValueError("a class of another kind")
    requests = [(name, _constant(node, "MODEL_ID")) for name, node in classes.nodes.items()]
    [(name, model_id)] = [(name, model_id) for name, model_id in requests if model_id is not None]
    return model_id, classes.scope(name)


def _constant(node: ast.ClassDef, name: str) -> str | None:
    for statement in node.body:
        if (
            isinstance(statement, ast.AnnAssign)
            and isinstance(statement.target, ast.Name)
            and statement.target.id == name
            and isinstance(statement.value, ast.Constant)
            and isinstance(statement.value.value, str)
        ):
            return statement.value.value
    return None


def _is_class_variable(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Subscript)
        and isinstance(node.value, ast.Name)
        and node.value.id == "ClassVar"
    )


def _wire(annotation: ast.expr, attribute: str) -> str:
    """The wire name that the field's own `Field(...)` says, else the attribute itself."""
    node: ast.expr = annotation
    while isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
        word_of = node.value.id
        if word_of == "Annotated" and isinstance(node.slice, ast.Tuple):
            for part in node.slice.elts[1:]:
                if isinstance(part, ast.Call):
                    for word in part.keywords:
                        if word.arg in ("alias", "serialization_alias"):
                            value = ast.literal_eval(word.value)
                            if isinstance(value, str):
                                return value
            node = node.slice.elts[0]
        elif word_of in _TRANSPARENT:
            node = node.slice
        else:
            break
    return attribute
