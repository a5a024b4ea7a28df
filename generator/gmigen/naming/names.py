"""The one door from model ids and wire names to Python names, and the ledger of names given.

Three rules hold together:

- A name is a pure function of what it names, unless that name is taken.
- A taken name gets a suffix from a hash of what it names, never from an order.
- A name once given is written into the ledger and never changes, whoever comes, leaves or moves.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from ..schema.types import ListOf, Model, OneOf, Parameter, Record, Type
from .reserved import ATTRIBUTES, CLASSES, MODULES

MAX_MODULE = 64
MAX_CLASS = 80
MAX_ATTRIBUTE = 64

_WORD = re.compile(r"[A-Z]{2,}s(?![A-Za-z])|[A-Z]+(?![a-z])[0-9]*|[A-Z]?[a-z0-9]+|[A-Z]|[0-9]+")
"""A word of a camel-cased name: `IDs`, `URL2`, `Seconds`, `frame0`."""


@dataclass
class Scope:
    """The names inside one class: its own, its attributes by wire name, its nested classes.

    A nested class is found by the path of its record inside the parameter: `image_list[]` for the
    elements of a list, `image_list[]#2` for the second of two alternatives.
    """

    cls: str
    attributes: dict[str, str] = field(default_factory=dict)
    nested: dict[str, Scope] = field(default_factory=dict)

    def copy(self) -> Scope:
        """One that may grow without this one."""
        inner = {path: scope.copy() for path, scope in self.nested.items()}
        return Scope(self.cls, dict(self.attributes), inner)


@dataclass
class ModelNames:
    """The names of one model: its module, and the scope of its request class."""

    module: str
    request: Scope


@dataclass
class Ledger:
    """Every name ever given, by model id. `name` adds to it and never takes back."""

    models: dict[str, ModelNames] = field(default_factory=dict)

    def copy(self) -> Ledger:
        """One that may grow without this one."""
        return Ledger(
            {
                id_: ModelNames(given.module, given.request.copy())
                for id_, given in self.models.items()
            }
        )

    def name(self, models: Iterable[Model]) -> dict[str, ModelNames]:
        """Names for these models: those on record, and new ones for what has none yet."""
        ordered = sorted(models, key=lambda model: model.id)
        modules = {names.module for names in self.models.values()}
        classes = {names.request.cls.casefold() for names in self.models.values()}
        for model in sorted(ordered, key=_plainness):
            if model.id in self.models:
                continue
            module = _free(_module(model.id), model.id, modules, MODULES)
            cls = _free_class(_camel(_runs(model.id)), model.id, classes)
            modules.add(module)
            classes.add(cls.casefold())
            self.models[model.id] = ModelNames(module, Scope(cls))
        for model in ordered:
            scope = self.models[model.id].request
            prefix = scope.cls.removesuffix("Request")
            _name_members(scope, Record(model.parameters), prefix, _classes_in(scope))
        return {model.id: self.models[model.id] for model in ordered}


def _plainness(model: Model) -> tuple[bool, str]:
    """Of several new ids that want one name, an ordinary one gets it before a decorated one."""
    return re.fullmatch(r"[A-Za-z0-9]+([-._][A-Za-z0-9]+)*", model.id) is None, model.id


def records(parameter: Parameter) -> Iterator[tuple[str, Record]]:
    """The records inside a parameter's type, each with its path (see `Scope`)."""
    seen: dict[str, int] = {}
    for path, record in _records(plain_path(parameter.name), parameter.type):
        seen[path] = seen.get(path, 0) + 1
        yield path if seen[path] == 1 else f"{path}#{seen[path]}", record


def plain_path(name: str) -> str:
    """A wire name in which `[]` and `#` cannot be taken for steps of a path."""
    return re.sub(r"[%\[#]", lambda match: f"%{ord(match[0]):02X}", name)


def digest(text: str, length: int = 8) -> str:
    """The hexadecimal suffix that tells two names apart."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:length]


def slug(model_id: str) -> str:
    """The file name, without ending, a model's snapshot has when no other model claims it."""
    return _free(_module(model_id), model_id, (), MODULES)


def snake(wire: str) -> str:
    """`durationSeconds` -> `duration_seconds`, `person_image.24` -> `person_image_24`."""
    return "_".join(word.lower() for word in _WORD.findall(_ascii(wire)))


def _records(path: str, kind: Type) -> Iterator[tuple[str, Record]]:
    if isinstance(kind, Record):
        yield path, kind
    elif isinstance(kind, ListOf):
        yield from _records(f"{path}[]", kind.item)
    elif isinstance(kind, OneOf):
        for member in kind.members:
            yield from _records(path, member)


def _name_members(scope: Scope, record: Record, prefix: str, classes: set[str]) -> None:
    present = {member.name for member in record.fields}
    for wire in sorted(present - scope.attributes.keys()):
        # The name of a parameter that is gone is free for the one that bears it on the wire.
        for retired in [w for w, name in scope.attributes.items() if name == wire]:
            if retired not in present and _attribute(wire) == wire:
                del scope.attributes[retired]
    taken = set(scope.attributes.values())
    wires = [member.name for member in record.fields if member.name not in scope.attributes]
    for wire in sorted(wires, key=lambda wire: (_attribute(wire) != wire, wire)):
        scope.attributes[wire] = _free(_attribute(wire), wire, taken, ())
        taken.add(scope.attributes[wire])
    for member in sorted(record.fields, key=lambda member: member.name):
        for path, nested in records(member):
            stem = prefix + _camel(_runs(member.name)) + "Item" * path.count("[]")
            if path not in scope.nested:
                cls = _free(_cut(stem, path, MAX_CLASS), path, classes, CLASSES)
                classes.add(cls)
                scope.nested[path] = Scope(cls)
            inner = scope.nested[path]
            _name_members(inner, nested, inner.cls, classes)


def _classes_in(scope: Scope) -> set[str]:
    inner = (name for nested in scope.nested.values() for name in _classes_in(nested))
    return {scope.cls, *inner}


def _module(model_id: str) -> str:
    if _is_uuid(model_id):
        return f"model_{model_id[:8].lower()}"
    name = "_".join(run.lower() for run in _runs(model_id))
    if not name:
        return f"model_{digest(model_id)}"
    if name[0].isdigit() or name in MODULES:
        name = f"model_{name}"
    return _cut(name, model_id, MAX_MODULE)


def _free_class(stem: str, model_id: str, taken: set[str]) -> str:
    if _is_uuid(model_id):
        stem = f"Model_{model_id[:8].lower()}"
    elif not stem:
        stem = f"Model_{digest(model_id)}"
    elif stem[0].isdigit():
        stem = f"Model{stem}"
    stem = _cut(stem, model_id, MAX_CLASS)
    for length in (0, 8, 64):
        name = f"{stem}_{digest(model_id, length)}Request" if length else f"{stem}Request"
        if name.casefold() not in taken:
            return name
    raise AssertionError("two ids with one sha256")


def _attribute(wire: str) -> str:
    name = snake(wire)
    if not name:
        return f"parameter_{digest(wire)}"
    if name[0].isdigit():
        name = f"parameter_{name}"
    while name in ATTRIBUTES:
        name = f"{name}_"
    return _cut(name, wire, MAX_ATTRIBUTE)


def _free(name: str, source: str, taken: Iterable[str], reserved: Iterable[str]) -> str:
    unavailable = {*taken, *reserved}
    for length in (0, 8, 64):
        candidate = f"{name}_{digest(source, length)}" if length else name
        if candidate not in unavailable:
            return candidate
    raise AssertionError("two names with one sha256")


def _cut(name: str, source: str, longest: int) -> str:
    return name if len(name) <= longest else f"{name[:longest].rstrip('_')}_{digest(source)}"


def _camel(runs: list[str]) -> str:
    """Each run with its first letter raised, an underscore only between two digits."""
    joined = ""
    for run in runs:
        if joined[-1:].isdigit() and run[0].isdigit():
            joined += "_"
        joined += run[0].upper() + run[1:]
    return joined


def _runs(text: str) -> list[str]:
    return re.findall(r"[A-Za-z0-9]+", _ascii(text))


def _ascii(text: str) -> str:
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii")


def _is_uuid(model_id: str) -> bool:
    return re.fullmatch(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", model_id) is not None
