"""What mypy learned of the libraries and the package when the project itself was checked."""

from __future__ import annotations

import shutil
from pathlib import Path

_OF_LINT = Path(__file__).parents[2] / ".mypy_cache"


def begun(folder: Path) -> Path:
    """A cache in `folder` that begins with that of `make lint`, where there is one.

    Mypy takes from it what was checked under the same options, and the text of which is the same.
    """
    cache = folder / "mypy-cache"
    if _OF_LINT.is_dir():
        shutil.copytree(_OF_LINT, cache)
    return cache
