"""A JSON object of a payload: building, checking, changing, and how it goes over the wire."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    ValidationError,
)
from pydantic.fields import FieldInfo
from pydantic_core import core_schema

from ..errors import InvalidRequestError
from .fields import Sending, exact
from .shape import Signed, described, inherit, wire_name, without_null
from .validation import faults_of, objects, unknown

O = TypeVar("O", bound="Object")  # noqa: E741


class Object(BaseModel):
    """A JSON object of a payload. Fields take their Python name or their wire name.

    Types are strict because the API's are: `"5"` and 5 are different values to it (recorded in
    public), so neither is turned into the other. However an object is made or changed, every
    value is checked at once; `InvalidRequestError` names every field at fault.
    """

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        populate_by_name=True,
        protected_namespaces=(),
        hide_input_in_errors=True,
        validate_assignment=True,
    )

    __test__: ClassVar[bool] = False
    """A class called `Test...` is no test."""

    def __init__(self, /, **data: Any) -> None:
        """Check every value at once; the class tells its parameters.

        Raises:
            InvalidRequestError: naming every field at fault.
        """
        self._build(type(self), data)

    # pydantic would otherwise call this for nested objects too, losing where they stand.
    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined]

    def _build(self, cls: type[Object], data: Mapping[str, Any]) -> None:
        try:
            cls.__pydantic_validator__.validate_python(data, self_instance=self)
        except ValidationError as error:
            raise InvalidRequestError(faults_of(cls, data, error)) from None

    @classmethod
    def __pydantic_init_subclass__(cls, **options: Any) -> None:
        super().__pydantic_init_subclass__(**options)
        # A keyword for type checkers; at run time the property of `Request` serves it.
        if isinstance(vars(cls).get("extra_payload"), FieldInfo):
            del cls.extra_payload  # type: ignore[attr-defined]
        cls.__class_vars__.discard("extra_payload")
        if inherit(cls):
            cls.model_rebuild(force=True)
        if getattr(cls.__init__, "__pydantic_base_init__", False):
            cls.__signature__ = Signed()  # type: ignore[assignment]

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        """Nested objects may be given as plain dicts although their values are strict."""

        def lenient(schema: Any) -> Any:
            if schema["type"] == "model":
                return {**schema, "strict": False, "schema": exact(schema["schema"])}
            return {**schema, "schema": lenient(schema["schema"])} if "schema" in schema else schema

        found: core_schema.CoreSchema = lenient(handler(source))
        return found

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """The API's view: with what each parameter means, and null only where it is sent."""
        json_schema = handler(schema)
        told: dict[str, Any] = handler.resolve_ref_schema(json_schema)
        about = described(cls)
        if "description" in told:
            told["description"] = told["description"].partition("\n\nArgs:\n")[0]
        for name, field in cls.model_fields.items():
            for key in {name, field.alias, wire_name(name, field)} & {*told.get("properties", ())}:
                member = told["properties"][key]
                if Sending.NULL not in field.metadata:
                    member = told["properties"][key] = without_null(member)
                if name in about:
                    member.setdefault("description", about[name])
        return json_schema

    if not TYPE_CHECKING:

        def __setattr__(self, name: str, value: Any) -> None:
            cls = type(self)
            fields = cls.model_fields
            name = spelled(cls, {name: value}).popitem()[0]
            if name not in fields and not name.startswith("_") and not hasattr(cls, name):
                raise InvalidRequestError([unknown(cls, name)])
            before = {**self.__dict__}, {*self.__pydantic_fields_set__}
            try:
                super().__setattr__(name, value)
            except ValidationError as error:
                for slot, kept in zip(("__dict__", "__pydantic_fields_set__"), before, strict=True):
                    object.__setattr__(self, slot, kept)
                raise InvalidRequestError(faults_of(cls, {name: value}, error)) from None

    def payload(self) -> dict[str, Any]:
        """The object as it goes over the wire, under wire names.

        Holds what the caller set and the default of every required field, nothing else. Local
        media are still the `Path` or open file given; submitting uploads them.
        """
        return dict(self._members())

    def _members(self) -> Iterator[tuple[str, Any]]:
        for name, field in type(self).model_fields.items():
            given, always = name in self.model_fields_set, Sending.ALWAYS in field.metadata
            if field.exclude or not (given or always):
                continue
            value = self.__dict__[name]
            if value is None and Sending.NULL not in field.metadata:
                value = field.get_default(call_default_factory=True) if always else None
                if value is None:
                    continue
            yield wire_name(name, field), plain(value)

    def with_(self: O, /, **changes: Any) -> O:
        """A copy with other values, checked like a new one. None unsets a parameter.

        Raises:
            InvalidRequestError: naming every field at fault.
        """
        cls = type(self)
        made = cls(**{**self._given(), **spelled(cls, changes)})
        private = {**(self.__pydantic_private__ or {}), **made._own_private()}
        object.__setattr__(made, "__pydantic_private__", private or None)
        return made

    def _own_private(self) -> dict[str, Any]:
        """What is private and yet comes from the constructor."""
        return {}

    def _given(self) -> dict[str, Any]:
        """What the caller set, by Python name."""
        return {
            name: copied(self.__dict__[name])
            for name in type(self).model_fields
            if name in self.model_fields_set
        }

    @classmethod
    def from_payload(cls: type[O], payload: Mapping[str, Any], /) -> O:
        """The object whose payload is `payload`; its keys are wire names.

        Raises:
            InvalidRequestError: naming every field at fault.
        """
        return cls(**named(cls, payload))

    def model_copy(self: O, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> O:
        """The same as `with_`; `deep` copies the values too."""
        return (copy.deepcopy(self) if deep else self).with_(**(update or {}))

    def model_dump(self, *, exclude_unset: bool = True, **options: Any) -> dict[str, Any]:
        """What the caller set, by Python name: the arguments that make the same request again."""
        return super().model_dump(exclude_unset=exclude_unset, **options)

    def model_dump_json(self, *, exclude_unset: bool = True, **options: Any) -> str:
        """The same as JSON."""
        return super().model_dump_json(exclude_unset=exclude_unset, **options)

    if not TYPE_CHECKING:

        def __replace__(self, /, **changes: Any) -> Object:
            return self.with_(**changes)

        def copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Object:
            return self.model_copy(update=update, deep=deep)

        @classmethod
        def model_construct(cls, _fields_set: Any = None, /, **values: Any) -> Object:
            """The same as the constructor: nothing is built unchecked."""
            return cls(**values)


def spelled(cls: type[Object], data: Mapping[str, Any]) -> dict[str, Any]:
    """`data` by Python name; what is given in both spellings keeps both, and is refused."""
    names = {field.alias: name for name, field in cls.model_fields.items() if field.alias}
    return {
        key if names.get(key, key) in data else names.get(key, key): value
        for key, value in data.items()
    }


def named(cls: type[Object], payload: Mapping[str, Any]) -> dict[str, Any]:
    """A payload by Python name, in its objects too: there a wire name means nothing else."""
    names = {wire_name(name, field): name for name, field in cls.model_fields.items()}
    twice = {name for name in names.values() if name in payload and name not in names}
    return {
        wire if names.get(wire) in twice else names.get(wire, wire): _named_inside(
            cls, names.get(wire), value
        )
        for wire, value in payload.items()
    }


def _named_inside(cls: type[Object], name: str | None, value: Any) -> Any:
    inner = {*objects(cls.model_fields[name].annotation)} if name is not None else set()
    if len(inner) != 1:
        return value
    [one] = inner
    if isinstance(value, (list, tuple)):
        return [_named_inside(cls, name, element) for element in value]
    return named(one, value) if isinstance(value, Mapping) else value


def copied(value: Any) -> Any:
    """The same value, with no list, dict or object in it that another request holds."""
    if isinstance(value, Object):
        return value.model_copy()
    if isinstance(value, list):
        return [copied(element) for element in value]
    if isinstance(value, dict):
        return {key: copied(element) for key, element in value.items()}
    return value


def plain(value: Any) -> Any:
    if isinstance(value, Object):
        return value.payload()
    if isinstance(value, (list, tuple)):
        return [plain(element) for element in value]
    if isinstance(value, dict):
        return {key: plain(element) for key, element in value.items()}
    return value
