"""The request that the arguments of `gmi` make, checked before anything is sent."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..requests.estimate import Estimate, estimated, price_table
from ..runtime.errors import Fault, InvalidRequestError, UploadError
from ..runtime.files.sources import prepare
from ..runtime.protocol.payload import refuse_empty
from .classes import known_by_name, meant, request_class, wire_names
from .cost import reckoned
from .models import near
from .output import note, out_lines
from .schema import ANYTHING
from .texts import as_utf8, filled
from .values import local_files, values

if TYPE_CHECKING:
    from ..client.client import Client
    from ..client.jobs import Job
    from ..requests.base import Request


@dataclass(frozen=True)
class Given:
    """A request, ready to be sent. `payload` may still hold local files."""

    request: Request | str
    payload: dict[str, Any]
    cost: Estimate = field(default_factory=Estimate)

    @property
    def model(self) -> str:
        """The id of the model."""
        return self.request if isinstance(self.request, str) else self.request.MODEL_ID

    def submit(self, client: Client, key: str | None = None) -> Job:
        """Submit it once; see `Client.submit`."""
        # Whether it may be empty, or unchecked, was decided when it was read.
        payload = self.payload if isinstance(self.request, str) else None
        return client.submit(self.request, payload, allow_empty=True, unchecked=True, key=key)

    def tell(self, as_json: bool) -> None:
        """Print what would be sent, local files as `@FILE`."""
        told = {"model": self.model, "payload": self.payload}
        shown = json.dumps(told, indent=None if as_json else 2, default=lambda path: f"@{path}")
        note("gmi: nothing was sent.")
        for line in reckoned(self.cost):
            note(f"gmi: {line}")
        out_lines(shown)


def read_request(
    model: str, arguments: Sequence[str], *, unchecked: bool = False, allow_empty: bool = False
) -> Given:
    """The request that the arguments make. Raises InvalidRequestError, before anything is sent."""
    model, *arguments = map(as_utf8, (model, *arguments))
    # Who asks for no checks may mean an id that differs from a known one by its letters' case.
    cls = request_class(model) if unchecked else meant(model)
    schema, wire, request = ANYTHING, dict[str, str](), None
    if cls is not None:
        schema, wire = cls.payload_schema(), wire_names(cls)
        if model != cls.MODEL_ID:
            note(f"gmi: {cls.MODEL_ID} is meant.")
    elif not unchecked:
        named = known_by_name()
        told = f"gmi: this package has no request class for {model}; its payload goes unchecked."
        by_name = " It is known by name, its parameters are not known."
        note(f"{told}{by_name if model in named else near(model)}")
    payload = filled(values(arguments, schema, wire))
    if cls is not None and not unchecked:
        request = cls(**payload)
        payload = request.payload()
    elif cls is not None:
        extra = payload.pop("extra_payload", {})
        if not isinstance(extra, dict):
            raise InvalidRequestError.of("extra_payload", "it takes a JSON object")
        payload = {**{wire.get(name, name): value for name, value in payload.items()}, **extra}
    refuse_empty(payload, (cls is None or bool(wire)) and not allow_empty)
    check_files(payload)
    table = price_table(cls) if cls else None
    return Given(request or model, payload, estimated(table, payload))


def check_files(payload: Mapping[str, Any]) -> None:
    """Raise InvalidRequestError for local files that cannot be uploaded."""
    faults = []
    for name, value in payload.items():
        try:
            for path in local_files(value):
                if "\0" in str(path):
                    raise ValueError
                prepare(path)
        except UploadError as refusal:
            faults.append(Fault(name, str(refusal)))
        except ValueError:
            faults.append(Fault(name, "what follows @ cannot be the name of a file"))
        except RecursionError:
            faults.append(Fault(name, "it is nested too deeply"))
    if faults:
        raise InvalidRequestError(faults)
