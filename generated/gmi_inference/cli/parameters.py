# fmt: off
# isort: skip_file
# ruff: noqa
"""What commands take: common options, and a model with its parameters, its help included."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from typing import Any, TypeVar

import click

from .output import shown

Command = TypeVar("Command", bound=Callable[..., Any])

_SECRET = re.compile(r"key|token|secret|password", re.IGNORECASE)


as_json = click.option("--json", "as_json", is_flag=True, help="JSON on stdout, and nothing else.")
output = click.option(
    "-o",
    "--output",
    metavar="PATH",
    help="Save here: a file, a folder (one that exists, ends in / or has no extension), or - for "
    "standard output.",
)
timeout = click.option(
    "--timeout",
    metavar="SECONDS",
    type=click.FloatRange(min=0),
    help="How long to wait, 1800 if not said; inf for ever. The job goes on without you.",
)


def takes_values(command: Command) -> Command:
    """Give a command the model and the values of a request, and how they are taken."""
    for flag, about in (
        ("--allow-empty", "Submit although no parameter is given at all."),
        ("--unchecked", "Submit what this package refuses, to exactly this model id."),
        ("--dry-run", "Print the exact request, and send nothing."),
    ):
        command = click.option(flag, is_flag=True, help=about)(command)
    command = click.option(
        "--key",
        metavar="NAME",
        help="A name of yours for this submission: the same one never pays twice.",
    )(command)
    values = click.argument("values", metavar="[NAME=VALUE]...", nargs=-1)
    return click.argument("model")(values(command))


class ModelCommand(click.Command):
    """A command that takes a model and its parameters: `--help` tells them, too."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse, after the help of a model was told, and with advice for unknown options."""
        given = [*args]
        if any(name in given for name in ctx.help_option_names):
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
    from .models import tell_class

    with endings(Work()):
        for word in args:
            if not word.startswith("-") and "=" not in word and meant(word):
                tell_class(word, "--json" in args)
                ctx.exit()


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
