# fmt: off
# isort: skip_file
# ruff: noqa
"""The request that the arguments of `gmi` make, checked before anything is sent."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .cli_models import request_class, wire_names
from .cli_output import note
from .cli_schema import Schema, schema_of, takes_media
from .cli_values import local_files, values
from .errors import Fault, InvalidRequestError, UploadError
from .sources import prepare

if TYPE_CHECKING:
    from .request import Request
    from .submittable import Submittable

Given = tuple["Submittable", "dict[str, Any] | None"]
"""What `Client.submit` takes: a request, or a model id and its payload."""


def read_request(model: str, arguments: Sequence[str]) -> Given:
    """The request that the arguments make. Raises InvalidRequestError, before anything is sent."""
    cls = request_class(model)
    if cls is None:
        note(f"gmi: this package has no request class for {model}; its payload goes unchecked.")
        payload = values(arguments)
        check_files(payload)
        return model, payload
    schema = cls.payload_schema()
    try:
        request = cls(**values(arguments, schema, wire_names(cls)))
    except InvalidRequestError as error:
        raise InvalidRequestError([*error.faults, *_on_files(error, cls, schema)]) from None
    check_files(request.payload())
    return request, None


def check_files(payload: Mapping[str, Any]) -> None:
    """Raise InvalidRequestError for local files that cannot be uploaded."""
    faults = []
    for name, value in payload.items():
        try:
            for path in local_files(value):
                prepare(path)
        except UploadError as refusal:
            faults.append(Fault(name, str(refusal)))
        except ValueError:
            faults.append(Fault(name, "what follows @ cannot be the name of a file"))
        except RecursionError:
            faults.append(Fault(name, "it is nested too deeply"))
    if faults:
        raise InvalidRequestError(faults)


def _on_files(error: InvalidRequestError, cls: type[Request], schema: Schema) -> Iterator[Fault]:
    """Where a media input is at fault, how a local file is written here."""
    wire = wire_names(cls)
    for fault in error.faults:
        name = re.split(r"[.\[]", fault.field)[0]
        if takes_media(schema_of(wire.get(name, name), schema), schema.get("$defs", {})):
            yield Fault(fault.field, f"on this command line a local file is {name}=@FILE")
            return
