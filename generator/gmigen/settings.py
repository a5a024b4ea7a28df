"""`[tool.gmigen]` and the command line -> one frozen `Settings`; no default lives elsewhere."""

from __future__ import annotations

import difflib
import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, fields
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


class SettingsError(Exception):
    """The settings make no sense; the message is a sentence for the user."""


@dataclass(frozen=True)
class Settings:
    """Where things are and which models are wanted. Relative paths are relative to `root`."""

    root: Path = Path()
    package: str = "gmi_inference"
    """The import name of the emitted package; dots make nested folders below `output`."""
    output: str = "generated"
    docs: str = "generated/docs"
    snapshot: str = "generated/snapshot"
    include: tuple[str, ...] = ("*",)
    exclude: tuple[str, ...] = ()
    templates: str = ""
    """A folder whose templates take the place of the bundled ones, path by path."""
    overlays: str = ""
    strict: bool = False
    """Write nothing when any model has a warning or is refused."""

    @property
    def package_folder(self) -> Path:
        return self.root / self.output / Path(*self.package.split("."))

    @property
    def docs_folder(self) -> Path:
        return self.root / self.docs

    @property
    def snapshot_folder(self) -> Path:
        return self.root / self.snapshot

    @property
    def places(self) -> dict[str, str]:
        """Where each area of the output goes, relative to `root`."""
        folders = {
            "package": self.package_folder,
            "docs": self.docs_folder,
            "snapshot": self.snapshot_folder,
        }
        return {
            area: Path(os.path.relpath(folder, self.root)).as_posix()
            for area, folder in folders.items()
        }

    def place_of(self, key: tuple[str, str]) -> str:
        """Where a file of the output (its area and path) is, relative to `root`."""
        return f"{self.places[key[0]]}/{key[1]}"

    def wants(self, model_id: str) -> bool:
        """Whether the globs of `include` and `exclude` let this model in."""
        return any(fnmatchcase(model_id, glob) for glob in self.include) and not any(
            fnmatchcase(model_id, glob) for glob in self.exclude
        )


def load(root: Path, flags: Mapping[str, Any] | None = None) -> Settings:
    """Settings from `pyproject.toml` in `root` (which may be absent), overridden by `flags`.

    Raises:
        SettingsError: for an unknown key, a value of the wrong type, or unreadable TOML.
    """
    values = {**_table(root / "pyproject.toml"), **_given(flags or {})}
    known = {field.name: field for field in fields(Settings) if field.name != "root"}
    for key in values:
        if key not in known:
            close = difflib.get_close_matches(key, known, n=1)
            hint = f" Did you mean `{close[0]}`?" if close else f" Known: {', '.join(known)}."
            raise SettingsError(f"`{key}` is no setting of [tool.gmigen].{hint}")
    checked = {key: _checked(key, value) for key, value in values.items()}
    settings = Settings(root=root, **checked)
    if not re.fullmatch(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*", settings.package, re.ASCII):
        raise SettingsError(f"`package` must be a Python import name, not {settings.package!r}.")
    return settings


def _table(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    try:
        table = tomllib.loads(path.read_text("utf-8")).get("tool", {}).get("gmigen", {})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} is not valid TOML: {error}") from None
    if not isinstance(table, dict):
        raise SettingsError(f"[tool.gmigen] in {path} must be a table.")
    return {key.replace("-", "_"): value for key, value in table.items()}


def _given(flags: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in flags.items() if value not in (None, ())}


def _checked(key: str, value: Any) -> Any:
    if key in ("include", "exclude"):
        globs = [value] if isinstance(value, str) else value
        if not isinstance(globs, (list, tuple)) or not all(isinstance(g, str) for g in globs):
            raise SettingsError(f"`{key}` must be a list of globs over model ids.")
        return tuple(globs)
    wanted = bool if key == "strict" else str
    if not isinstance(value, wanted):
        kind = "true or false" if wanted is bool else "a text"
        raise SettingsError(f"`{key}` must be {kind}, not {value!r}.")
    return value
