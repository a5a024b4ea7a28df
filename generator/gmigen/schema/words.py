"""The API's words for types -> our types. The set is open: an unknown word is a finding, not an
error.

Words seen in vendor tables and live records are phrases as often as words: `string (URL)`,
`array of strings (URLs)`, `string | null`, `image[]`. They are read by a small grammar over one
table of atoms, so that a phrase nobody has seen yet reads as its parts do.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .algebra import union
from .media_names import media_kind
from .types import (
    Anything,
    Boolean,
    Choice,
    Integer,
    Json,
    ListOf,
    Media,
    Null,
    Number,
    OneOf,
    OpenRecord,
    Text,
    Type,
)

_URL = "url"

_ATOMS: dict[str, Type | str] = {
    **dict.fromkeys(("string", "str", "text", "char", "varchar", "date", "datetime"), Text()),
    **dict.fromkeys(("uuid", "base64", "textarea", "markdown", "password", "email"), Text()),
    **dict.fromkeys(("id", "identifier", "name"), Text()),
    **dict.fromkeys(("integer", "int", "long", "uint", "bigint", "unsigned"), Integer()),
    **dict.fromkeys(("float", "number", "double", "decimal", "numeric"), Number()),
    **dict.fromkeys(("boolean", "bool", "flag", "switch", "toggle", "checkbox"), Boolean()),
    **dict.fromkeys(("image", "picture", "photo", "img"), Media("image")),
    **dict.fromkeys(("video", "clip"), Media("video")),
    **dict.fromkeys(("audio", "sound"), Media("audio")),
    **dict.fromkeys(("file", "media", "binary", "upload", "bytes", "blob"), Media("file")),
    **dict.fromkeys(("url", "uri", "link"), _URL),
    **dict.fromkeys(("object", "dict", "map", "mapping", "struct", "dictionary"), OpenRecord()),
    **dict.fromkeys(("array", "list", "tuple", "set"), ListOf(Anything())),
    "json": OneOf((OpenRecord(), ListOf(Anything()))),
    **dict.fromkeys(("null", "none", "nil"), Null()),
    **dict.fromkeys(("any", "mixed", "unknown"), Anything()),
    **dict.fromkeys(("enum", "select", "option", "choice", "literal"), Choice(())),
}

_FILLERS = frozenset(
    [
        "of",
        "or",
        "and",
        "the",
        "a",
        "an",
        "optional",
        "required",
        "nullable",
        "encoded",
        "in",
        "with",
        "as",
        "between",
        "from",
        "to",
        "max",
        "min",
        "maximum",
        "minimum",
        "up",
        "positive",
        "negative",
        "non",
        "nonnegative",
        "signed",
        "single",
        "multiple",
        "char",
        "chars",
        "character",
        "characters",
        "comma",
        "separated",
        "hex",
        "format",
        "type",
        "time",
        "value",
        "public",
    ]
)
"""Words that qualify a type and do not change it."""

_NAMES_ONLY = frozenset({"id", "identifier", "name"})
"""With these a picture or object is not sent but referred to: `image id`."""

MAX_WORD = 200
MAX_NESTING = 8


@dataclass(frozen=True)
class Word:
    """A type word as read. `known` is false where a part of it is in no table of ours."""

    type: Type
    known: bool = True


def read_word(word: Json, name: str) -> Word:
    """Read the type `word` of the parameter `name`, whose name decides what a plain URL holds.

    Lists (`["string", "null"]`, the JSON Schema spelling) are unions.
    """
    if isinstance(word, list) and word:
        members = [read_word(member, name) for member in word]
        return Word(union(*(m.type for m in members)), all(m.known for m in members))
    if not isinstance(word, str) or not word.strip() or len(word) > MAX_WORD:
        return Word(Anything(), known=False)
    return _plural(_spaced(word), name) or _phrase(_spaced(word), name, MAX_NESTING)


def _spaced(word: str) -> str:
    """`imageUrl` and `array-of_strings` as phrases: lower case, words apart."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[_\-]|\s+", " ", word.strip()).lower()


def _plural(phrase: str, name: str) -> Word | None:
    """`images` and `image urls` alone are lists; inside `array of images` they are not."""
    match = re.fullmatch(r"(?:\w+ )?(?P<noun>\w+)", phrase)
    if match is None or match["noun"] in _ATOMS or _singular(match["noun"]) not in _ATOMS:
        return None
    item = _atom(phrase, name)
    countable = isinstance(item.type, (Media, Text, Integer, Number, OpenRecord))
    return Word(ListOf(item.type), item.known) if countable else None


def _phrase(phrase: str, name: str, room: int) -> Word:
    if room == 0:
        return Word(Anything(), known=False)
    whole = re.fullmatch(r"\((?P<inside>[^()]*)\)|union\s*\[(?P<members>.*)\]", phrase)
    if whole:
        return _phrase(whole["inside"] or whole["members"] or "", name, room - 1)
    nullable = phrase.endswith("?") or "nullable" in re.findall(r"[a-z]+", phrase)
    optional = re.fullmatch(r"optional\s*\[(?P<inside>.*)\]", phrase)
    if optional:
        nullable, phrase = True, optional["inside"]
    parts = _alternatives(phrase.rstrip("?"))
    if len(parts) > 1:
        members = [_phrase(part, name, room - 1) for part in parts]
        types = [member.type for member in members] + ([Null()] if nullable else [])
        return Word(union(*types), all(member.known for member in members))
    read = _single(phrase.rstrip("?").strip(), name, room)
    return Word(union(read.type, Null()), read.known) if nullable else read


def _alternatives(phrase: str) -> list[str]:
    """Split at `|`, `,`, `or` and a `/` between spaces, but not inside brackets: `image (url or
    base64)` is one. Where nothing splits a phrase that is no list, any `/` does."""
    parts = _split(phrase, r"\bor\b|\||,|\s/\s")
    if len(parts) > 1 or _element_phrase(phrase) is not None:
        return parts
    return _split(phrase, "/")


def _split(phrase: str, separator: str) -> list[str]:
    parts, depth = [""], 0
    for token in re.findall(f"{separator}|.", phrase, re.DOTALL):
        depth += (token in "([<") - (token in ")]>")
        if depth == 0 and re.fullmatch(separator, token):
            parts.append("")
        else:
            parts[-1] += token
    return [part.strip() for part in parts if part.strip()]


def _single(phrase: str, name: str, room: int) -> Word:
    element = _element_phrase(phrase)
    if element is not None:
        item = _phrase(element, name, room - 1) if element else Word(Anything())
        return Word(ListOf(item.type), item.known)
    return _atom(phrase, name)


def _element_phrase(phrase: str) -> str | None:
    """What a list phrase lists: `array of strings (urls)` -> `strings (urls)`; None: no list."""
    if phrase.startswith("comma"):
        return None
    if re.fullmatch(r"multi ?select|checkboxes", phrase):
        return "enum"
    for pattern in (
        r"(?:json\s+)?(?:array|list)s?\s+of\s+(?P<item>.+)",
        r"(?:array|list)\s*[<\[]\s*(?P<item>.+?)\s*[>\]]",
        r"(?:array|list)s?\s*\(\s*(?:of\s+)?(?P<item>[^()]+?)\s*\)",
        r"(?P<item>\([^()]*\)|[^/]+?)\s*\[\s*\]",
        r"\[\s*\]\s*(?P<item>[^/]+)",
        r"\[\s*(?P<item>[^\[\]]+)\]",
        r"(?P<item>[^\s/][^/]*?)\s+(?:array|list)",
        r"array\s+(?P<item>[a-z]+)",
    ):
        match = re.fullmatch(pattern, phrase)
        if match:
            item = match["item"].strip()
            return "" if item in ("json", "any", "mixed") else item
    return None


def _atom(phrase: str, name: str) -> Word:
    words = [_sized(word) for word in re.findall(r"[a-z][a-z0-9]*", phrase)]
    atoms = [_ATOMS.get(_singular(word)) for word in words]
    unknown = any(
        atom is None and word not in _FILLERS for atom, word in zip(atoms, words, strict=True)
    )
    known = [atom for atom in atoms if atom is not None]
    types = [atom for atom in known if not isinstance(atom, str)]
    media = [atom for atom in types if isinstance(atom, Media)]
    if "comma" in words or (_NAMES_ONLY & set(words) and isinstance(types[0], (Media, OpenRecord))):
        return Word(Text(), not unknown)
    if media:
        return Word(min(media, key=lambda atom: atom.kind == "file"), not unknown)
    if _URL in known:
        return Word(_linked(name), not unknown)
    types.sort(key=_says_little)
    return Word(types[0], not unknown) if types else Word(Anything(), known=False)


def _sized(word: str) -> str:
    """`uint8` and `float32` without their size."""
    return re.sub(r"^(u?int|float)\d+$", r"\1", word)


def _says_little(atom: Type) -> bool:
    """`json object` is an object, `enum (string)` a string: the other word says more."""
    return isinstance(atom, (Choice, OneOf))


def _linked(name: str) -> Type:
    """A URL holds media unless the name says that it is called back or merely shown."""
    if re.search(r"callback|webhook|redirect|website|homepage", name, re.IGNORECASE):
        return Text()
    return Media(media_kind(name) or "file")


def _singular(word: str) -> str:
    return word if word in _ATOMS else word.removesuffix("es" if word.endswith("xes") else "s")
