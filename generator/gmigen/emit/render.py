"""The Jinja environment: views in, finished text out, all in memory.

Nothing remote can be printed by accident: `finalize` refuses every value that is neither of
the template's own language (`Code`, `Markdown`) nor a whole number, whatever filters or macros it
went through.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..catalog.overlays import SUFFIX
from ..errors import NotPythonError, TemplateProblemError
from ..text.literals import Code
from ..text.markdown import Markdown

if TYPE_CHECKING:
    from jinja2 import Environment

LINE_LENGTH = 100
MARKS = "# fmt: off\n# isort: skip_file\n# ruff: noqa\n"
"""What every emitted Python file says to formatters and linters: leave it as it is."""

MAX_SOURCE = 768 * 1024
"""Characters of one module before it is formatted, because the formatter needs a second for it."""

Language = type[Code] | type[Markdown]


@dataclass
class Renderer:
    """Renders templates found by path, the first folder that has one winning."""

    folders: Sequence[Path]

    def python(self, template: str, **context: Any) -> str:
        """Render a Python file and format it with black, in process, in one fixed mode."""
        from black.parsing import InvalidInput

        text = self._render(template, context, Code)
        if len(text) > MAX_SOURCE:
            raise NotPythonError(f"{len(text):,} characters of source; {MAX_SOURCE:,} are allowed")
        try:
            return marked(formatted(text))
        except (InvalidInput, RecursionError) as error:
            raise NotPythonError(f"{template} renders no valid Python: {error}") from None

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

    # Own templates come with a repository, which may be anybody's.
    return ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(folders),
        undefined=StrictUndefined,
        finalize=partial(printable, language=language),
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


@lru_cache(maxsize=32)
def formatted(source: str) -> str:
    """`source` as black writes it. Most files of two generations in one process are the same."""
    from black import format_str
    from black.mode import Mode, TargetVersion

    mode = Mode(target_versions={TargetVersion.PY310}, line_length=LINE_LENGTH)
    return format_str(source, mode=mode)


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
