"""The keys of an element, in the wire's spelling and in that of JSON Schema."""

from __future__ import annotations

from collections.abc import Mapping

from .findings import Findings
from .json_text import same
from .types import Json

SPELLINGS: dict[str, tuple[str, ...]] = {
    "default": ("default_value", "default"),
    "options": ("options", "enum", "allowed_values", "values"),
    "minimum": ("min_value", "minimum", "min"),
    "maximum": ("max_value", "maximum", "max"),
    "min_length": ("min_length", "minLength"),
    "max_length": ("max_length", "maxLength"),
    "min_items": ("min_items", "minItems"),
    "max_items": ("max_items", "maxItems"),
    "step": ("step", "multiple_of", "multipleOf"),
    "title": ("display_name", "title", "label"),
    "alternatives": ("anyOf", "oneOf", "allOf"),
}
STRUCTURE = {"type", "items", "properties", "$ref", "const", "nullable", "format", "schema"}
READ = {"name", "description", "required", *STRUCTURE} | {
    spelling for spellings in SPELLINGS.values() for spelling in spellings
}


def spelled(element: Mapping[str, Json], key: str, at: str, findings: Findings) -> Json:
    """The value under whichever spelling of `key` is there; the wire's own spelling wins."""
    given = [element[spelling] for spelling in SPELLINGS[key] if spelling in element]
    if len(given) > 1 and not all(same(given[0], other) for other in given):
        findings.warn(at, "spelled-twice", f"{' and '.join(SPELLINGS[key][:2])} disagree")
    return given[0] if given else None
