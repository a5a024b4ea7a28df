"""Named models -> package and docs, in memory: the whole of generation, and it touches no file.

The recipe: read every document, name every model, compile every type, render every page. Each
model is on its own; one that is refused leaves the others as they would be without it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .. import __version__
from ..beliefs.recording import Recording
from ..catalog.models import Reading, read_all
from ..catalog.snapshot import Snapshot
from ..client import HOMES
from ..disk import ATTRIBUTES
from ..errors import TemplateProblemError
from ..naming import ledger
from ..naming.names import Ledger, ModelNames
from ..pricing.claim import Claim
from ..problems import Problem
from ..runtime.suggest import nearest
from ..schema.overlays import Overlay
from ..schema.types import Model
from ..settings import Settings
from ..text.literals import Code, literal
from ..text.markdown import Markdown
from . import findings
from .audit import listing_violations
from .classes import Class, classes_of
from .compiler import CompilerError, compile_leaves, leaves
from .data import data_modules
from .facts import facts
from .fields import Compiled
from .imports import SHARED
from .index import by_name, gone, index, listed
from .maker import Files, Maker, root_of
from .maker import Key as Key
from .render import Renderer

_LISTING = "package/models/__init__.py"


@dataclass(frozen=True)
class Inputs:
    """Everything a generation depends on, as it was read."""

    snapshot: Snapshot
    settings: Settings
    templates: Sequence[Path]
    carried: Mapping[str, str] = field(default_factory=dict)
    """The hand-written modules that every emitted package carries, by path."""
    overlays: Sequence[Overlay] = ()
    before: Mapping[str, str] = field(default_factory=dict)
    """Every correction the last generation knew, with the date it stopped to match."""
    published: Collection[str] = ()
    """The modules of models that were published: they stay when their model is refused."""
    claims: Sequence[Claim] = ()
    """What is published of prices."""
    named: Collection[str] = ()
    """Ids that the API is known to have, whether there are details of them or not."""
    recordings: Sequence[Recording] = ()
    """What runs against the API found."""


@dataclass(frozen=True)
class Output:
    """What a generation made and found. `kept` are files of refused models, left as they are."""

    files: Files
    problems: tuple[Problem, ...]
    models: tuple[Model, ...] = ()
    kept: tuple[Key, ...] = ()

    @property
    def refused(self) -> tuple[Problem, ...]:
        return tuple(problem for problem in self.problems if problem.level == "refused")


def generate(inputs: Inputs) -> Output:
    """Make everything that the snapshot gives. Pure: equal inputs give equal bytes.

    Raises:
        TemplateProblemError: when a template cannot be rendered.
        OverlayError: when a correction of the user's matches nothing and never did.
        SettingsError: when a glob of `include` matches no model.
    """
    read = read_all(inputs.snapshot, inputs.overlays, inputs.settings, inputs.before, inputs.claims)
    known = (inputs.snapshot.ledger or Ledger()).copy()
    names = known.name(read.models)
    renderer = Renderer(inputs.templates)
    files, made, failed = _made(renderer, read, names, inputs.settings)
    problems = [*read.problems, *_lost(inputs, read), *failed]
    problems += [problem for model in made for problem in model.problems]

    staying = _staying(known, problems, inputs)
    living = {model.id: names[model.id] for model in made}
    files.update(_package(renderer, inputs, {**living, **staying}, known))
    source, named = inputs.snapshot.lock.source, inputs.named
    files.update(data_modules(renderer, made, names, source, by_name(named, living)))
    files.update(_pages(renderer, made, names, inputs))
    files.update({("package", path): text for path, text in inputs.carried.items()})
    files["package", findings.FILE] = findings.dump(problems, read.overlays)
    files["snapshot", ledger.FILE] = ledger.dump(known)
    kept = [
        key
        for given in staying.values()
        for key in (("package", f"models/{given.module}.py"), ("docs", f"models/{given.module}.md"))
    ]
    return Output(files, tuple(sorted(problems, key=_order)), tuple(made), tuple(kept))


def _made(
    renderer: Renderer, read: Reading, names: Mapping[str, ModelNames], settings: Settings
) -> tuple[dict[Key, str], list[Model], list[Problem]]:
    """The modules and pages of the models, the models that have them, and why others have none.

    What is needed on the way is given back before the files that list all models are made: each
    of the two wants its share of the memory.
    """
    classes = {model.id: classes_of(model, names[model.id]) for model in read.models}
    compiled, problems = _compiled(classes)
    found = (*read.problems, *problems)
    refused = {problem.model for problem in found if problem.level == "refused"}
    wanted = [model for model in read.models if model.id not in refused]
    files: dict[Key, str] = {}
    made: list[Model] = []
    for model, outcome in Maker(renderer, settings, names, classes, compiled).make(wanted):
        if isinstance(outcome, Problem):
            problems.append(outcome)
        else:
            made.append(model)
            files.update(outcome)
    return files, made, problems


def _compiled(models: Mapping[str, Sequence[Class]]) -> tuple[Compiled, list[Problem]]:
    """The leaves of all models in one call; where that fails, the models it fails for."""
    try:
        keys = (
            key
            for classes in models.values()
            for each in classes
            for member in each.members
            for key in leaves(member.parameter.type)
        )
        return compile_leaves(keys), []
    except CompilerError as error:
        if len(models) == 1:
            return {}, [Problem("refused", next(iter(models)), "", "compiler", str(error))]
    ids, half = list(models), len(models) // 2
    one, first = _compiled({model_id: models[model_id] for model_id in ids[:half]})
    other, second = _compiled({model_id: models[model_id] for model_id in ids[half:]})
    return {**one, **other}, [*first, *second]


def _lost(inputs: Inputs, read: Reading) -> Iterator[Problem]:
    """Models that were published and that neither a document nor the lock knows any more."""
    source = inputs.snapshot
    accounted = {model.id for model in read.models} | {problem.model for problem in read.problems}
    accounted |= {*source.lock.files, *source.lock.removed}
    for model_id, given in sorted(source.ledger.models.items() if source.ledger else ()):
        lost = model_id not in accounted and given.module in inputs.published
        if lost and inputs.settings.wants(model_id):
            told = (
                f"models/{given.module}.py was published, and neither a document nor lock.json "
                "knows of it: restore them, or run `gmigen prune` with its id"
            )
            yield Problem("refused", model_id, "", "document-missing", told)


def _staying(known: Ledger, problems: Iterable[Problem], inputs: Inputs) -> dict[str, ModelNames]:
    """The names of refused models that were published and are still wanted."""
    refused = {problem.model for problem in problems if problem.level == "refused"}
    return {
        model_id: given
        for model_id, given in sorted(known.models.items())
        if model_id in refused
        and given.module in inputs.published
        and inputs.settings.wants(model_id)
    }


def _package(
    renderer: Renderer, inputs: Inputs, names: Mapping[str, ModelNames], known: Ledger
) -> Iterator[tuple[Key, str]]:
    """Everything in the package but the modules of living models and the runtime."""
    root = Code(root_of(inputs.settings))
    removed = {
        model_id: date
        for model_id, date in sorted(inputs.snapshot.lock.removed.items())
        if model_id in known.models and model_id not in names
    }
    for model_id, date in removed.items():
        view = gone(model_id, known.models[model_id], date, nearest(model_id, names))
        path = f"models/{view.module}.py"
        text = renderer.python("package/models/removed.py", removed=view, root=root)
        yield ("package", path), text
    every = {**names, **{model_id: known.models[model_id] for model_id in removed}}
    listing = renderer.python(_LISTING, models=listed(every.items()), root=root)
    empty = renderer.python(_LISTING, models=[], root=root)
    if wrong := listing_violations(listing, empty):
        raise TemplateProblemError(f"{_LISTING} renders no list of models: {wrong[0]}")
    yield ("package", "models/__init__.py"), listing
    homes = {name: home for home, names in HOMES.items() for name in names}
    exports = [
        {"name": Code(name), "home": Code(homes[name])}
        for name in sorted(homes, key=_constants_first)
    ]
    shares = inputs.settings.runtime == "import"
    context = {
        "version": literal(__version__),
        "root": Code(SHARED if shares else ""),
        "beside": Code(SHARED if shares else "."),
        "exports": exports,
        "joins": (
            {name: literal(version) for name, version in _versions().items()} if shares else {}
        ),
    }
    parts = ("batch", "models", "tools") if inputs.settings.cli else ("models",)
    context |= {"tools": inputs.settings.cli, "parts": Code(f"{parts}".replace("'", '"'))}
    yield ("package", "__init__.py"), renderer.python("package/__init__.py", **context)
    if inputs.settings.cli:
        main = Code("gmi_inference.cli" if shares else ".cli")
        for name in ("__main__", "tools"):
            yield ("package", f"{name}.py"), renderer.python(f"package/{name}.py", cli=main)
        if shares:
            yield ("package", "batch.py"), renderer.python("package/batch.py")
    package = Code(inputs.settings.package)
    yield ("package", "testing.py"), renderer.python("package/testing.py", package=package)
    yield ("package", "py.typed"), ""
    yield ("package", ".gitattributes"), ATTRIBUTES


def _pages(
    renderer: Renderer, models: Sequence[Model], names: Mapping[str, ModelNames], inputs: Inputs
) -> Iterator[tuple[Key, str]]:
    unread = by_name(inputs.named, [model.id for model in models])
    told = index(models, names, inputs.snapshot.lock.source, unread, inputs.claims)
    known = facts(inputs.recordings)
    yield (
        ("docs", "index.md"),
        renderer.markdown("docs/index.md", index=told, compared=known.compared),
    )
    yield ("docs", "facts.md"), renderer.markdown("docs/facts.md", facts=known)
    yield ("docs", ".gitattributes"), ATTRIBUTES
    # It formats the Python in pages too.
    yield ("docs", ".ruff.toml"), 'exclude = ["*"]\n'
    yield ("docs", "ci.md"), renderer.markdown("docs/ci.md", version=Markdown(__version__))
    for page_name in ("prices", "recipes", "tools"):
        yield ("docs", f"{page_name}.md"), renderer.markdown(f"docs/{page_name}.md")


def _versions() -> dict[str, str]:
    """The oldest runtime a package made now can share, and the first it cannot."""
    major, minor, *_ = (int(part) for part in __version__.split(".")[:2])
    before = f"0.{minor + 1}" if major == 0 else str(major + 1)
    return {"oldest": __version__, "before": before}


def _constants_first(name: str) -> tuple[bool, bool, str]:
    return not name.isupper(), not name[0].isupper(), name


def _order(problem: Problem) -> tuple[str, str, str, str]:
    return problem.model, problem.parameter, problem.code, problem.message
