"""One element of `parameters` -> a `Parameter`.

The wire spellings and the JSON Schema spellings of a key are read alike. Whatever cannot be taken
at its word becomes a finding with a stable code, and the type stays at least as wide as anything
the element says about its values.
"""

from __future__ import annotations

from collections.abc import Mapping

from .algebra import admits, union
from .defaults import settled, widened
from .findings import Findings
from .json_text import MAX_ITEMS, identity
from .limits import bounded, lengthened
from .media_names import is_plural, media_kind
from .options import narrowed, read_options, without_options
from .spellings import READ, SPELLINGS, STRUCTURE, spelled
from .types import (
    Anything,
    Choice,
    Default,
    Json,
    ListOf,
    Media,
    Null,
    OneOf,
    OpenRecord,
    Parameter,
    Record,
    Text,
    Type,
)
from .words import read_word

_MEDIA_FORMATS = ("uri", "url", "uri-reference", "data-url", "binary")

MAX_NAME = 8192
MAX_PARAMETERS = 512

Element = Mapping[str, Json]


def read_parameters(raw: Json, at: str, findings: Findings, required: Json = None) -> Record:
    """Read a list of elements, or a mapping of names to elements (the JSON Schema spelling)."""
    elements = _elements(raw, at, findings)
    if len(elements) > MAX_PARAMETERS:
        raise findings.refuse(
            at, "parameter-count", f"{len(elements):,} parameters; {MAX_PARAMETERS} are allowed"
        )
    listed = required if isinstance(required, list) else []
    seen: dict[str, str] = {}
    fields: list[Parameter] = []
    for name, element in elements:
        where = f"{at}.{name}" if at else name
        text = identity(dict(element))
        if seen.setdefault(name, text) != text:
            raise findings.refuse(where, "parameter-twice", "described twice, differently")
        if any(field.name == name for field in fields):
            findings.note(where, "parameter-repeated", "described twice in the same words")
            continue
        fields.append(read_parameter(name, element, where, findings, name in listed))
    return Record(tuple(fields))


def read_parameter(
    name: str, element: Element, at: str, findings: Findings, listed_required: bool = False
) -> Parameter:
    """Read one element whose wire name is `name`."""
    element = _unwrapped(element)
    ignored = sorted(str(key) for key in element if key not in READ)
    if ignored:
        findings.note(at, "key-ignored", f"keys nothing is made of: {', '.join(ignored[:8])}")
    required = element.get("required")
    if not isinstance(required, (bool, list, type(None))):
        findings.warn(at, "required-shape", "`required` is not a boolean; read as not required")
    needed = required is True or listed_required
    default = _default(element, at, findings)
    kind = read_type(element, name, at, findings)
    if default is not None and needed and default.value in (None, ""):
        findings.warn(at, "required-empty-default", "required with an empty default: must be given")
        default = None
    if default is not None:
        default = Default(settled(kind, default.value, at, findings))
        kind = widened(kind, default.value, at, findings)
    step = spelled(element, "step", at, findings)
    return Parameter(
        name=name,
        type=kind,
        required=needed,
        default=default,
        title=_text(spelled(element, "title", at, findings)),
        description=_text(element.get("description")),
        step=step if isinstance(step, (int, float)) and not isinstance(step, bool) else None,
    )


def read_type(
    element: Element, name: str, at: str, findings: Findings, *, listed: bool = False
) -> Type:
    """What values the element admits, by its type word, its structure, options and limits.

    `listed` says that the element describes what a list holds: a plural name is no hint then.
    """
    if "$ref" in element:
        return _reference(element["$ref"], at, findings)
    kind = _worded(element, name, at, findings)
    kind = _alternatives(kind, element, name, at, findings)
    kind = _structured(kind, element, name, at, findings)
    options = read_options(spelled(element, "options", at, findings), at, findings)
    if options is not None or "const" not in element:
        kind = narrowed(kind, options, at, findings)
    if "const" in element:
        kind = _constant(kind, element["const"], options is not None, at, findings)
    if element.get("nullable") is True:
        kind = union(kind, Null())
    kind = _named_media(kind, name)
    limits = {key: spelled(element, key, at, findings) for key in SPELLINGS}
    kind = lengthened(kind, limits, at, findings, plural=not listed and is_plural(name))
    return bounded(kind, limits["minimum"], limits["maximum"], at, findings)


def _elements(raw: Json, at: str, findings: Findings) -> list[tuple[str, Element]]:
    if isinstance(raw, dict):
        named = [(name, _element(member)) for name, member in raw.items()]
    elif isinstance(raw, list):
        named = [(_name(member, at, findings), _element(member)) for member in raw]
    else:
        raise findings.refuse(at, "parameters-shape", "`parameters` is neither list nor object")
    for name, element in named:
        if element is None:
            raise findings.refuse(f"{at}.{name}" if at else name, "element-shape", "not an object")
        if len(name) > MAX_NAME:
            raise findings.refuse(at, "name-size", f"a name of {len(name)} characters")
    return [(name, element) for name, element in named if element is not None]


def _element(raw: Json) -> Element | None:
    """A bare type word stands for an element that says nothing else."""
    if isinstance(raw, str):
        return {"type": raw}
    return raw if isinstance(raw, dict) else None


def _name(raw: Json, at: str, findings: Findings) -> str:
    name = raw.get("name") if isinstance(raw, dict) else None
    if not isinstance(name, str):
        raise findings.refuse(at, "parameter-unnamed", "a parameter has no name to send it under")
    return name


def _constant(kind: Type, const: Json, options: bool, at: str, findings: Findings) -> Type:
    """A constant is the whole value, where options of a list are values of its elements."""
    only = Choice((const,))
    if kind != Choice(()):
        kind = without_options(kind, at, findings)
    if kind == Choice(()) or (not options and admits(kind, const)):
        return only
    if admits(kind, const):
        return kind
    code = "const-and-options" if options else "const-type"
    findings.warn(at, code, "the constant and the rest contradict each other; either is taken")
    return union(kind, only)


def _unwrapped(element: Element) -> Element:
    """OpenAPI keeps a parameter's type in a `schema` of its own."""
    inner = element.get("schema")
    return {**inner, **element} if isinstance(inner, dict) and "type" not in element else element


def _worded(element: Element, name: str, at: str, findings: Findings) -> Type:
    word = element.get("type")
    if word is None:
        return Anything()
    if word == "string" and element.get("format") in _MEDIA_FORMATS:
        word = "string (url)"
    read = read_word(word, name)
    if not read.known:
        shown = word if isinstance(word, str) else type(word).__name__
        findings.warn(at, "type-unknown", f"type word {shown[:60]!a} is not fully known")
    return read.type


def _alternatives(kind: Type, element: Element, name: str, at: str, findings: Findings) -> Type:
    """JSON Schema's unions. Where a type word stands beside them they only restrict it further,
    and the word alone is wide enough."""
    given = spelled(element, "alternatives", at, findings)
    if given is None:
        return kind
    members = given if isinstance(given, list) else []
    readable = [member for member in members if isinstance(member, dict) and _says_type(member)]
    joined = "allOf" in element and len(members) > 1
    if joined or not members or len(readable) < len(members) or not isinstance(kind, Anything):
        findings.warn(at, "alternatives-ignored", "anyOf, oneOf or allOf is not read here")
        return kind
    return union(*(read_type(member, name, at, findings, listed=True) for member in readable))


def _says_type(element: Element) -> bool:
    keys = {*STRUCTURE, *SPELLINGS["options"], *SPELLINGS["alternatives"]}
    return not keys.isdisjoint(element)


def _structured(kind: Type, element: Element, name: str, at: str, findings: Findings) -> Type:
    """Give a list its items and an object its members."""
    item: Type | None = None
    if "items" in element:
        item = _item(element["items"], name, at, findings)
    if element.get("properties") is not None:
        record = read_parameters(
            element["properties"], at, findings, required=element.get("required")
        )
        if item is None:
            return _placed(kind, record, at, findings)
        if not isinstance(item, (OpenRecord, Anything)):
            findings.warn(at, "structure-twice", "both items and properties; either is taken")
            return union(record, ListOf(item))
        item = record
    return kind if item is None else _placed(kind, ListOf(item), at, findings)


def _item(raw: Json, name: str, at: str, findings: Findings) -> Type:
    at = f"{at}[]"
    if _lists_members(raw):
        return read_parameters(raw, at, findings)
    if isinstance(raw, list):
        return union(*(_item(part, name, at, findings) for part in raw)) if raw else Anything()
    element = _element(raw)
    if element is None:
        findings.warn(at, "items-shape", "`items` is not an object; any element is taken")
        return Anything()
    return read_type(element, name, at, findings, listed=True)


def _lists_members(raw: Json) -> bool:
    """Whether `items` holds the members of an object instead of one element: a list of named
    elements, or a mapping of names to elements."""
    if isinstance(raw, list):
        return bool(raw) and all(
            isinstance(m, dict) and isinstance(m.get("name"), str) for m in raw
        )
    if not isinstance(raw, dict) or not raw:
        return False
    return all(isinstance(member, dict) for member in raw.values()) and not (
        raw.keys() <= {"items", "properties", "schema"}
    )


def _placed(kind: Type, structure: Record | ListOf, at: str, findings: Findings) -> Type:
    """Put a described structure where the type word leaves room for one."""
    members = kind.members if isinstance(kind, OneOf) else (kind,)
    if isinstance(kind, Anything):
        return structure
    listed = any(isinstance(m, ListOf) for m in members)
    if isinstance(structure, Record) and listed and OpenRecord() not in members:
        structure = ListOf(structure)
    room = (ListOf,) if isinstance(structure, ListOf) else (OpenRecord,)
    other = (OpenRecord,) if isinstance(structure, ListOf) else (ListOf,)
    if any(isinstance(m, room) for m in members):
        is_json = len(members) == 2 and any(isinstance(m, other) for m in members)
        kept = [m for m in members if not isinstance(m, (*room, *(other if is_json else ())))]
        return union(*kept, structure)
    findings.warn(at, "type-structure", "the type word leaves no room for the structure given")
    return union(kind, structure)


def _reference(target: Json, at: str, findings: Findings) -> Type:
    if isinstance(target, str) and findings.resolves(target):
        findings.warn(at, "reference-ignored", "a reference is not followed; any value is taken")
        return Anything()
    raise findings.refuse(
        at, "reference-foreign", "refers to something that is not in its document"
    )


def _named_media(kind: Type, name: str) -> Type:
    """A text, or list of texts, whose name says that it holds media, holds media."""
    media = media_kind(name)
    if media is None:
        return kind
    if isinstance(kind, Text):
        return Media(media)
    if isinstance(kind, Media) and kind.kind == "file":
        return Media(media)
    if isinstance(kind, ListOf):
        untold = isinstance(kind.item, Anything)
        item = Media(media) if untold else _named_media(kind.item, name)
        return ListOf(item, kind.min_items, kind.max_items)
    if isinstance(kind, OneOf) and not any(isinstance(m, Choice) for m in kind.members):
        return union(*(_named_media(member, name) for member in kind.members))
    return kind


def _default(element: Element, at: str, findings: Findings) -> Default | None:
    if not any(spelling in element for spelling in SPELLINGS["default"]):
        return None
    return Default(spelled(element, "default", at, findings))


def _text(value: Json) -> str:
    return value if isinstance(value, str) else ""


assert MAX_PARAMETERS < MAX_ITEMS
