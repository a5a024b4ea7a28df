"""The pages for programs that read: `llms.txt`, and a Markdown twin of each page.

Models of language read these, so nothing of the catalogue's free text is in them: no title, no
description, and of names and values only those that could not be a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from .. import resources
from ..emit.render import Renderer
from ..schema.algebra import without_null
from ..schema.inputs import kinds, pictures
from ..schema.types import Choice, Parameter
from ..text.facts import shown, type_words
from ..text.markdown import Markdown
from .cost import cost
from .facts import Facts, Known
from .guides import GUIDES
from .plain import plain

WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:/+-]{0,63}", re.ASCII)
"""A name or a value: no space, so no sentence."""

HIDDEN = "(not shown: it is no plain word)"


@dataclass(frozen=True)
class Line:
    """A parameter: the name in Python, on the wire, its type, and what else is exact."""

    name: Markdown
    wire: Markdown
    type: Markdown
    needed: int
    values: Markdown


@dataclass(frozen=True)
class Twin:
    """A model in plain words of ours and names of its own."""

    cls: Markdown
    model_id: Markdown
    takes: Markdown
    gives: Markdown
    images: int
    cost: Markdown
    parameters: tuple[Line, ...]


@dataclass(frozen=True)
class Link:
    """An entry of `llms.txt`."""

    title: Markdown
    path: Markdown


def twins(facts: Facts, files: Mapping[str, str]) -> dict[str, str]:
    """What is put beside the built pages, by path: a `.md` for each of them, and `llms.txt`."""
    renderer = Renderer([resources.templates()])
    told = dict(_ours(files))
    models = []
    for known in facts.known:
        path = f"models/{known.names.module}.md"
        if path in files:
            told[path] = renderer.markdown("site/models/twin.md", twin=_twin(known))
            models.append(Link(Markdown(known.names.request.cls), Markdown(path)))
    for name in ("index", "by-input", "by-vendor", "compare", "names", "changes"):
        told[f"models/{name}.md"] = renderer.markdown("site/models/twins.md", models=models)
    guides = [Link(Markdown(title), Markdown(f"guides/{name}.md")) for title, name in GUIDES]
    listed = renderer.markdown("site/llms.txt", guides=guides, models=models)
    return {**told, "llms.txt": listed}


def _ours(files: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Pages that are ours alone, as they were written, without what only the builder knows."""
    for path, text in files.items():
        if not path.startswith("models/"):
            yield path, plain(text)


def _twin(known: Known) -> Twin:
    model = known.model
    return Twin(
        Markdown(known.names.request.cls),
        _word(model.id),
        Markdown(", ".join(kinds(model)) or "unknown"),
        _words(model.outputs),
        pictures(model)[0],
        Markdown(cost(model).told.replace("$", "USD ")),
        tuple(_line(member.attribute, member.parameter) for member in known.classes[-1].members),
    )


def _line(name: str, parameter: Parameter) -> Line:
    kind = without_null(parameter.type)
    told = []
    if isinstance(kind, Choice):
        told.append(f"one of {_words(map(shown, kind.values)).text}")
    if parameter.default is not None:
        told.append(f"default {_words([shown(parameter.default.value)]).text}")
    needed = int(parameter.required and parameter.default is None)
    values = Markdown("; ".join(told) or "no limits known")
    return Line(Markdown(name), _word(parameter.name), Markdown(type_words(kind)), needed, values)


def _word(text: str) -> Markdown:
    return Markdown(f"`{text}`" if WORD.fullmatch(text) else HIDDEN)


def _words(texts: Iterable[str]) -> Markdown:
    """JSON values or words; those that are no plain word are counted."""
    given = list(texts)
    plain = [text for text in given if WORD.fullmatch(text.strip('"'))]
    told = [f"`{text}`" for text in plain]
    if len(plain) < len(given):
        told.append(f"{len(given) - len(plain)} not shown")
    return Markdown(", ".join(told) or "unknown")
