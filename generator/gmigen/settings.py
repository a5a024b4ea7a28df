"""`[tool.gmigen]` and the command line -> one frozen `Settings`; no default lives elsewhere."""

from __future__ import annotations

import difflib
import keyword
import os
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from .errors import SettingsError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

NAME = "pyproject.toml"

_SHADOWED = frozenset(sys.stdlib_module_names) | {"gmigen", "httpx", "httpcore", "pydantic"}
"""Import names that the emitted package itself needs, or that everything does."""

_PATHS = frozenset({"output", "docs", "snapshot", "templates", "overlays", "recordings"})


@dataclass(frozen=True)
class Settings:
    """Where things are and which models are wanted. Relative paths are relative to `root`."""

    root: Path = Path()
    package: str = "gmi_inference"
    """The import name of the emitted package; dots make nested folders below `output`."""
    output: str = "generated"
    docs: str | bool = "generated/docs"
    """False writes no pages."""
    snapshot: str = "generated/snapshot"
    include: tuple[str, ...] = ("*",)
    exclude: tuple[str, ...] = ()
    templates: str = ""
    """A folder whose templates take the place of the bundled ones, path by path."""
    overlays: str = ""
    recordings: str = ""
    """A folder of what `gmigen conformance` wrote, which says how well each belief is known."""
    runtime: str = "copy"
    """`copy` gives the package a runtime of its own, `import` that of gmi-inference."""
    cli: bool = True
    """Whether the shell command is emitted, too."""
    strict: bool = False
    """Write nothing when any model has a warning or is refused."""

    @property
    def package_folder(self) -> Path:
        return self.root / self.output / Path(*self.package.split("."))

    @property
    def docs_folder(self) -> Path | None:
        return self.root / self.docs if isinstance(self.docs, str) else None

    @property
    def snapshot_folder(self) -> Path:
        return self.root / self.snapshot

    @property
    def overlays_folder(self) -> Path | None:
        """The folder of the user's own corrections and prices, whether it is there or not."""
        return self.root / self.overlays if self.overlays else None

    @property
    def folders(self) -> dict[str, Path]:
        """The folder of each area of the output."""
        every = {
            "package": self.package_folder,
            "docs": self.docs_folder,
            "snapshot": self.snapshot_folder,
        }
        return {area: folder for area, folder in every.items() if folder is not None}

    def place_of(self, key: tuple[str, str]) -> str:
        """Where a file of the output (its area and path) is, relative to `root`."""
        folder = os.path.relpath(self.folders[key[0]], self.root)
        return f"{Path(folder).as_posix()}/{key[1]}"

    def wants(self, model_id: str) -> bool:
        """Whether the globs of `include` and `exclude` let this model in."""
        return any(fnmatchcase(model_id, glob) for glob in self.include) and not any(
            fnmatchcase(model_id, glob) for glob in self.exclude
        )


def load(start: Path, flags: Mapping[str, Any] | None = None) -> Settings:
    """Settings from the nearest `[tool.gmigen]` at or above `start`, overridden by `flags`.

    Paths in the file are relative to it, paths in `flags` to `start`. The search ends at the top
    of the repository.

    Raises:
        SettingsError: for an unknown key, a value of the wrong type, unreadable TOML, or folders
            that cannot be what they are to be.
    """
    root, table = _found(start)
    given = {key: value for key, value in (flags or {}).items() if value not in (None, ())}
    for key in _PATHS & given.keys():
        if isinstance(given[key], str) and root != start:
            given[key] = os.path.relpath(start / given[key], root)
    values = {**table, **given}
    known = [field.name for field in fields(Settings) if field.name != "root"]
    for key in values:
        if key not in known:
            close = difflib.get_close_matches(key, known, n=1)
            hint = f" Did you mean `{close[0]}`?" if close else f" Known: {', '.join(known)}."
            raise SettingsError(f"`{key}` is no setting of [tool.gmigen].{hint}")
    settings = Settings(root=root, **{key: _checked(key, value) for key, value in values.items()})
    for trouble in (*_names(settings.package), *_places(settings)):
        raise SettingsError(trouble)
    return settings


def _found(start: Path) -> tuple[Path, dict[str, Any]]:
    place = start.resolve()
    for folder in (place, *place.parents):
        table = _table(folder / NAME)
        if table is not None:
            return Path(os.path.relpath(folder, place)) if start == Path() else folder, table
        if (folder / ".git").exists():
            break
    return start, {}


def _table(path: Path) -> dict[str, Any] | None:
    if not path.is_file():
        return None
    try:
        table = tomllib.loads(path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n"))
    except (ValueError, RecursionError) as error:
        raise SettingsError(f"{path} is not valid TOML: {error}"[:400]) from None
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}") from None
    tool = table.get("tool", {})
    if not isinstance(tool, dict) or "gmigen" not in tool:
        return None
    mine = tool["gmigen"]
    if not isinstance(mine, dict):
        raise SettingsError(f"[tool.gmigen] in {path} must be a table.")
    return {key.replace("-", "_"): value for key, value in mine.items()}


def _checked(key: str, value: Any) -> Any:
    if key in ("include", "exclude"):
        globs = [value] if isinstance(value, str) else value
        if not isinstance(globs, (list, tuple)) or not all(isinstance(g, str) for g in globs):
            raise SettingsError(f"`{key}` must be a list of globs over model ids.")
        return tuple(globs)
    if key == "docs" and value is False:
        return value
    wanted = bool if key in ("strict", "cli") else str
    if not isinstance(value, wanted):
        kind = "true or false" if wanted is bool else "a text"
        raise SettingsError(f"`{key}` must be {kind}, not {value!r}."[:400])
    if key == "runtime" and value not in ("copy", "import"):
        raise SettingsError(f'`runtime` is "copy" or "import", not {value!r}.'[:400])
    if isinstance(value, str) and ("\0" in value or len(value) > 1024):
        raise SettingsError(f"`{key}` is no path a disk can have.")
    return value


def _names(package: str) -> Iterator[str]:
    if not re.fullmatch(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*", package, re.ASCII):
        yield f"`package` must be a Python import name, not {package!r}."
    for part in package.split("."):
        if keyword.iskeyword(part):
            yield f"`package` cannot be {package!r}: {part!r} is a word of Python's own."
    if package.split(".")[0] in _SHADOWED:
        yield f"`package` cannot be {package!r}: it would hide the module of that name."


def _places(settings: Settings) -> Iterator[str]:
    root = settings.root.resolve()
    seen: dict[Path, str] = {}
    for area, folder in settings.folders.items():
        place = folder.resolve()
        if place == root or place in root.parents:
            setting = "output" if area == "package" else area
            yield (
                f"`{setting}` cannot be {folder}: the whole project is in it, and it has to be a "
                "folder of its own."
            )
        other = seen.setdefault(place, area)
        if other != area:
            yield f"`{other}` and `{area}` cannot share the folder {folder}."
