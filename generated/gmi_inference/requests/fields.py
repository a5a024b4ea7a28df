# fmt: off
# isort: skip_file
# ruff: noqa
"""The vocabulary of emitted request classes: how a field behaves beyond its plain type."""

from __future__ import annotations

import copy
import json
from collections.abc import Collection, Sequence
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Protocol, TypedDict, TypeVar

from pydantic_core import PydanticCustomError, core_schema

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Sending(Enum):
    """When a field goes into the payload although the caller's value alone would not decide it."""

    NULL = "None is sent as null"
    ALWAYS = "the default is sent when the caller sets nothing"


Nullable = Annotated[T | None, Sending.NULL]
"""The API takes `null` here: an explicit None is sent. Elsewhere None means "not set"."""

AlwaysSent = Annotated[T, Sending.ALWAYS]
"""The API requires this parameter and documents a default: the default is sent for you."""

if TYPE_CHECKING:
    ExtraPayload = dict[str, Any]

    class ListOf(Collection[T_co], Protocol[T_co]):
        """A list or a tuple, of subclasses of the element too; never a text."""

        def __getitem__(self, index: int, /) -> T_co: ...

else:
    # No field: type checkers see a keyword of the constructor, and no JSON can bring it.
    ExtraPayload = ClassVar[dict[str, Any]]
    ListOf = list


class Price(TypedDict):
    """What a model costs, as the catalogue says: informative, never a quote. It is always whole.

    `micro_dollars` are millionths of a US dollar per `unit` (recorded in public), None where only
    words are known; `unit` and `details`, the catalogue's own free text, are empty where it has
    none.
    """

    micro_dollars: int | None
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
        """Return a copy of the option `value` is; a whole number also stands for its float."""
        same = [option for option in self.values if _identity(option) == _identity(value)]
        if not same and _is_number(value) and any(isinstance(one, float) for one in self.values):
            same = [option for option in self.values if _is_number(option) and option == value]
        if same:
            return copy.deepcopy(same[0])
        raise PydanticCustomError("options", "not one of the options")

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(self.check)

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, Any]:
        return {"enum": _renamed(self.values, "$ref", HIDDEN_REF)}


HIDDEN_REF = "$ref\u200b"
"""How an option's own member `$ref` is written, which pydantic would follow."""


def shown(schema: Any) -> Any:
    """A copy of a JSON Schema with the options as they are."""
    return _renamed(schema, HIDDEN_REF, "$ref")


def _renamed(value: Any, old: str, new: str) -> Any:
    return json.loads(json.dumps(value).replace(f"{json.dumps(old)}: ", f"{json.dumps(new)}: "))


_INNER = ("schema", "items_schema", "keys_schema", "values_schema")
"""Where a core schema holds another one."""


def exact(schema: Any) -> Any:
    """A copy of a core schema under which a value is taken as it is or not at all.

    pydantic would turn a whole number into a float, and take True for an option 1; on the wire
    those are different values. A tuple is the one thing that becomes another: a list.
    """
    if schema["type"] == "model":
        return schema
    copied: Any = {**schema, **{key: exact(schema[key]) for key in _INNER if key in schema}}
    if schema["type"] == "model-fields":
        copied["fields"] = {name: exact(field) for name, field in schema["fields"].items()}
    elif schema["type"] == "union":
        copied["choices"] = [
            (exact(one[0]), one[1]) if isinstance(one, tuple) else exact(one)
            for one in schema["choices"]
        ]
    elif schema["type"] == "float":
        return core_schema.no_info_wrap_validator_function(_whole_kept, copied)
    elif schema["type"] == "list":
        return core_schema.no_info_before_validator_function(_listed, copied)
    elif schema["type"] == "literal":
        options = Options(*schema["expected"])
        return core_schema.no_info_before_validator_function(options.check, copied)
    return copied


def _listed(value: Any) -> Any:
    texts = (str, bytes, bytearray, memoryview)
    return list(value) if isinstance(value, Sequence) and not isinstance(value, texts) else value


def _whole_kept(value: Any, validate: core_schema.ValidatorFunctionWrapHandler) -> Any:
    checked = validate(value)
    return value if isinstance(value, int) else checked


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _identity(value: Any) -> str:
    try:
        return json.dumps(value, sort_keys=True, default=repr)
    except (TypeError, ValueError, RecursionError):
        return ""  # No JSON, and so no option.
