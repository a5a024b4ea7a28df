# fmt: off
# isort: skip_file
# ruff: noqa
"""What commands take: common options, and a model with its parameters, its help included."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import click

from .output import hush, out_json, shown

Command = TypeVar("Command", bound=Callable[..., Any])

_SECRET = re.compile(r"key|token|secret|password", re.IGNORECASE)


as_json = click.option("--json", "as_json", is_flag=True, help="JSON on stdout, and nothing else.")
timeout = click.option(
    "--timeout",
    metavar="SECONDS",
    type=click.FloatRange(min=0),
    help="How long to wait, 1800 if not said; inf for ever. The job goes on without you.",
)


def _hush(_: click.Context, _param: click.Parameter, asked: bool) -> None:
    if asked:
        hush()


quiet = click.option(
    *("-q", "--quiet"),
    is_flag=True,
    expose_value=False,
    callback=_hush,
    help="Tell nothing but what went wrong.",
)


def brings_files(command: Command) -> Command:
    """Give a command the place for what a job made, and what is done with it there."""
    for flag, about in (
        ("--no-inline", "Show no picture in a terminal that could."),
        ("--open", "Open what was made with the desktop's program for it."),
        ("--overwrite", "Replace files that are in the way."),
    ):
        command = click.option(flag, is_flag=True, help=about)(command)
    output = click.option(
        *("-o", "--output"),
        metavar="PATH",
        help="Save here: a file, a folder (one that exists, ends in / or has no extension), or - "
        "for standard output.",
    )
    return output(command)


def takes_values(command: Command) -> Command:
    """Give a command the model and the values of a request, and how they are taken."""
    for flag, about in (
        ("--allow-empty", "Submit although no parameter is given at all."),
        ("--unchecked", "Submit what this package refuses, to exactly this model id."),
        ("--allow-unknown-cost", "Submit although --max-cost cannot be held."),
    ):
        command = click.option(flag, is_flag=True, help=about)(command)
    command = click.option(
        "--max-cost",
        metavar="USD",
        type=click.FloatRange(min=0),
        help="Refuse what may cost more, or nobody knows how much, by what is published.",
    )(command)
    command = click.option("--dry-run", is_flag=True, help="Print the request, and send nothing.")(
        command
    )
    command = click.option(
        "--key",
        metavar="NAME",
        help="A name of yours for this submission: the same one never pays twice.",
    )(command)
    values = click.argument(
        "values", metavar="[NAME=VALUE]...", nargs=-1, shell_complete=_complete("parameters")
    )
    return model(values(command))


def _complete(what: str) -> Callable[[click.Context, click.Parameter, str], list[Any]]:
    """Completion that is loaded when a shell asks for it."""

    def complete(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[Any]:
        from . import candidates

        found: list[Any] = getattr(candidates, what)(ctx.params.get("model"), incomplete)
        return found

    return complete


model = click.argument("model", shell_complete=_complete("models"))
complete_models = _complete("models")
complete_kinds = _complete("kinds")


class Program(click.Group):
    """All commands: wrong usage is a document, too, for those who ask for JSON."""

    def make_context(self, *args: Any, **more: Any) -> click.Context:
        """Read the options of the program itself."""
        given = more["args"] if "args" in more else args[1]
        with _documented("--json" in given):
            made = super().make_context(*args, **more)
        return made

    def invoke(self, ctx: click.Context) -> Any:
        """Read those of a command, and do it."""
        with _documented("--json" in ctx.args):
            return super().invoke(ctx)


@contextmanager
def _documented(as_json: bool) -> Iterator[None]:
    try:
        yield
    except click.UsageError as wrong:
        if as_json:
            told = {"type": type(wrong).__name__, "message": wrong.format_message()}
            out_json({"error": told})
        raise


class ModelCommand(click.Command):
    """A command that takes a model and its parameters: `--help` tells them, too."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse, after the help of a model was told, and with advice for unknown options."""
        given = [*args]
        asked = any(name in given for name in ctx.help_option_names)
        if asked and not ctx.resilient_parsing:
            _help_on_model(ctx, given)
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as unknown:
            raise click.UsageError(
                f"{unknown.message} {_advice(unknown.option_name, given)}", ctx
            ) from None


def _help_on_model(ctx: click.Context, args: list[str]) -> None:
    """Tell the model that is named, and end; nothing where none is named that is known."""
    from .classes import meant
    from .endings import Work, endings
    from .models import near, tell_class
    from .output import note, out_lines
    from .words import command

    words = [word for word in args if not word.startswith("-") and "=" not in word]
    with endings(Work()):
        for word in words:
            if meant(word):
                tell_class(word, "--json" in args)
                if "--json" not in args:
                    own = command(ctx.info_name or "", "--help")
                    out_lines(f"\nHow values are written, and the options: {own}")
                ctx.exit()
        if words:
            note(f"gmi: this package has no request class for {words[0]}.{near(words[0])}")


def _advice(option: str, args: list[str]) -> str:
    """How a parameter is written that was given like an option."""
    place = next(at for at, arg in enumerate(args) if arg.startswith(option))
    name, _, value = args[place].lstrip("-").partition("=")
    if _SECRET.search(name):
        return "The key is read from GMI_API_KEY, and from nowhere else."
    following = args[place + 1] if place + 1 < len(args) else "..."
    value = value or ("..." if following.startswith("-") else following)
    written = f"{name.replace('-', '_')}={shlex.quote(value)}"
    return shown(f"A parameter of the model is written without dashes: {written}")
