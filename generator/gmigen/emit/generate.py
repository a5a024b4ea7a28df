"""snapshot -> package and docs, in memory: the whole of generation, and it touches no file.

The recipe: read every document, name every model, compile every type, render every page. Each
model is on its own; one that is refused leaves the others as they would be without it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from .. import __version__
from ..catalog import snapshot
from ..catalog.models import read_all
from ..catalog.snapshot import Snapshot
from ..naming import ledger
from ..naming.names import Ledger, ModelNames, records
from ..problems import Problem
from ..runtime import HOMES
from ..runtime.suggest import nearest as near
from ..schema import Model, Parameter
from ..schema.overlays import Overlay
from ..settings import Settings
from ..text.literals import Code, literal
from ..text.markdown import Markdown
from ..text.prose import docstring, line
from . import docs as docsview
from .audit import listing_violations, own_violations, violations
from .compiler import CompilerError, compile_leaves, leaves
from .fields import Compiled
from .module import module_view
from .render import NotPythonError, Renderer, TemplateProblemError

_MODULE = "package/model.py"

Files = Mapping[tuple[str, str], str]
"""Finished text by area (`package`, `docs`, `snapshot`) and path inside it."""


@dataclass(frozen=True)
class Output:
    """What a generation made and found. `fingerprints` tell which models changed since."""

    files: Files
    problems: tuple[Problem, ...]
    models: tuple[Model, ...] = ()
    fingerprints: Mapping[str, str] = field(default_factory=dict)

    @property
    def refused(self) -> tuple[Problem, ...]:
        return tuple(problem for problem in self.problems if problem.level == "refused")


@dataclass(frozen=True)
class Inputs:
    """Everything a generation depends on.

    `ready` holds files of models, by fingerprint, that a former generation made with the same
    templates, settings and tools: they are taken as they are.
    """

    snapshot: Snapshot
    settings: Settings
    runtime: Path
    templates: Sequence[Path]
    overlays: Sequence[Overlay] = ()
    ready: Mapping[str, Files] = field(default_factory=dict)


def generate(inputs: Inputs) -> Output:
    """Make everything that the snapshot gives. Pure: equal inputs give equal bytes.

    Raises:
        TemplateProblemError: when a template cannot be rendered.
    """
    lock = inputs.snapshot.lock
    read = read_all(inputs.snapshot, inputs.overlays, inputs.settings)
    problems = [*read.problems]
    known = ledger.load(ledger.dump(inputs.snapshot.ledger))
    names = known.name(read.models)
    prints = {m.id: _fingerprint(m, read.texts[m.id], names[m.id]) for m in read.models}
    renderer = Renderer(inputs.templates)

    files: dict[tuple[str, str], str] = {}
    new = [model for model in read.models if prints[model.id] not in inputs.ready]
    compiled, uncompiled = _compiled(new)
    innocent = _innocent(renderer)
    kept: list[Model] = []
    for model in read.models:
        made = (
            uncompiled.get(model.id)
            or inputs.ready.get(prints[model.id])
            or _model_files(
                model, names[model.id], compiled, renderer, inputs.settings.package, innocent
            )
        )
        if isinstance(made, Problem):
            problems.append(made)
            continue
        kept.append(model)
        files.update(made)

    problems += [problem for model in kept for problem in model.problems]
    gone = _gone(lock.removed, known, kept)
    files.update(_package(renderer, kept, names, gone, inputs.settings.package))
    index = docsview.index(kept, names, lock.source)
    files["docs", "index.md"] = renderer.markdown("docs/index.md", index=index)
    version = Markdown(__version__)
    files["docs", "ci.md"] = renderer.markdown("docs/ci.md", version=version)
    for room, folder in (("runtime", inputs.runtime), ("cli", inputs.runtime.parent / "client_cli")):
        files.update({("package", f"{room}/{name}"): text for name, text in _python(folder)})
    new_lock = replace(lock, problems=tuple(problems), overlays=read.overlays)
    files["snapshot", snapshot.LOCK] = snapshot.lock_text(new_lock, read.documents.items())
    files["snapshot", ledger.FILE] = ledger.dump(known)
    return Output(
        files,
        tuple(sorted(problems, key=_order)),
        tuple(kept),
        {model.id: prints[model.id] for model in kept},
    )


def _innocent(renderer: Renderer) -> str:
    """What a template of the user's own makes of a model that says nothing; else nothing."""
    if not renderer.is_own(_MODULE):
        return ""
    nothing = Model("model", ())
    return renderer.python(
        _MODULE, module=module_view(nothing, Ledger().name([nothing])["model"], {})
    )


def _model_files(
    model: Model,
    names: ModelNames,
    compiled: Compiled,
    renderer: Renderer,
    package: str,
    innocent: str,
) -> Files | Problem:
    """The module and the page of one model, or why it is refused after all."""
    view = module_view(model, names, compiled)
    try:
        text = renderer.python(_MODULE, module=view)
    except NotPythonError as error:
        return Problem("refused", model.id, "", "emitted-structure", str(error))
    wrong = own_violations(text, innocent) if innocent else violations(text)
    if wrong:
        return Problem("refused", model.id, "", "emitted-structure", wrong[0])
    page = docsview.page(model, names, package)
    return {
        ("package", f"models/{names.module}.py"): text,
        ("docs", f"models/{names.module}.md"): renderer.markdown("docs/model.md", page=page),
    }


def _fingerprint(model: Model, text: str, names: ModelNames) -> str:
    """What the files of one model depend on besides templates, settings and tools."""
    told = ledger.dump(Ledger({model.id: names}))
    return snapshot.sha256(f"{text}\0{told}".encode("utf-8", "surrogatepass"))


def _compiled(models: Sequence[Model]) -> tuple[Compiled, dict[str, Problem]]:
    """The leaves of all models in one call; where that fails, the models it fails for."""
    try:
        return compile_leaves(key for model in models for key in _leaves(model.parameters)), {}
    except CompilerError as error:
        if len(models) == 1:
            return {}, {models[0].id: Problem("refused", models[0].id, "", "compiler", str(error))}
    half = len(models) // 2
    (one, first), (other, second) = _compiled(models[:half]), _compiled(models[half:])
    return {**one, **other}, {**first, **second}


def _leaves(parameters: Iterable[Parameter]) -> Iterator[str]:
    for parameter in parameters:
        yield from leaves(parameter.type)
        for _, record in records(parameter):
            yield from _leaves(record.fields)


@dataclass(frozen=True)
class _Listed:
    """One model in the lazy `models` package."""

    module: Code
    cls: Code
    module_literal: Code
    cls_literal: Code
    id_literal: Code


@dataclass(frozen=True)
class _Export:
    """A public name of the runtime, and the module it lives in."""

    name: Code
    literal: Code
    home: Code


def _tuple(texts: Sequence[str]) -> Code:
    told = ", ".join(literal(text).text for text in texts)
    return Code(f"({told},)" if len(texts) == 1 else f"({told})")


@dataclass(frozen=True)
class _Gone:
    """A model that left the catalogue, as its module shows it."""

    module: Code
    cls: Code
    docstring: Code
    model_id: Code
    date: Code
    nearest: Code


def _gone(removed: Mapping[str, str], known: Ledger, living: Sequence[Model]) -> list[_Gone]:
    ids = [model.id for model in living]
    return [
        _Gone(
            Code(known.models[model_id].module),
            Code(known.models[model_id].request.cls),
            docstring(f"The model {line(model_id)} left the catalogue, as of {line(date)}.", 0),
            literal(model_id),
            literal(date),
            _tuple(list(near(model_id, ids))),
        )
        for model_id, date in sorted(removed.items())
        if model_id in known.models and model_id not in ids
    ]


def _package(
    renderer: Renderer,
    models: Sequence[Model],
    names: Mapping[str, ModelNames],
    gone: Sequence[_Gone],
    package: str,
) -> Iterator[tuple[tuple[str, str], str]]:
    listed = [
        _Listed(
            Code(names[model.id].module),
            Code(names[model.id].request.cls),
            literal(names[model.id].module),
            literal(names[model.id].request.cls),
            literal(model.id),
        )
        for model in models
    ]
    listed += [
        _Listed(
            left.module, left.cls, literal(left.module.text), literal(left.cls.text), left.model_id
        )
        for left in gone
    ]
    for left in gone:
        path = f"models/{left.module}.py"
        yield ("package", path), renderer.python("package/removed.py", removed=left)
    version = literal(__version__)
    yield ("package", "py.typed"), ""
    exports = [
        _Export(Code(name), literal(name), Code(home))
        for name, home in sorted(
            ((name, home) for home, names in HOMES.items() for name in names),
            key=lambda export: _constants_first(export[0]),
        )
    ]
    yield (
        ("package", "__init__.py"),
        renderer.python("package/__init__.py", version=version, exports=exports),
    )
    yield ("package", "__main__.py"), renderer.python("package/__main__.py")
    testing = renderer.python("package/testing.py", package=Code(package))
    yield ("package", "testing.py"), testing
    listed.sort(key=lambda model: _natural(model.module.text))
    exported = sorted(listed, key=lambda model: _natural(model.cls.text))
    listing = renderer.python("package/models.py", models=listed, exported=exported)
    empty = renderer.python("package/models.py", models=[], exported=[])
    if wrong := listing_violations(listing, empty):
        raise TemplateProblemError(f"package/models.py renders no list of models: {wrong[0]}")
    yield ("package", "models/__init__.py"), listing


def _constants_first(name: str) -> tuple[bool, bool, str]:
    return not name.isupper(), not name[0].isupper(), name


def _natural(name: str) -> list[tuple[bool, int, str]]:
    """Linters want names in this order: `v2` before `v10`."""
    parts = re.findall(r"[0-9]+|[^0-9]+", name)
    return [(not part[0].isdigit(), int(part) if part[0].isdigit() else 0, part) for part in parts]


def _python(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.rglob("*.py")):
        yield path.relative_to(folder).as_posix(), path.read_text("utf-8")


def _order(problem: Problem) -> tuple[str, str, str, str]:
    return problem.model, problem.parameter, problem.code, problem.message
