"""The `gmi` command, and the sentence for those who installed only the client."""

from __future__ import annotations

import os
import sys
from pathlib import PurePath

COMPLETION = "_GMI_COMPLETE"
USAGE, INTERRUPTED = 2, 130


def main() -> None:
    """Run the command line and exit; without click, say how to get it."""
    try:
        from .commands import gmi

        if COMPLETION in os.environ:
            from .completion import register

            register()
        _print_anything()
        gmi(prog_name=_called())
    except ModuleNotFoundError as error:
        if error.name != "click":
            raise
        sys.stderr.write("gmi: this needs click: pip install 'gmi-inference[cli]'\n")
        sys.exit(USAGE)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


def _called() -> str:
    """The words that ran this, for commands to copy."""
    if PurePath(sys.argv[0]).name == "__main__.py":
        return f"python -m {__name__.rpartition('.')[0]}"
    return "gmi"


def _print_anything() -> None:
    """Let a terminal without Unicode show escapes in place of a traceback."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")
