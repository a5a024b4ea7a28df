# fmt: off
# isort: skip_file
# ruff: noqa
"""The lines of a file of requests: JSON objects, or rows of a table with a template."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from string import Formatter
from typing import Any

from ..runtime.errors import Fault, InvalidRequestError
from ..runtime.suggest import did_you_mean, nearest

LINE_LIMIT = 4 * 1024**2
"""Bytes of one line; no request takes as many."""

_OWN = ("model", "key", "priority")


@dataclass(frozen=True)
class Line:
    """One line as it was read: the members of its payload, or what is wrong with it.

    `texts` are values that are text as they stand in a table, to be read as the model takes them.
    """

    number: int
    model: str = ""
    payload: Mapping[str, Any] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    key: str | None = None
    priority: int | None = None
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True)
class Template:
    """How rows become requests: `sets` are `name=text` with `{column}` in it."""

    model: str | None = None
    sets: tuple[str, ...] = ()
    key: str | None = None

    def pairs(self) -> dict[str, str]:
        """The texts by parameter. Raises InvalidRequestError for what is no `name=text`."""
        split = [one.partition("=") for one in self.sets]
        if wrong := ["".join(one) for one in split if not (one[0] and one[1])]:
            raise InvalidRequestError([Fault("--set", f"write {w} as name=text") for w in wrong])
        return {name: text for name, _, text in split}


def read_lines(path: Path, template: Template) -> Iterator[Line]:
    """Every line of a file, whatever is in it; a table where its name ends in `.csv`.

    Raises InvalidRequestError where the file cannot be read or the template is not one.
    """
    try:
        if path.suffix.casefold() == ".csv":
            with path.open(encoding="utf-8-sig", newline="") as stream:
                yield from _rows(stream, template)
        elif template.sets:
            told = "goes with a table: a file whose name ends in .csv"
            raise InvalidRequestError.of("--set", told)
        else:
            with path.open("rb") as raw:
                yield from _objects(raw, template)
    except OSError as refusal:
        told = refusal.strerror or "it cannot be read"
        raise InvalidRequestError.of(str(path), told) from None
    except (UnicodeDecodeError, csv.Error) as broken:
        raise InvalidRequestError.of(str(path), f"it is no table in UTF-8: {broken}") from None


def from_objects(given: Iterable[Any], template: Template) -> Iterator[Line]:
    """The same for objects of a program: each as a line of a file would say it."""
    one: Any
    for number, one in enumerate(given, 1):
        if hasattr(one, "MODEL_ID"):
            yield Line(number, one.MODEL_ID, one.payload())
        elif isinstance(one, tuple) and len(one) == 2:
            yield Line(number, one[0], one[1])
        else:
            yield _line(number, one, template)


def _objects(raw: Any, template: Template) -> Iterator[Line]:
    number = 0
    while text := raw.readline(LINE_LIMIT + 1):
        number += 1
        if len(text) > LINE_LIMIT:
            while text and not text.endswith(b"\n"):
                text = raw.readline(LINE_LIMIT)
            yield _faulty(number, f"it is longer than {LINE_LIMIT} bytes")
        elif text.strip():
            try:
                value = json.loads(text.decode("utf-8-sig").strip(), parse_constant=_no_constant)
            except (ValueError, RecursionError) as broken:
                why = str(broken)
                if isinstance(broken, json.JSONDecodeError):
                    why = f"{broken.msg} at column {broken.colno}"
                yield _faulty(number, f"it is no JSON ({why}); each line is one whole object")
            else:
                yield _line(number, value, template)


def _no_constant(word: str) -> Any:
    raise ValueError(f"{word} is not JSON")


def _line(number: int, value: Any, template: Template) -> Line:
    if not isinstance(value, Mapping):
        return _faulty(number, 'a request is an object: {"model": "...", "payload": {...}}')
    model, key, priority = (
        value.get("model", template.model),
        value.get("key"),
        value.get("priority"),
    )
    payload = value.get("payload", {n: v for n, v in value.items() if n not in _OWN})
    faults = []
    if "payload" in value and (more := [n for n in value if n not in (*_OWN, "payload")]):
        faults += [Fault(name, "beside a payload, parameters go into it") for name in more]
    if not isinstance(model, str) or not model:
        faults.append(Fault("model", "the id of a model is missing"))
    if not isinstance(payload, Mapping):
        faults.append(Fault("payload", "it is an object of parameters"))
    if priority is not None and (type(priority) is not int or not 1 <= priority < 2**31):
        faults.append(Fault("priority", "a whole number from 1, which goes first"))
    return Line(number, model, payload, {}, key, priority, tuple(faults))


def _rows(stream: Iterable[str], template: Template) -> Iterator[Line]:
    pairs = template.pairs()
    if not template.model or not pairs:
        told = "a table needs --model ID and --set NAME=TEXT, with {column} in the text"
        raise InvalidRequestError.of("--set", told)
    reader = csv.DictReader(stream, restkey="", restval=None, strict=True)
    columns = [*(reader.fieldnames or ())]
    _check_columns([*pairs.values(), *([template.key] if template.key else [])], columns)
    for row in reader:
        number = reader.line_num
        if row.get("") is not None or None in row.values():
            yield _faulty(number, f"it has not the {len(columns)} columns of the first line")
            continue
        texts = {name: text.format_map(row) for name, text in pairs.items()}
        key = template.key.format_map(row) if template.key else None
        yield Line(number, template.model, {}, texts, key)


def _check_columns(texts: Sequence[str], columns: Sequence[str]) -> None:
    """Raise InvalidRequestError for every column that is not there."""
    faults = []
    for text in texts:
        try:
            parts = [*Formatter().parse(text)]
        except ValueError as broken:
            faults.append(
                Fault("--set", f"{text} cannot be read: {broken}; write {{{{ for a brace")
            )
            continue
        for _, name, how, conversion in parts:
            if name is not None and (name not in columns or how or conversion):
                near = did_you_mean(nearest(name, columns))
                told = f"there is no column {name}; there are {', '.join(columns)}.{near}"
                faults.append(Fault("line 1", told))
    if faults:
        raise InvalidRequestError(faults)


def _faulty(number: int, told: str) -> Line:
    return Line(number, faults=(Fault("", told),))
