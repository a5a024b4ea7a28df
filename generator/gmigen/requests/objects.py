"""A JSON object of a payload: building, checking, changing, and how it goes over the wire."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError, create_model
from pydantic.fields import FieldInfo
from pydantic_core import core_schema

from ..runtime.errors import Fault, InvalidRequestError
from ..runtime.local import is_local
from ..runtime.wire import json_value
from .fields import Sending, exact
from .shape import Signed, described, inherit, wire_name, without_null
from .spelling import aliases, as_given, named, spelled
from .validation import faults_of

_building: ContextVar[bool] = ContextVar("building", default=False)
"""Whether validators are at work."""

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
        allow_inf_nan=False,
    )

    __test__: ClassVar[bool] = False
    """A class called `Test...` is no test."""

    def __init__(self, /, **data: Any) -> None:
        """Check every value at once; the class tells its parameters.

        Raises:
            InvalidRequestError: naming every field at fault.
        """
        self._build(type(self), data, data)

    # pydantic would otherwise call this for nested objects too, losing where they stand.
    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined]

    def _build(
        self, cls: type[Object], data: Mapping[str, Any], given: Any, *, wire: bool = False
    ) -> None:
        token = _building.set(True)
        try:
            cls.__pydantic_validator__.validate_python(data, self_instance=self)
        except ValidationError as error:
            raise _invalid(cls, error, given, wire=wire) from None
        finally:
            _building.reset(token)

    @classmethod
    def model_validate(cls: type[O], obj: Any, **options: Any) -> O:
        """The object that a mapping describes, by Python names or wire names.

        Raises:
            InvalidRequestError: naming every field at fault, as the mapping does.
        """
        try:
            return super().model_validate(obj, **options)
        except ValidationError as error:
            raise _invalid(cls, error, obj) from None

    @classmethod
    def model_validate_json(cls: type[O], json_data: str | bytes | bytearray, **options: Any) -> O:
        """The same from JSON text, such as `model_dump_json` gives."""
        try:
            return super().model_validate_json(json_data, **options)
        except ValidationError as error:
            raise _invalid(
                cls,
                error,
                json_value(json_data if isinstance(json_data, str) else bytes(json_data)),
            ) from None

    @classmethod
    def __pydantic_init_subclass__(cls, **options: Any) -> None:
        super().__pydantic_init_subclass__(**options)
        # A keyword for type checkers; at run time the property of `Request` serves it.
        if isinstance(vars(cls).get("extra_payload"), (FieldInfo, dict)):
            del cls.extra_payload  # type: ignore[attr-defined]
        cls.__class_vars__.discard("extra_payload")
        if inherit(cls):
            cls.model_rebuild(force=True)
        if getattr(cls.__init__, "__pydantic_base_init__", False):
            cls.__signature__ = Signed()  # type: ignore[assignment]

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> core_schema.CoreSchema:
        """Nested objects may be given as plain dicts although their values are strict."""

        def lenient(schema: Any) -> Any:
            if schema["type"] == "model":
                config = {**schema.get("config", {}), "loc_by_alias": False}
                inner = exact(schema["schema"])
                return {**schema, "strict": False, "config": config, "schema": inner}
            return {**schema, "schema": lenient(schema["schema"])} if "schema" in schema else schema

        found: core_schema.CoreSchema = lenient(handler(source))
        return found

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: Any, handler: Any) -> dict[str, Any]:
        """The API's view: with what each parameter means, and null only where it is sent."""
        json_schema: dict[str, Any] = handler(schema)
        told: dict[str, Any] = handler.resolve_ref_schema(json_schema)
        about = described(cls)
        if "description" in told:
            told["description"] = told["description"].partition("\n\nArgs:\n")[0]
        for name, field in cls.model_fields.items():
            for key in {name, wire_name(name, field)} & {*told.get("properties", ())}:
                member = told["properties"][key]
                if Sending.NULL not in field.metadata:
                    member = told["properties"][key] = without_null(member)
                if name in about:
                    member.setdefault("description", about[name])
        return json_schema

    if not TYPE_CHECKING:

        def __setattr__(self, name: str, value: Any) -> None:
            cls = type(self)
            [name] = spelled(aliases(cls), {name: value})
            field = cls.model_fields.get(name)
            if field is None and (name.startswith("_") or hasattr(cls, name)):
                super().__setattr__(name, value)
                return
            # A validator of the user's that assigns would otherwise call itself for ever.
            alone = _building.get()
            changed = _alone(cls, name)(**{name: value}) if alone else self.with_(**{name: value})
            if cls.model_config.get("frozen") or field.frozen:
                told = "it is frozen; make a changed copy with .with_(...)"
                raise InvalidRequestError.of(name, told)
            self.__dict__[name] = changed.__dict__[name]
            self.__pydantic_fields_set__.add(name)

        def __delattr__(self, name: str) -> None:
            [name] = spelled(aliases(type(self)), {name: None})
            field = type(self).model_fields.get(name)
            if field is None:
                super().__delattr__(name)
                return
            if field.is_required():
                raise InvalidRequestError.of(name, "required")
            self.__dict__[name] = field.get_default(call_default_factory=True)
            self.__pydantic_fields_set__.discard(name)

    def payload(self) -> dict[str, Any]:
        """The object as it goes over the wire, under wire names.

        Holds what the caller set and the default of every required field, nothing else. Local
        media are still the `Path` or open file given; submitting uploads them.
        """
        told: dict[str, Any] = {}
        for name, field in type(self).model_fields.items():
            always, null = (kind in field.metadata for kind in (Sending.ALWAYS, Sending.NULL))
            if field.exclude or not (always or name in self.model_fields_set):
                continue
            value = self.__dict__[name]
            if value is None and always and not null:
                value = field.get_default(call_default_factory=True)
            if value is not None or null:
                told[wire_name(name, field)] = plain(value)
        return told

    def with_(self: O, /, **changes: Any) -> O:
        """A copy with other values, checked like a new one. None unsets a parameter.

        Raises:
            InvalidRequestError: naming every field at fault.
        """
        made = type(self)(**{**self._given(), **spelled(aliases(type(self)), changes)})
        private = {**(self.__pydantic_private__ or {})}
        private.pop("_extra_payload", None)  # The one that the constructor takes.
        (made.__pydantic_private__ or {}).update(private)
        return made

    def _given(self) -> dict[str, Any]:
        """What the caller set, by Python name, shared with no other object."""
        return {
            name: _mapped(self.__dict__[name], lambda one: one.model_copy())
            for name in self.model_fields_set
        }

    @classmethod
    def from_payload(cls: type[O], payload: Mapping[str, Any], /) -> O:
        """The object whose payload is `payload`; its keys are wire names.

        Raises:
            InvalidRequestError: naming every field at fault.
        """
        made = cls.__new__(cls)
        made._build(cls, named(cls, payload), payload, wire=True)
        return made

    def model_copy(self: O, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> O:
        """The same as `with_`; `deep` copies the values too."""
        return (copy.deepcopy(self) if deep else self).with_(**(update or {}))

    def model_dump(self, *, exclude_unset: bool = True, **options: Any) -> dict[str, Any]:
        """What the caller set, by Python name: the arguments that make the same request again.

        Raises InvalidRequestError for local files with `mode="json"`.
        """
        if options.get("mode") == "json":
            local = [name for name in self.model_fields_set if _holds_file(self.__dict__[name])]
            told = "a local file is no JSON; upload it first, and give its URL"
            if local:
                raise InvalidRequestError([Fault(name, told) for name in local])
        return super().model_dump(exclude_unset=exclude_unset, **options)

    def model_dump_json(
        self, *, indent: int | None = None, ensure_ascii: bool = False, **options: Any
    ) -> str:
        """The same as JSON, which `model_validate_json` reads again.

        What is in `extra_payload` is told, and refused there: `Veo3Request(**json.loads(text))`
        takes it, where nobody else wrote the text. Raises InvalidRequestError for local files.
        """
        told = self.model_dump(**{**options, "mode": "json"})
        return json.dumps(told, indent=indent, ensure_ascii=ensure_ascii)

    if not TYPE_CHECKING:

        def __replace__(self, /, **changes: Any) -> Object:
            return self.with_(**changes)

        def copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Object:
            return self.model_copy(update=update, deep=deep)

        @classmethod
        def model_construct(cls, _fields_set: Any = None, /, **values: Any) -> Object:
            """The same as the constructor: nothing is built unchecked."""
            return cls(**values)


def _invalid(
    cls: type[BaseModel], error: ValidationError, given: Any, *, wire: bool = False
) -> InvalidRequestError:
    faults = faults_of(cls, error)
    return InvalidRequestError([as_given(fault, cls, given, wire=wire) for fault in faults])


@lru_cache(maxsize=256)
def _alone(cls: type[Object], name: str) -> type[Object]:
    """A class that has one field of `cls`, and none of its validators."""
    field = cls.model_fields[name]
    parts: Any = (field.annotation, *field.metadata, None)
    one: Any = {name: (Annotated[parts], ...)}
    return create_model(cls.__name__, __base__=Object, **one)


def _holds_file(value: Any) -> bool:
    if isinstance(value, Object):
        return any(map(_holds_file, value.__dict__.values()))
    if isinstance(value, (list, tuple)):
        return any(map(_holds_file, value))
    return is_local(value)


def plain(value: Any) -> Any:
    """A copy of `value`, its objects as their payloads."""
    return _mapped(value, lambda one: one.payload())


def _mapped(value: Any, told: Callable[[Object], Any]) -> Any:
    if isinstance(value, Object):
        return told(value)
    if isinstance(value, (list, tuple)):
        return [_mapped(element, told) for element in value]
    if isinstance(value, dict):
        return {key: _mapped(element, told) for key, element in value.items()}
    return value
