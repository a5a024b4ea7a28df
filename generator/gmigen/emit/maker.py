"""Models -> their modules and pages; one that fails leaves the others as they would be."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from ..errors import NotPythonError, TemplateProblemError
from ..naming.names import Ledger, ModelNames
from ..problems import Problem
from ..schema.types import Model
from ..settings import Settings
from .audit import own_violations, violations
from .classes import Class, classes_of
from .docs import page
from .fields import Compiled
from .formatting import Draft
from .imports import OWN, SHARED
from .module import module_view
from .render import Renderer

T = TypeVar("T")

Key = tuple[str, str]
"""An area (`package`, `docs`, `snapshot`) and a path inside it."""

Files = Mapping[Key, str]
"""Finished text by area and path."""

_MODULE = "package/models/model.py"


@dataclass
class Maker:
    """What makes the module and the page of a model, or says why it is refused after all."""

    renderer: Renderer
    settings: Settings
    names: Mapping[str, ModelNames]
    classes: Mapping[str, Sequence[Class]]
    compiled: Compiled

    def make(self, models: Sequence[Model]) -> Iterator[tuple[Model, Files | Problem]]:
        """Each model on its own, but for black, which is asked about all of them at once."""
        innocent = _innocent(self.renderer, root_of(self.settings))
        drafts = [_guarded(self._draft, model) for model in models]
        self.renderer.ask(draft for draft in drafts if not isinstance(draft, Problem))
        for model, draft in zip(models, drafts, strict=True):
            if isinstance(draft, Problem):
                yield model, draft
            else:
                yield model, _guarded(self._files, model, draft, innocent)

    def _draft(self, model: Model) -> Draft | str:
        root = root_of(self.settings)
        view = module_view(model, self.classes[model.id], self.compiled, root)
        return self.renderer.draft(_MODULE, module=view)

    def _files(self, model: Model, draft: Draft | str, innocent: str) -> Files | Problem:
        given = self.names[model.id]
        text = self.renderer.finished(_MODULE, draft)
        root = root_of(self.settings)
        wrong = own_violations(text, innocent) if innocent else violations(text, root)
        if wrong:
            return Problem("refused", model.id, "", "emitted-structure", wrong[0])
        told = page(model, given, self.classes[model.id], self.settings.package)
        return {
            ("package", f"models/{given.module}.py"): text,
            ("docs", f"models/{given.module}.md"): self.renderer.markdown(
                "docs/models/model.md", page=told
            ),
        }


def _guarded(call: Callable[..., T], model: Model, *more: object) -> T | Problem:
    """A step of one model, or why it cannot be done."""
    try:
        return call(model, *more)
    except NotPythonError as error:
        return Problem("refused", model.id, "", "emitted-structure", str(error))
    except TemplateProblemError:
        raise  # of the template, and no model's own trouble
    except Exception as error:  # whatever fails for one model is that model's trouble alone
        told = f"it cannot be made: {type(error).__name__}: {error}"[:400]
        return Problem("refused", model.id, "", "internal", told)


def _innocent(renderer: Renderer, root: str) -> str:
    """What a template of the user's own makes of a model that says nothing; else nothing."""
    if not renderer.is_own(_MODULE):
        return ""
    nothing = Model("model", ())
    classes = classes_of(nothing, Ledger().name([nothing])["model"])
    text = renderer.python(_MODULE, module=module_view(nothing, classes, {}, root))
    if wrong := own_violations(text, text):
        raise TemplateProblemError(f"{renderer.place(_MODULE)}: {wrong[0]}")
    return text


def root_of(settings: Settings) -> str:
    """Where a package of these settings takes its hand-written rooms from."""
    return SHARED if settings.runtime == "import" else OWN
