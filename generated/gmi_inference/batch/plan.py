# fmt: off
# isort: skip_file
# ruff: noqa
"""From lines to requests that are known to be right: every fault of a file at once, or rows."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from ..cli.classes import all_classes, known_by_name, meant, wire_names
from ..cli.schema import Schema, alternatives, is_free_text, schema_of
from ..cli.values import local_files, values
from ..runtime.errors import Fault, InvalidRequestError, UploadError
from ..runtime.files.sources import prepare
from ..runtime.protocol.keys import check_key
from ..runtime.protocol.payload import payload_sha256
from ..runtime.suggest import did_you_mean, nearest
from .lines import Line

FAULTS = 10_000
"""How many are kept of a file that is wrong all over."""


@dataclass(frozen=True)
class Row:
    """One request: its key, what it is made from, and what it costs, in millionths of a dollar."""

    key: str
    line: int
    model: str
    payload: dict[str, Any]
    sha256: str
    unchecked: bool = False
    priority: int | None = None
    low: int | None = None
    high: int | None = None


@dataclass
class Plan:
    """What is asked of every line, and what was seen of all of them.

    A row without a key of its own is called after what it asks for and how often that came before,
    so that a file may grow anywhere; `dedupe` counts it once.
    """

    dedupe: bool = False
    unchecked: bool = False
    allow_unknown_cost: bool = True
    faults: list[Fault] = field(default_factory=list)
    _seen: Counter[str] = field(default_factory=Counter)
    _given: dict[str, tuple[str, int]] = field(default_factory=dict)

    def rows(self, lines: Iterable[Line]) -> Iterator[Row]:
        """The rows of the lines that are right; `faults` has those of the others."""
        for line in lines:
            try:
                yield self._row(line)
            except InvalidRequestError as error:
                if len(self.faults) < FAULTS:
                    self.faults += [_at(line.number, fault) for fault in error.faults]

    def check(self) -> None:
        """Raise InvalidRequestError with every fault there was."""
        if self.faults:
            raise InvalidRequestError(self.faults)

    def _row(self, line: Line) -> Row:
        if line.faults:
            raise InvalidRequestError(line.faults)
        request, payload = built(line.model, line.payload, line.texts, unchecked=self.unchecked)
        _check_files(payload)
        model = request if isinstance(request, str) else request.MODEL_ID
        kept = stored(payload)
        sha256 = payload_sha256({"model": model, "payload": kept})
        low, high = _cost(request)
        if high is None and not self.allow_unknown_cost:
            told = f"what {model} costs at most is not known, and there is a budget"
            raise InvalidRequestError.of("", f"{told}; --allow-unknown-cost counts the least")
        key = self._key(line, sha256)
        return Row(key, line.number, model, kept, sha256, self.unchecked, line.priority, low, high)

    def _key(self, line: Line, sha256: str) -> str:
        if line.key is not None:
            check_key(line.key)
            first, number = self._given.setdefault(line.key, (sha256, line.number))
            if first != sha256:
                told = f"it stands for another request in line {number}; give each its own"
                raise InvalidRequestError.of("key", told)
            return line.key
        self._seen[sha256] += 1
        return f"{sha256[:24]}-{1 if self.dedupe else self._seen[sha256]}"


def built(
    model: str,
    payload: Mapping[str, Any],
    texts: Mapping[str, str] = {},
    *,
    unchecked: bool = False,
) -> tuple[Any, dict[str, Any]]:
    """The request of a model and its payload, which may hold paths; the id itself where nothing is
    checked. A text "@file" is a file where the model takes media. Raises InvalidRequestError.
    """
    if unchecked:
        return model, {**payload, **texts}
    cls = meant(model)
    if cls is None:
        named = known_by_name()
        near = did_you_mean(nearest(model, [*(one.MODEL_ID for one in all_classes()), *named]))
        known = " is known by name only." if model in named else f" is not known.{near}"
        told = f"{model}{known} With --unchecked it goes as it is"
        raise InvalidRequestError.of("model", told)
    schema, wire = _shape(cls)
    given = [f"{name}:={json.dumps(value, default=_at_path)}" for name, value in payload.items()]
    for name, text in texts.items():
        free = _free(schema_of(wire.get(name, name), schema), schema)
        given.append(f"{name}:={json.dumps(text)}" if free else f"{name}={text}")
    request = cls(**values(given, schema, wire))
    return request, request.payload()


@cache
def _shape(cls: Any) -> tuple[Schema, dict[str, str]]:
    return cls.payload_schema(), wire_names(cls)


def _free(member: Schema, schema: Schema) -> bool:
    return any(is_free_text(plain) for plain in alternatives(member, schema.get("$defs", {})))


def stored(value: Any) -> Any:
    """A payload as JSON: a local file as "@" and where it is, wherever it is read again."""
    if isinstance(value, Mapping):
        return {name: stored(member) for name, member in value.items()}
    if isinstance(value, (list, tuple)):
        return [stored(member) for member in value]
    return _at_path(value) if isinstance(value, Path) else value


def _at_path(value: Any) -> str:
    if isinstance(value, Path):
        return f"@{value.absolute()}"
    told = "a batch takes files by their Path only"
    raise InvalidRequestError.of("payload", told, type(value).__name__)


def _check_files(payload: Mapping[str, Any]) -> None:
    faults = []
    for name, value in payload.items():
        for path in local_files(value):
            try:
                prepare(path)
            except (UploadError, ValueError) as refusal:
                faults.append(Fault(name, str(refusal)))
    if faults:
        raise InvalidRequestError(faults)


def _cost(request: Any) -> tuple[int | None, int | None]:
    estimate: Callable[[], Any] | None = getattr(request, "estimate", None)
    told = estimate() if estimate else None
    return (micro_dollars(told.low), micro_dollars(told.high)) if told else (None, None)


def micro_dollars(usd: Decimal | None) -> int | None:
    """Millionths of a dollar, as a batch keeps money."""
    return None if usd is None else int(usd.scaleb(6))


def _at(number: int, fault: Fault) -> Fault:
    where = f"line {number}, {fault.field}" if fault.field else f"line {number}"
    return Fault(where, fault.message, fault.value_type, fault.allowed, fault.nearest)
