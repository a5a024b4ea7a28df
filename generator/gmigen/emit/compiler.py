"""Our types -> Python annotations, compiled by datamodel-code-generator; its only importer.

The compiler is given a JSON Schema built from scratch out of whitelisted keywords, and no remote
text at all: options, list elements and nested objects stand in it as ASCII placeholders, which
are replaced in the result. What it returns is parsed and taken as data, never as a file.

Every distinct leaf of a whole catalogue is compiled in one call, because a call costs
milliseconds and catalogues repeat themselves.
"""

from __future__ import annotations

import ast
import json
import re
import warnings
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..schema.plain import PLAIN, plain_schema, present
from ..schema.types import (
    Choice,
    Json,
    ListOf,
    OneOf,
    Type,
)

KEYWORDS = frozenset(
    [
        "type",
        "properties",
        "required",
        "enum",
        "items",
        "minimum",
        "maximum",
        "minItems",
        "maxItems",
        "minLength",
        "maxLength",
        "title",
    ]
)
"""The only keywords the compiler ever sees."""

_OPTION = re.compile(r"'@(\d+)'")
_ITEM = "@item"


@dataclass(frozen=True)
class Annotation:
    """A compiled leaf: `base`, and the arguments of the `Field(...)` that restricts it."""

    base: str
    limits: tuple[str, ...] = ()

    def with_options(self, options: list[str]) -> Annotation:
        """A choice with each placeholder replaced by the source of its option."""
        return Annotation(_OPTION.sub(lambda hole: options[int(hole[1])], self.base), self.limits)

    def with_item(self, item: str) -> Annotation:
        """A list with the source of its element's annotation."""
        return Annotation(self.base.replace(f"Literal['{_ITEM}']", item), self.limits)


class CompilerError(Exception):
    """datamodel-code-generator returned something that is not what was asked for."""


def leaves(kind: Type) -> Iterator[str]:
    """The keys of every leaf inside `kind`; `compile_leaves` takes them."""
    key = leaf_key(kind)
    if key is not None:
        yield key
    if isinstance(kind, ListOf):
        yield from leaves(kind.item)
    elif isinstance(kind, OneOf):
        for member in kind.members:
            yield from leaves(member)


def leaf_key(kind: Type) -> str | None:
    """A leaf's schema as text, or None for what is put together without the compiler."""
    schema = _schema(kind)
    return None if schema is None else json.dumps(schema, sort_keys=True)


def compile_leaves(keys: Iterable[str]) -> Mapping[str, Annotation]:
    """Compile each leaf once.

    Raises:
        CompilerError: when the pinned compiler fails, or answers in a shape nobody has seen.
    """
    ordered = sorted(set(keys))
    if not ordered:
        return {}
    names = [f"f{index}" for index in range(len(ordered))]
    schema = {
        "title": "Fields",
        "type": "object",
        "properties": dict(zip(names, map(json.loads, ordered), strict=True)),
        "required": names,
    }
    try:
        found = dict(_fields(_compiled(schema)))
    except CompilerError:
        raise
    except Exception as error:  # whatever a compiler we do not own may raise
        raise CompilerError(f"{type(error).__name__}: {error}"[:300]) from error
    if found.keys() != set(names):
        raise CompilerError("it dropped or renamed a field")
    return {key: found[name] for key, name in zip(ordered, names, strict=True)}


def _schema(kind: Type) -> dict[str, Json] | None:
    if isinstance(kind, PLAIN):
        return plain_schema(kind)
    if isinstance(kind, Choice):
        count = sum(value is not None for value in kind.values)
        if count == 0:
            return {"type": "null"}
        return {"type": "string", "enum": [f"@{index}" for index in range(count)]}
    if isinstance(kind, ListOf):
        item: Json = {"type": "string", "enum": [_ITEM]}
        return present(type="array", items=item, minItems=kind.min_items, maxItems=kind.max_items)
    return None


def _compiled(schema: dict[str, Any]) -> str:
    # Imported here because it costs a quarter of a second, which `check` need not pay.
    from datamodel_code_generator import generate
    from datamodel_code_generator.enums import DataModelType, InputFileType
    from datamodel_code_generator.format import PythonVersion
    from datamodel_code_generator.parser import LiteralType

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        # It says so of the interpreter it runs on; what it is asked for is not affected.
        warnings.filterwarnings("ignore", "Running datamodel-code-generator on", FutureWarning)
        source = generate(
            schema,
            input_file_type=InputFileType.JsonSchema,
            output=None,
            output_model_type=DataModelType.PydanticV2BaseModel,
            target_python_version=PythonVersion.PY_310,
            class_name="Fields",
            formatters=[],
            disable_timestamp=True,
            disable_future_imports=True,
            strict_nullable=True,
            allow_remote_refs=False,
            enum_field_as_literal=LiteralType.All,
            use_annotated=True,
            use_union_operator=True,
            use_standard_collections=True,
            use_double_quotes=False,
            collapse_root_models=False,
            reuse_model=False,
            snake_case_field=False,
            use_schema_description=False,
            use_field_description=False,
        )
    if not isinstance(source, str):
        raise CompilerError("it returned no text")
    return source


def _fields(source: str) -> Iterator[tuple[str, Annotation]]:
    classes = [node for node in ast.parse(source).body if isinstance(node, ast.ClassDef)]
    if [node.name for node in classes] != ["Fields"]:
        raise CompilerError("it made other classes than the one asked for")
    for statement in classes[0].body:
        if not isinstance(statement, ast.AnnAssign) or not isinstance(statement.target, ast.Name):
            raise CompilerError("it made something that is no field")
        yield statement.target.id, _annotation(statement.annotation)


def _annotation(node: ast.expr) -> Annotation:
    """Split `Annotated[base, Field(ge=1)]` into its base and its limits."""
    if not (isinstance(node, ast.Subscript) and ast.unparse(node.value) == "Annotated"):
        return Annotation(ast.unparse(node))
    if not isinstance(node.slice, ast.Tuple) or len(node.slice.elts) != 2:
        raise CompilerError("it annotated a field in an unknown way")
    base, call = node.slice.elts
    if not isinstance(call, ast.Call) or ast.unparse(call.func) != "Field" or call.args:
        raise CompilerError("it restricted a field in an unknown way")
    return Annotation(ast.unparse(base), tuple(ast.unparse(word) for word in call.keywords))
