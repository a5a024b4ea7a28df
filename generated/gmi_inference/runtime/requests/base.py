# fmt: off
# isort: skip_file
# ruff: noqa
"""The base classes of every emitted request: building, checking, and the payload."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    ValidationError,
)
from pydantic.fields import FieldInfo
from pydantic_core import core_schema

from ..errors import InvalidRequestError
from .fields import Price, Sending, exact
from .validation import faults_of


class Object(BaseModel):
    """A JSON object of a payload. Fields take their Python name or their wire name.

    Types are strict because the API's are: `"5"` and 5 are different values to it (recorded in
    public), so neither is turned into the other.
    """

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        populate_by_name=True,
        protected_namespaces=(),
        hide_input_in_errors=True,
        validate_assignment=True,
    )

    if not TYPE_CHECKING:

        def __init__(self, /, **data: Any) -> None:
            """Check every value at once.

            Raises:
                InvalidRequestError: naming every field at fault, before anything is sent.
            """
            try:
                self.__pydantic_validator__.validate_python(data, self_instance=self)
            except ValidationError as error:
                raise InvalidRequestError(faults_of(type(self), data, error)) from None

        # pydantic would otherwise call this for nested objects too, losing where they stand.
        __init__.__pydantic_base_init__ = True

        def __setattr__(self, name: str, value: Any) -> None:
            try:
                super().__setattr__(name, value)
            except ValidationError as error:
                raise InvalidRequestError(faults_of(type(self), {name: value}, error)) from None

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        """Nested objects may be given as plain dicts although their values are strict."""
        schema = handler(source)
        if schema["type"] != "model":
            return schema
        return {**schema, "strict": False, "schema": exact(schema["schema"])}

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Properties stand under their wire names, those that callers cannot use included."""
        json_schema = handler(schema)
        told: dict[str, Any] = handler.resolve_ref_schema(json_schema)
        wires = {
            name: _wire_name(name, field)
            for name, field in cls.model_fields.items()
            if field.alias is None and not field.exclude
        }
        if "properties" in told:
            hidden = {name for name, field in cls.model_fields.items() if field.exclude}
            told["properties"] = {
                wires.get(key, key): value
                for key, value in told["properties"].items()
                if key not in hidden
            }
        if "required" in told:
            told["required"] = [wires.get(key, key) for key in told["required"]]
        return json_schema

    def payload(self) -> dict[str, Any]:
        """The object as it goes over the wire, under wire names.

        Holds what the caller set and the default of every required field, nothing else. Local
        media are still the `Path` or open file given; submitting uploads them.
        """
        return dict(self._members())

    def _members(self) -> Iterator[tuple[str, Any]]:
        for name, field in type(self).model_fields.items():
            given = name in self.model_fields_set
            if field.exclude or not (given or Sending.ALWAYS in field.metadata):
                continue
            value = getattr(self, name)
            if value is None and given and Sending.NULL not in field.metadata:
                continue
            yield _wire_name(name, field), _plain(value)


class Request(Object):
    """A request to one model. `MODEL_ID` and `PRICE` are known without building one."""

    MODEL_ID: ClassVar[str] = ""
    """The model's id, exactly as it goes over the wire."""

    PRICE: ClassVar[Price | None] = None
    """What the catalogue said the model costs, or None where it said nothing."""

    extra_payload: dict[str, Any] = Field(default_factory=dict, exclude=True, repr=False)
    """Payload members the catalogue does not know, by wire name; they win over everything else."""

    if not TYPE_CHECKING:

        def __init__(self, /, **data: Any) -> None:
            """Check every value at once, except those that `extra_payload` replaces.

            Raises:
                InvalidRequestError: naming every field at fault, before anything is sent.
            """
            replaced = _replaced(type(self), data.get("extra_payload"))
            if not replaced:
                super().__init__(**data)
                return
            kept = {key: value for key, value in data.items() if key not in replaced}
            try:
                super().__init__(**kept)
            except InvalidRequestError as error:
                faults = [fault for fault in error.faults if fault.field not in replaced]
                if faults:
                    raise InvalidRequestError(faults) from None
                self._build_without(kept)

        __init__.__pydantic_base_init__ = True

    def _build_without(self, kept: dict[str, Any]) -> None:
        """Build although required fields are absent, because `extra_payload` brings them."""
        validated = type(self).model_construct()
        for name, field in type(self).model_fields.items():
            for key in (name, field.validation_alias):
                if isinstance(key, str) and key in kept:
                    setattr(validated, name, kept[key])
        for slot in ("__dict__", "__pydantic_fields_set__"):
            object.__setattr__(self, slot, getattr(validated, slot))
        for slot in ("__pydantic_extra__", "__pydantic_private__"):
            object.__setattr__(self, slot, None)

    def payload(self) -> dict[str, Any]:
        """The payload as it goes over the wire, under wire names.

        Holds what the caller set, the default of every required parameter, and `extra_payload`.
        Local media are still the `Path` or open file given; submitting uploads them.
        """
        return {**super().payload(), **self.extra_payload}

    @classmethod
    def payload_schema(cls) -> dict[str, Any]:
        """The JSON Schema of the payload, under wire names."""
        return cls.model_json_schema(by_alias=True)


def _replaced(cls: type[Request], extra: Any) -> set[str]:
    """The keys, in every spelling, of the fields that `extra_payload` replaces."""
    if not isinstance(extra, dict) or not extra:
        return set()
    keys: set[str] = set()
    for name, field in cls.model_fields.items():
        if name != "extra_payload" and _wire_name(name, field) in extra:
            keys |= {name} if field.alias is None else {name, field.alias}
    return keys


def _wire_name(name: str, field: FieldInfo) -> str:
    """The name of a field in the payload; an empty text is one too."""
    wires = (field.serialization_alias, field.alias)
    return next((wire for wire in wires if wire is not None), name)


def _plain(value: Any) -> Any:
    if isinstance(value, Object):
        return value.payload()
    if isinstance(value, (list, tuple)):
        return [_plain(element) for element in value]
    if isinstance(value, dict):
        return {key: _plain(element) for key, element in value.items()}
    return value
