"""The page of one model: everything the snapshot knows, and "unknown" where it does not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..emit.classes import Class, Member
from ..emit.example import example
from ..emit.index import KINDS
from ..emit.snippets import curl, python
from ..schema.inputs import WORDS, Input, inputs_of, kinds, promised_only
from ..schema.types import Model
from ..text.markdown import Markdown
from ..text.prose import line
from ..text.references import exact, lines, words
from .cost import cost
from .facts import Facts, Known
from .related import related
from .roles import ROLES, plays
from .snippets import awaiting, shell

PACKAGE = "gmi_inference"
UNKNOWN = Markdown("unknown")


@dataclass(frozen=True)
class Fact:
    """One line of what stands at a glance."""

    name: Markdown
    told: Markdown


@dataclass(frozen=True)
class Row:
    """One parameter; `wire` is empty where it is the name in Python."""

    anchor: Markdown
    name: Markdown
    wire: Markdown | None
    needed: int
    about: Markdown
    type: Markdown
    limits: Markdown


@dataclass(frozen=True)
class Table:
    """The parameters of the request, or the members of a nested object."""

    name: Markdown
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Tab:
    """One way to send the example, its block indented as a tab wants it."""

    title: Markdown
    block: Markdown


@dataclass(frozen=True)
class Page:
    """A model's page, in the order in which it is read."""

    title: Markdown
    summary: Markdown
    facts: tuple[Fact, ...]
    tabs: tuple[Tab, ...]
    table: Table
    nested: tuple[Table, ...]
    media: tuple[Markdown, ...]
    to_know: tuple[Markdown, ...]
    rates: tuple[tuple[Markdown, Markdown, Markdown], ...]
    gives: Markdown
    names: tuple[Fact, ...]
    similar: tuple[Fact, ...]
    changes: tuple[Markdown, ...]
    guide: Markdown | None


def page(known: Known, facts: Facts) -> Page:
    """The view of one model."""
    model = known.model
    return Page(
        title=title(model),
        summary=words(model.summary) if line(model.summary) else Markdown("No description."),
        facts=tuple(_glance(known, facts)),
        tabs=tuple(_tabs(known)),
        table=_table(known.classes[-1]),
        nested=tuple(map(_table, known.classes[:-1])),
        media=tuple(_media(model)),
        to_know=tuple(_to_know(model)),
        rates=_rates(model),
        gives=_said(model.outputs),
        names=tuple(_names(known)),
        similar=tuple(
            Fact(_link(other), words(", ".join(kinds(other.model)) or "unknown"))
            for other in related(known, facts.known)
        ),
        changes=tuple(
            words(" ".join(filter(None, (change.parameter, change.message))))
            for change in facts.changes or ()
            if change.model == model.id
        ),
        guide=lines(model.guide) if line(model.guide) else None,
    )


def title(model: Model) -> Markdown:
    """The display name, or the id where that shows nothing, or the words for neither."""
    named = next((t for t in (model.title, model.id) if line(t)), "A model without a name")
    return words(named, 200)


def _link(known: Known) -> Markdown:
    return Markdown(f'<a href="{known.names.module}.html">{title(known.model)}</a>')


def _said(told: Sequence[str]) -> Markdown:
    return words(", ".join(told), 200) if told else UNKNOWN


def _glance(known: Known, facts: Facts) -> Iterator[Fact]:
    model, attributes = known.model, known.names.request.attributes
    payload = example(model)
    yield Fact(Markdown("Class"), Markdown(f"<code>{known.names.request.cls}</code>"))
    yield Fact(Markdown("Takes"), _said(kinds(model)))
    yield Fact(Markdown("Gives"), _said(model.outputs))
    needed = [attributes[p.name] for p in model.parameters if p.required and p.default is None]
    told = ", ".join(f"<code>{name}</code>" for name in needed)
    yield Fact(Markdown("Must be given"), Markdown(told or "nothing by its schema"))
    price = cost(model, payload)
    yield Fact(Markdown("The example costs"), words(price.told))
    if price.arithmetic:
        yield Fact(Markdown("Worked out as"), words(price.arithmetic, 400))
    yield Fact(Markdown("How sure"), words(price.certainty) if price.certainty else UNKNOWN)
    kind = Markdown(KINDS.get(model.kind, "Other"))
    yield Fact(Markdown("Kind"), kind)
    yield Fact(Markdown("Good for"), _said(model.tags))
    yield Fact(Markdown("Vendor"), words(model.vendor, 100) if line(model.vendor) else UNKNOWN)
    yield Fact(Markdown("Model id"), exact(model.id))
    date = facts.source.date
    yield Fact(Markdown("Details from"), words(date) if date else UNKNOWN)


def _tabs(known: Known) -> Iterator[Tab]:
    model, names = known.model, known.names
    payload = example(model)
    if payload is None:
        return
    for name, block in (
        ("Python", python(model, names, payload, PACKAGE)),
        ("async", awaiting(model, names, payload, PACKAGE)),
        ("gmi", shell(model, names, payload)),
        ("curl", curl(model, payload)),
    ):
        indented = "\n".join(f"    {told}".rstrip() for told in block.text.split("\n"))
        yield Tab(Markdown(name), Markdown(indented))


def _table(of: Class) -> Table:
    return Table(Markdown(of.name), tuple(_row(of, member) for member in of.members))


def _row(of: Class, member: Member) -> Row:
    said, parameter = member.said, member.parameter
    told = words(said.words + (" or null" if said.null else "")).text
    for _, scope in member.nested():
        told += f' <a href="#{scope.cls}"><code>{scope.cls}</code></a>'
    same = parameter.name == member.attribute
    anchor = member.attribute if of.of is None else f"{of.name}.{member.attribute}"
    return Row(
        anchor=Markdown(f"p-{anchor}"),
        name=Markdown(member.attribute),
        wire=None if same else exact(parameter.name),
        needed=int(parameter.required and parameter.default is None),
        about=words(said.about),
        type=Markdown(told),
        limits=words(said.facts.removeprefix("Required.").strip()),
    )


def _media(model: Model) -> Iterator[Markdown]:
    for parameter in model.parameters:
        for place in inputs_of(parameter):
            yield Markdown(f"{exact(parameter.name + place.path)} takes {_many(place)}")
    for kind in promised_only(model):
        yield Markdown(
            f"The catalogue announces {WORDS[kind]} as an input, and no parameter of this snapshot "
            "takes one: the parameter is not known, or there is none."
        )


def _many(place: Input) -> str:
    word = WORDS[place.kind]
    if place.most is None:
        return f"a list of {word}s, with no limit known"
    return f"up to {place.most} {word}s" if place.most > 1 else f"one {word}"


def _to_know(model: Model) -> Iterator[Markdown]:
    """Findings, corrections and notes on the price, in words."""
    for problem in model.problems:
        place = f"{exact(problem.parameter)}: " if line(problem.parameter) else ""
        if problem.level == "warning" or problem.code == "overlay":
            yield Markdown(f"{place}{words(problem.message)}")
    for note in model.pricing.notes if model.pricing else ():
        yield words(note)


def _rates(model: Model) -> tuple[tuple[Markdown, Markdown, Markdown], ...]:
    rows = model.pricing.rows if model.pricing else ()
    return tuple((words(r.price), words(r.when), words(r.origin, 600)) for r in rows)


def _names(known: Known) -> Iterator[Fact]:
    """What common things are called here, and which of them have no parameter that is known."""
    attributes = known.names.request.attributes
    missing = []
    for role in ROLES:
        told = [
            f'<a href="#p-{attributes[p.name]}"><code>{attributes[p.name]}</code></a>'
            for p in plays(role, known.model)
        ]
        if told:
            yield Fact(Markdown(role.title), Markdown(", ".join(told)))
        else:
            missing.append(role.title.lower())
    if missing:
        yield Fact(Markdown("No parameter known for"), Markdown(", ".join(missing)))
