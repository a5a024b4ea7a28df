"""The Jinja environment: views in, finished text out, all in memory.

Nothing remote can be printed by accident: `finalize` refuses every value that is neither of
the template's own language (`Code`, `Markdown`) nor a whole number, whatever filters or macros it
went through.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..catalog.overlays import SUFFIX
from ..errors import NotPythonError, TemplateProblemError
from ..text.literals import Code
from ..text.markdown import Markdown
from .formatting import Answers, Draft, by_black, drafted

if TYPE_CHECKING:
    from jinja2 import Environment

MARKS = "# fmt: off\n# isort: skip_file\n# ruff: noqa\n"
"""What every emitted Python file says to formatters and linters: leave it as it is."""

_AS_BLACK_WRITES = frozenset(
    [
        *("package/models/model.py", "package/models/__init__.py"),
        *("package/models/_facts.py", "package/models/_known.py", "package/models/_prices.py"),
        *("package/__init__.py", "package/__main__.py", "package/testing.py"),
    ]
)
"""Templates whose lines black leaves as they are, unless a name or a text makes one too long."""

Language = type[Code] | type[Markdown]


@dataclass
class Renderer:
    """Renders templates found by path, the first folder that has one winning."""

    folders: Sequence[Path]
    _known: dict[str, frozenset[str]] = field(default_factory=dict, repr=False)
    _answers: Answers = field(default_factory=Answers, repr=False)

    def python(self, template: str, **context: Any) -> str:
        """Render a Python file as black writes it. Raises NotPythonError."""
        return self.finished(template, self.draft(template, **context))

    def draft(self, template: str, **context: Any) -> Draft | str:
        """Render a Python file; `finished` makes of it what black writes."""
        text = self._render(template, context, Code)
        if template in _AS_BLACK_WRITES and not self.is_own(template):
            return drafted(text, self._lines(template))
        return text

    def ask(self, drafts: Iterable[Draft | str]) -> None:
        """Have black read what it may change in many files at once."""
        self._answers.ask(draft for draft in drafts if isinstance(draft, Draft))

    def finished(self, template: str, draft: Draft | str) -> str:
        """A drafted file as black writes it. Raises NotPythonError."""
        try:
            text = by_black(draft) if isinstance(draft, str) else self._answers.finished(draft)
        except NotPythonError as error:
            raise NotPythonError(f"{template}: {error}") from None
        return marked(text)

    def _lines(self, template: str) -> frozenset[str]:
        """The lines of a template that are printed as they stand."""
        if template not in self._known:
            lines = self.place(template).read_text("utf-8").splitlines()
            self._known[template] = frozenset(
                line for line in lines if "{{" not in line and "{%" not in line
            )
        return self._known[template]

    def is_own(self, template: str) -> bool:
        """Whether a folder before the last one, which holds the bundled ones, has the template."""
        return any((folder / f"{template}{SUFFIX}").is_file() for folder in self.folders[:-1])

    def place(self, template: str) -> Path:
        """The file of a template."""
        files = [folder / f"{template}{SUFFIX}" for folder in self.folders]
        return next((file for file in files if file.is_file()), files[-1])

    def markdown(self, template: str, **context: Any) -> str:
        """Render a Markdown page."""
        return self._render(template, context, Markdown).strip("\n") + "\n"

    def _render(self, template: str, context: dict[str, Any], language: Language) -> str:
        from jinja2 import TemplateSyntaxError

        try:
            return self._environments[language].get_template(template + SUFFIX).render(context)
        except TemplateSyntaxError as error:
            where = f"{error.filename or template + SUFFIX}:{error.lineno}"
            raise TemplateProblemError(f"{where}: {error.message}") from None
        except Exception as error:  # a template of the user's own may raise anything
            raise TemplateProblemError(f"{_place(error, template)}: {error}") from None

    @cached_property
    def _environments(self) -> dict[Language, Environment]:
        # Only the bundled folder has one path from everywhere.
        make = _environment if len(self.folders) == 1 else _environment.__wrapped__
        return {language: make(tuple(self.folders), language) for language in (Code, Markdown)}


@lru_cache(maxsize=2)
def _environment(folders: tuple[Path, ...], language: Language) -> Environment:
    """The environment of a language; it looks by itself whether a template has changed."""
    from jinja2 import FileSystemLoader, StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    class Sandbox(ImmutableSandboxedEnvironment):
        """One that knows at once what Jinja finds out at length: views are plain data."""

        def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
            if hasattr(type(obj), "__dataclass_fields__"):
                return not attr.startswith("_")
            return super().is_safe_attribute(obj, attr, value)

    # Own templates come with a repository, which may be anybody's.
    return Sandbox(
        loader=FileSystemLoader(folders),
        undefined=StrictUndefined,
        finalize=partial(printable, language=language),
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def marked(source: str) -> str:
    """`source` with the marks below the comments it begins with."""
    lines = source.splitlines(keepends=True)
    first = next((n for n, told in enumerate(lines) if not told.startswith("#")), len(lines))
    return "".join([*lines[:first], MARKS, *lines[first:]])


class RawValueError(TypeError):
    """A template tried to print a value that no escaper has made safe."""


def printable(value: object, language: Language) -> str:
    """What a template of `language` may print; everything else is refused."""
    if isinstance(value, language):
        return value.text
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise RawValueError(
        f"a raw {type(value).__name__} was printed where {language.__name__} belongs"
    )


def _place(error: BaseException, template: str) -> str:
    """The file and line of the template an error came out of."""
    place = template + SUFFIX
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename.endswith(SUFFIX):
            place = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place
