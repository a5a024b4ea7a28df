"""What the client says to programs, said to a person at a shell; and commands to copy."""

from __future__ import annotations

import re
import shlex
from dataclasses import replace

import click

from ..runtime.errors import Fault, InvalidRequestError

_SAID: tuple[tuple[str, str], ...] = (
    # How to come back is told in a line of its own.
    (r'(?:[;,] c| C)ome back with client\.job\("(?:[^"\\]|\\.)*"\)(?:\.result\(\))?', ""),
    (r",? or pass api_key=|(?<=GMI_BASE_URL) or base_url=", ""),
    (r"leave journal= out", "set GMI_JOURNAL=off"),
    (r"(?:pass )?\bproxy=''(?: to go without| for none)", "set NO_PROXY='*' for none"),
    (r"\bproxy= does", "The proxy does"),
    (
        r"There is no journal to resume from\..*",
        "There is no journal: nothing was submitted yet, or GMI_JOURNAL is off.",
    ),
    (
        r"A key is kept in a journal, and this client has none, so nothing was submitted\..*",
        "--key needs a journal, and GMI_JOURNAL is off or it could not be made; nothing was "
        "submitted.",
    ),
    (r"Give another name or overwrite=True", "Give another name"),
    (r"\ballow_empty=True", "--allow-empty"),
    (r"\bunchecked=True", "--unchecked"),
    (r"Look at result\.outcome", "Look at its outcome with --json"),
    (r"; job\.record keeps the last", ""),
)
_ALLOWED: tuple[tuple[str, str], ...] = (
    (r", (?:a )?Path or file opened in binary mode\)", " or @FILE)"),
    (r"\bTrue or False\b", "true or false"),
    (r"\bNone\b", "null"),
    (r"\ba dict\b", "a JSON object"),
)
_TYPES = {
    "str": "text", "int": "number", "float": "number", "bool": "boolean", "NoneType": "null",
    "None": "null", "dict": "object", "PosixPath": "file", "WindowsPath": "file",
}  # fmt: skip
_LOCAL = re.compile(
    r"for a local file write Path\(\.\.\.\)"
    r"(?: or, to send it inside the request, inline\(\.\.\.\))?"
)


def said(text: str, table: tuple[tuple[str, str], ...] = _SAID) -> str:
    """A sentence of the client in the words of the command line."""
    for pattern, words in table:
        text = re.sub(pattern, words, text)
    return text


def said_of(error: BaseException) -> BaseException:
    """The same error with each of its faults in the words of the command line."""
    if isinstance(error, InvalidRequestError):
        return InvalidRequestError([_fault(fault) for fault in error.faults], job=error.job)
    return error


def _fault(fault: Fault) -> Fault:
    kind, _, value = (fault.value_type or "").partition(" ")
    name = re.split(r"[.\[]", fault.field)[0]
    nested = "" if name == fault.field else ', inside of JSON "@FILE"'
    message = _LOCAL.sub(
        lambda _: f"on this command line a local file is {name}=@FILE{nested}", fault.message
    )
    message = message.replace("goes into extra_payload", "goes into extra_payload:='{...}'")
    return replace(
        fault,
        message=said(message),
        value_type=f"{_TYPES.get(kind, kind)} {value}".strip() or None,
        allowed=said(fault.allowed, _ALLOWED) if fault.allowed else None,
    )


def command(*words: str) -> str:
    """A command of this program, safe to paste into a shell."""
    context = click.get_current_context(silent=True)
    called = (context.find_root().info_name if context else None) or "gmi"
    return " ".join([called, *(shlex.quote(word) for word in words)])
