"""Pages -> a site: the builder is run twice, first on pages without anything remote."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from .. import disk
from ..errors import MissingExtraError, PublishError
from .config import config
from .html import Document
from .judge import documents, faults
from .policy import BENIGN, hashes, policy

ASSETS = Path(__file__).parent / "assets"
_TOO_OLD = "The site needs Python 3.11 or newer: its builder does. `make PYTHON=python3.12 docs`."


@dataclass(frozen=True)
class Site:
    """A built site, its pages parsed, and what is wrong with it."""

    folder: Path
    pages: Mapping[str, Document]
    faults: tuple[str, ...]
    allowed: frozenset[str]

    @property
    def links(self) -> int:
        """How many links were followed."""
        return sum(len(page.links) for page in self.pages.values())


def require() -> None:
    """Go on only where a site can be built.

    Raises:
        MissingExtraError: saying what is missing.
    """
    if tuple(sys.version_info) < (3, 11):
        raise MissingExtraError(_TOO_OLD)
    missing = [name for name in ("zensical", "mkdocstrings") if find_spec(name) is None]
    if missing:
        raise MissingExtraError(f"The site needs {missing[0]}: pip install 'gmi-inference[docs]'.")


def build(
    folder: Path,
    files: Mapping[str, str],
    package: Path | None,
    beside: Mapping[str, str] | None = None,
    *,
    strict: bool = True,
) -> Site:
    """Build the site below `folder`, which is emptied first.

    Args:
        folder: where its sources (`src`) and the site itself (`site`) come to lie.
        files: Markdown by path.
        package: the folder of the package whose docstrings are shown; None where no page does.
        beside: files that are put into the site as they are, by path.
        strict: a reference to something that is not there fails.

    Raises:
        PublishError: when the disk refuses, or the builder does.
        MissingExtraError: when the builder is not installed.
    """
    require()
    with disk.told("site"):
        folder.mkdir(parents=True, exist_ok=True)
    allowed = _allowed()
    _made(folder, files, package, policy(allowed), strict=strict)
    site = folder / "site"
    with disk.told("site"):
        for path, text in (beside or {}).items():
            disk.write_file(site / path, text.encode("utf-8"))
    pages = documents(site)
    return Site(site, pages, tuple(faults(site, pages, allowed)), allowed)


@cache
def _allowed() -> frozenset[str]:
    """The hashes of the theme's own inline scripts, by a build of nothing remote."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        _made(folder, BENIGN, None, "default-src 'self'", strict=True)
        return hashes(documents(folder / "site").values())


def _made(
    folder: Path, files: Mapping[str, str], package: Path | None, told: str, *, strict: bool
) -> None:
    """Write the sources and run the builder."""
    with disk.told("site"):
        for old in ("src", "site", "overrides"):
            shutil.rmtree(folder / old, ignore_errors=True)
        for path, text in files.items():
            disk.write_file(folder / "src" / path, text.encode("utf-8"))
        for asset in sorted(ASSETS.iterdir()):
            content = asset.read_bytes()
            if asset.name == "main.html":
                place = folder / "overrides" / asset.name
                content = content.replace(b"POLICY", told.encode("ascii"))
            else:
                place = folder / "src/assets" / asset.name
            disk.write_file(place, content)
        disk.write_file(folder / "zensical.toml", config([*files], package).encode("utf-8"))
    command = [sys.executable, "-m", "zensical", "build", "--config-file", "zensical.toml"]
    done = subprocess.run(
        [*command, "--clean", *(["--strict"] if strict else [])],
        cwd=folder,
        env={**os.environ, "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if done.returncode:
        said = re.sub(r"\x1b\[[0-9;]*m", "", done.stdout + done.stderr)
        said = said.partition("Traceback")[0].strip()
        raise PublishError(f"The site could not be built:\n{said[-3000:]}")
