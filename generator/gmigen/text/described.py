"""What is said of one parameter, once, for the module and for the page."""

from __future__ import annotations

from dataclasses import dataclass

from ..schema.algebra import admits_null, without_null
from ..schema.types import Parameter
from .facts import facts, type_words
from .prose import line, sentence

BRIEF = 400


@dataclass(frozen=True)
class Described:
    """A parameter in words: what it is for, what it may be, and its type."""

    about: str
    """The description as one sentence, or the title where there is no description."""
    brief: str
    """`about` as far as the docstring of a class has room for it."""
    facts: str
    words: str
    null: bool
    """Whether `null` may be sent too."""


def described(parameter: Parameter) -> Described:
    """Say everything there is to say of `parameter`."""
    about = sentence(parameter.description) or sentence(parameter.title)
    return Described(
        about,
        sentence(line(about, BRIEF)),
        facts(parameter),
        type_words(without_null(parameter.type)),
        admits_null(parameter.type),
    )
