"""`python -m gmigen.site [FOLDER]`: the site of this project, in `build/docs` unless it is said."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from .. import settings
from ..errors import NO, UserError
from ..text.prose import line
from .builder import build, require
from .facts import of_settings
from .pages import pages
from .twins import twins


def main() -> int:
    """Build the site, and say what came of it."""
    began = time.monotonic()
    try:
        require()
        here = settings.load(Path.cwd())
        facts = of_settings(here)
        made = pages(facts)
        folder = Path(sys.argv[1] if len(sys.argv) > 1 else "build/docs").resolve()
        site = build(folder, made.files, here.package_folder.parent, twins(facts, made.files))
    except UserError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    for problem in (*facts.refused, *made.problems):
        sys.stderr.write(f"{line(problem.model, 120)}: {line(problem.message, 400)}\n")
    for fault in site.faults:
        sys.stderr.write(f"{line(fault, 300)}\n")
    sys.stdout.write(
        f"{site.folder / 'index.html'}: {len(site.pages)} pages, {site.links} links followed, "
        f"{len(facts.known)} models, {time.monotonic() - began:.1f} s.\n"
    )
    return NO if site.faults or made.problems else 0


if __name__ == "__main__":
    sys.exit(main())
