"""The reference: the public names of the runtime and the commands, as they say themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from ..runtime import HOMES
from ..text.markdown import Markdown, fence

SECTIONS: Mapping[str, tuple[str, str, tuple[str, ...]]] = {
    "clients": (
        "Clients and module functions",
        "`Client` and `AsyncClient` have the same words; the functions use a client made from the "
        "environment.",
        ("client", "async_client", "default_client", "session", "protocol.pacing", "budget"),
    ),
    "jobs": (
        "Jobs, events and results",
        "A job is a handle on something that was accepted; only changes of it are events.",
        (
            *("jobs", "events", "results"),
            *("batch.scheduler", "protocol.recovery", "records"),
            *("journal.file", "journal.sqlite", "protocol.entries"),
        ),
    ),
    "errors": (
        "Errors",
        "Every error is a `GMIError`, and no error of the HTTP library reaches you.",
        ("errors",),
    ),
    "requests": (
        "Requests, media and estimates",
        "What all request classes have in common.",
        ("requests.media", "requests.estimate"),
    ),
}
"""Pages of the Python reference: title, a sentence, and the homes of the names they show."""

_BATCH = ("run", "resume", "work", "status", "report", "cancel_rest")
OTHERS = {
    "jobs": (
        *(f"gmi_inference.batch.api.{name}" for name in _BATCH),
        "gmi_inference.batch.lines.Template",
        "gmi_inference.batch.summary.Summary",
    ),
    "requests": ("gmi_inference.runtime.requests.base.Request",),
}
"""What is public and has no home among the names of the package itself."""


@dataclass(frozen=True)
class Section:
    """A page of the Python reference."""

    title: Markdown
    about: Markdown
    names: tuple[Markdown, ...]


@dataclass(frozen=True)
class Command:
    """A command and what its `--help` prints."""

    name: Markdown
    anchor: Markdown
    help: Markdown


def sections() -> Iterator[tuple[str, Section]]:
    """The pages of the Python reference, by name."""
    for page, (title, about, homes) in SECTIONS.items():
        names = [f"gmi_inference.{name}" for home in homes for name in HOMES[home]]
        if page == "errors":
            about += f"\n\n{fence(_tree(), 'text')}"
        names += OTHERS.get(page, ())
        yield page, Section(Markdown(title), Markdown(about), tuple(map(Markdown, names)))


def _tree() -> str:
    """The drawing of the errors, as their module has it."""
    told = import_module("gmigen.runtime.errors").__doc__ or ""
    return told.split("\n\n")[1]


def commands() -> tuple[Command, ...]:
    """Every command of both programs."""
    programs = (
        ("gmi", import_module("gmigen.client_cli.commands").gmi),
        ("gmigen", import_module("gmigen.cli.commands").main),
    )
    return tuple(each for name, program in programs for each in _walk(name, program))


def _walk(name: str, command: Any) -> Iterator[Command]:
    context = command.context_class(command, info_name=name, max_content_width=88)
    context.terminal_width = 88
    told = command.get_help(context)
    yield Command(Markdown(name), Markdown(name.replace(" ", "-")), fence(told, "text"))
    for word, inner in sorted(getattr(command, "commands", {}).items()):
        if not inner.hidden:
            yield from _walk(f"{name} {word}", inner)
