"""The base class of every emitted request: an object with a model, a price, and an escape hatch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar, Literal, get_args

from pydantic import PrivateAttr, create_model
from pydantic_core import to_jsonable_python

from ..runtime.errors import Fault, InvalidRequestError
from .annotations import annotate
from .estimate import Estimate, estimated, price_table
from .fields import ExtraPayload, Price, shown
from .media import Media
from .objects import Object as Object
from .objects import plain
from .shape import wire_name
from .spelling import aliases, spelled


class Request(Object):
    """A request to one model. `MODEL_ID` and `PRICE` are known without building one."""

    MODEL_ID: ClassVar[str] = ""
    """The model's id, exactly as it goes over the wire."""

    PRICE: ClassVar[Price | None] = None
    """What the catalogue said the model costs, or None where it said nothing."""

    # Without an annotation: an editor would take it for a parameter.
    _extra_payload = PrivateAttr(default_factory=dict[str, Any])

    def __init__(self, /, *, extra_payload: Mapping[str, Any] | None = None, **data: Any) -> None:
        """Check every value at once; the class tells its parameters and its price.

        Raises:
            InvalidRequestError: naming every field at fault. Nothing was sent.
        """
        extra = _extra(extra_payload)
        if not extra:
            self._build(type(self), data, data)
            return
        fields = type(self).model_fields
        replaced = {name for name, field in fields.items() if wire_name(name, field) in extra}
        needless = frozenset(name for name in replaced if fields[name].is_required())
        given = spelled(aliases(type(self)), data)
        kept = {name: value for name, value in given.items() if name not in replaced}
        try:
            self._build(_without(type(self), needless), kept, data)
        except InvalidRequestError as error:
            raise InvalidRequestError([_on_purpose(fault) for fault in error.faults]) from None
        self._extra_payload = extra

    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined]

    if TYPE_CHECKING:

        def _declared(self) -> None:
            self.extra_payload: ExtraPayload = {}

    else:

        @property
        def extra_payload(self) -> dict[str, Any]:
            """Payload members the catalogue does not know, by wire name; they win over all else.

            One that is `Ellipsis` leaves a member out, even a required one:
            `{"contents": [...], "prompt": Ellipsis}`. Only the constructor takes it.
            """
            return self._extra_payload

        @extra_payload.setter
        def extra_payload(self, value: Mapping[str, Any]) -> None:
            self._extra_payload = self.with_(extra_payload=value)._extra_payload

    @classmethod
    def takes_parameters(cls) -> bool:
        """Whether the model has parameters at all: if so, an empty payload is a mistake."""
        return bool(cls.model_fields)

    @classmethod
    def media_kinds(cls) -> dict[str, str]:
        """The media parameters, by wire name, and what each takes: `image`, `video`, `audio`."""
        found: dict[str, str] = {}
        for name, field in cls.model_fields.items():
            told = (*field.metadata, *_parts(field.annotation))
            kinds = {part.kind for part in told if isinstance(part, Media)}
            if len(kinds) == 1 and kinds != {"file"}:
                found[wire_name(name, field)] = kinds.pop()
        return found

    def payload(self) -> dict[str, Any]:
        """The payload as it goes over the wire, under wire names.

        Holds what the caller set, the default of every required parameter, and `extra_payload`.
        Local media are still the `Path` or open file given; submitting uploads them.
        """
        told = {**super().payload(), **plain(self._extra_payload)}
        return {name: value for name, value in told.items() if value is not Ellipsis}

    def estimate(self) -> Estimate:
        """What this request would cost, by its payload and what is published: never a quote.

        No request is made. `str()` of it is one line; where nothing is published it says so.
        """
        return self.estimate_of(self.payload())

    @classmethod
    def estimate_of(cls, payload: Mapping[str, Any]) -> Estimate:
        """The same for a payload by wire names, whatever it holds."""
        return estimated(price_table(cls), payload)

    @classmethod
    def payload_schema(cls, names: Literal["wire", "python"] = "wire") -> dict[str, Any]:
        """The JSON Schema of the payload (2020-12), under wire or Python names.

        Every parameter has a title, a description and an example, nested ones too, and its default
        and its `unit` where there are any.
        """
        schema = cls.model_json_schema(by_alias=names == "wire", mode="serialization")
        return annotate(dict(shown(schema)))

    def _given(self) -> dict[str, Any]:
        return {**super()._given(), "extra_payload": self._extra_payload}

    def model_dump(self, *, exclude_unset: bool = True, **options: Any) -> dict[str, Any]:
        """What the caller set, by Python name: the arguments that make the same request again."""
        told = super().model_dump(exclude_unset=exclude_unset, **options)
        if not self._extra_payload or options.get("include") is not None:
            return told
        extra = plain(self._extra_payload)
        json_mode = options.get("mode") == "json"
        return {**told, "extra_payload": to_jsonable_python(extra) if json_mode else extra}


def _parts(annotation: Any) -> Iterator[Any]:
    for part in get_args(annotation):
        yield part
        yield from _parts(part)


@lru_cache(maxsize=256)
def _without(cls: type[Request], names: frozenset[str]) -> type[Request]:
    """The class as it would be if it did not require `names`."""
    optional: Any = dict.fromkeys(names, (Any, None))
    return create_model(cls.__name__, __base__=cls, **optional) if names else cls


def _extra(given: Mapping[str, Any] | None) -> dict[str, Any]:
    if given is None:
        return {}
    if not isinstance(given, Mapping) or not all(isinstance(name, str) for name in given):
        fault = Fault("extra_payload", "not allowed", type(given).__name__, "a dict of wire names")
        raise InvalidRequestError([fault])
    return {name: plain(value) for name, value in given.items()}


def _on_purpose(fault: Fault) -> Fault:
    if fault.message != "required" or not fault.field.isidentifier():
        return fault
    return replace(fault, message="required; Ellipsis in extra_payload leaves it out on purpose")
