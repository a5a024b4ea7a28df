"""The `gmigen` command, and the sentence for those who installed only the client."""

from __future__ import annotations

import gc
import sys

COLLECT_EVERY = 50_000
"""Objects between two looks for cycles: a command makes many, leaves few, and ends soon."""


def main() -> None:
    """Run the command line; without its libraries, say how to get them."""
    gc.set_threshold(COLLECT_EVERY)
    try:
        from .cli.commands import main as run
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("gmigen"):
            raise
        sys.stderr.write(
            f"gmigen: this needs {error.name}: pip install 'gmi-inference[codegen]'.\n"
        )
        sys.exit(2)  # as for every wrong use
    run(prog_name="gmigen")


if __name__ == "__main__":
    main()
