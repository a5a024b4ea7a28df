"""All pages of the site as Markdown, in memory; a page that cannot be made leaves the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import SimpleNamespace

from .. import __version__, resources
from ..compat import Change
from ..emit.render import Renderer
from ..problems import Problem
from ..text.markdown import Markdown
from ..text.references import exact, words
from . import tables
from .facts import Facts
from .guides import GUIDES
from .model_page import page
from .reference import commands, sections


@dataclass(frozen=True)
class Pages:
    """Markdown by path, and the models whose pages could not be made."""

    files: Mapping[str, str]
    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class Changed:
    """One change, as it is told."""

    model: Markdown
    told: Markdown
    breaking: int


def pages(facts: Facts, renderer: Renderer | None = None) -> Pages:
    """Render everything. Pure: equal facts give equal pages."""
    renderer = renderer or Renderer([resources.templates()])
    files: dict[str, str] = {}
    problems: list[Problem] = []
    for known in facts.known:
        try:
            told = renderer.markdown("site/models/model.md", page=page(known, facts))
        except Exception as error:  # whatever fails for one model is that model's trouble alone
            reason = f"its page cannot be made: {type(error).__name__}: {error}"[:400]
            problems.append(Problem("refused", known.model.id, "", "page", reason))
        else:
            files[f"models/{known.names.module}.md"] = told
    for path, view in _lists(facts, problems):
        template = "index" if path.startswith(("by-", "index")) else path
        files[f"models/{path}.md"] = renderer.markdown(f"site/models/{template}.md", view=view)
    count = len(facts.known)
    for path in ("index", "facts"):
        view = SimpleNamespace(count=count, provenance=words(facts.source.provenance))
        files[f"{path}.md"] = renderer.markdown(f"site/{path}.md", view=view)
    files["ci.md"] = renderer.markdown("docs/ci.md", version=Markdown(__version__))
    for name, section in sections():
        files[f"api/{name}.md"] = renderer.markdown("site/api/reference.md", view=section)
    files["api/index.md"] = renderer.markdown("site/api/index.md")
    files["cli.md"] = renderer.markdown("site/cli.md", view=SimpleNamespace(commands=commands()))
    for _, name in GUIDES:
        files[f"guides/{name}.md"] = renderer.markdown(f"site/guides/{name}.md")
    for path in ("tools", "prices", "recipes"):
        files[f"{path}.md"] = renderer.markdown(f"docs/{path}.md")
    return Pages(files, tuple(problems))


def _lists(facts: Facts, problems: list[Problem]) -> Iterator[tuple[str, SimpleNamespace]]:
    """The pages that list models, each without the models that have no page."""
    lost = {problem.model for problem in problems}
    shown = Facts(
        tuple(known for known in facts.known if known.model.id not in lost),
        facts.source,
        facts.unread,
    )
    groups: dict[str, tuple[str, Callable[[Facts], tuple[tables.Group, ...]]]] = {
        "index": ("Models", tables.by_kind),
        "by-input": ("Models by what goes in", tables.by_input),
        "by-vendor": ("Models by vendor", tables.by_vendor),
    }
    for path, (title, grouped) in groups.items():
        yield path, SimpleNamespace(
            title=Markdown(title),
            count=len(shown.known),
            provenance=words(facts.source.provenance),
            groups=grouped(shown),
            unread=tuple(exact(model_id) for model_id in facts.unread) if path == "index" else (),
        )
    yield "compare", SimpleNamespace(rows=tables.compared(shown))
    yield "names", SimpleNamespace(roles=tables.named(shown))
    yield "changes", SimpleNamespace(
        summary=_summary(facts), changes=tuple(_changed(one) for one in facts.changes or ())
    )


def _summary(facts: Facts) -> Markdown:
    if facts.changes is None:
        return words(facts.why or "There is no older snapshot to compare with.")
    breaking = sum(change.breaking for change in facts.changes)
    return Markdown(f"{len(facts.changes)} changes, of which {breaking} break callers.")


def _changed(change: Change) -> Changed:
    place = f"{exact(change.parameter)}: " if change.parameter else ""
    return Changed(
        exact(change.model), Markdown(f"{place}{words(change.message)}"), int(change.breaking)
    )
