# fmt: off
# isort: skip_file
# ruff: noqa
"""The vocabulary of emitted request classes: how a field behaves beyond its plain type."""

from __future__ import annotations

import json
from enum import Enum
from typing import Annotated, Any, TypedDict, TypeVar

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import PydanticCustomError, core_schema

T = TypeVar("T")


class Sending(Enum):
    """When a field goes into the payload although the caller's value alone would not decide it."""

    NULL = "None is sent as null"
    ALWAYS = "the default is sent when the caller sets nothing"


Nullable = Annotated[T | None, Sending.NULL]
"""The API takes `null` here: an explicit None is sent. Elsewhere None means "not set"."""

AlwaysSent = Annotated[T, Sending.ALWAYS]
"""The API requires this parameter and documents a default: the default is sent for you."""


class Price(TypedDict, total=False):
    """What a model costs, as the catalogue says: informative, never a quote.

    `micro_dollars` are millionths of a US dollar per `unit` (recorded in public); `details` is the
    catalogue's own free text.
    """

    micro_dollars: int
    unit: str
    details: str


class Options:
    """The values a field admits where `typing.Literal` cannot say so: floats, objects, lists.

    Values compare as JSON: `1`, `1.0`, `True` and `"1"` are four values.
    """

    __slots__ = ("values",)

    def __init__(self, *values: Any) -> None:
        self.values = values

    def __repr__(self) -> str:
        return f"Options({', '.join(map(repr, self.values))})"

    def check(self, value: Any) -> Any:
        """Return the option that `value` is; a whole number also stands for its float."""
        for option in self.values:
            if _identity(option) == _identity(value):
                return option
        for option in self.values:
            if _is_number(value) and _is_number(option) and value == option:
                return option
        raise PydanticCustomError("options", "not one of the options")

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(self.check)

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {"enum": list(self.values)}


_INNER = ("schema", "items_schema", "keys_schema", "values_schema", "choices", "fields")
"""Where a core schema holds others."""


def exact(schema: Any) -> Any:
    """A copy of a core schema under which a value is taken as it is or not at all.

    pydantic would turn a whole number into a float, and take True for an option 1; on the wire
    those are different values.
    """
    if isinstance(schema, (list, tuple)):
        return type(schema)(exact(inner) for inner in schema)
    if not isinstance(schema, dict) or schema.get("type") == "model":
        return schema
    if "type" not in schema:
        return {name: exact(inner) for name, inner in schema.items()}
    copied: Any = {key: exact(value) if key in _INNER else value for key, value in schema.items()}
    if schema["type"] == "float":
        return core_schema.no_info_wrap_validator_function(_whole_kept, copied)
    if schema["type"] == "literal" and any(isinstance(v, int) for v in schema["expected"]):
        return core_schema.no_info_wrap_validator_function(_type_kept, copied)
    return copied


def _whole_kept(value: Any, validate: core_schema.ValidatorFunctionWrapHandler) -> Any:
    checked = validate(value)
    return value if isinstance(value, int) else checked


def _type_kept(value: Any, validate: core_schema.ValidatorFunctionWrapHandler) -> Any:
    checked = validate(value)
    if _identity(checked) != _identity(value):
        raise PydanticCustomError("options", "not one of the options")
    return checked


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _identity(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=repr)
