"""The wheel, installed into environments of their own, once for all workers of a run."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from made_once import once

ROOT = Path(__file__).parents[2]
_UV = Path(sys.executable).with_name("uv")
# What a shell block may use of the machine; git is not among it.
_TOOLS = ("sh", "curl", "rm", "mkdir")


@dataclass(frozen=True)
class Installed:
    """An environment that holds the wheel, what it asks for, and nothing of the checkout."""

    wheel: Path
    bin: Path

    def environment(self, **more: str) -> dict[str, str]:
        """Variables under which a shell sees this environment, and neither a key nor git."""
        return {
            "PATH": f"{self.bin}{os.pathsep}{self.bin.parent / 'tools'}",
            "VIRTUAL_ENV": str(self.bin.parent),
            "UV_OFFLINE": "1",
            "PYTHONWARNINGS": "error",
            "LC_ALL": "C.UTF-8",
            **more,
        }

    def run(
        self, *command: str, cwd: Path, given: str = "", more: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a command of this environment, with `given` as its standard input."""
        return subprocess.run(
            [str(self.bin / command[0]), *command[1:]],
            cwd=cwd,
            env=self.environment(HOME=str(cwd), **(more or {})),
            input=given,
            capture_output=True,
            text=True,
            check=False,
        )


def installed(folder: Path, extras: str = "", *beside: str) -> Installed:
    """The wheel of this checkout with `extras`, below `folder`; whoever comes first makes it."""
    [wheel] = once(folder / "wheel", _build).glob("*.whl")
    home = once(folder / f"with{extras}", lambda home: _fill(home, f"{wheel}{extras}", *beside))
    return Installed(wheel, home / "bin")


def _build(folder: Path) -> None:
    here = ("--no-build-isolation", "--python", sys.executable)
    _uv("build", "--offline", *here, "--wheel", "--out-dir", folder, ROOT)


def _fill(home: Path, *what: str) -> None:
    _uv("venv", "--clear", "--python", sys.executable, home)
    locked = ("--constraint", ROOT / "requirements-dev.lock")
    where = ("pip", "install", "--python", home / "bin/python", *locked)
    try:
        _uv(*where, "--offline", *what)
    except subprocess.CalledProcessError:  # the cache of this machine does not hold it all
        _uv(*where, *what)
    # Environments made by uv have no pip; uv has one.
    pip = home / "bin/pip"
    pip.write_text(f'#!/bin/sh\nexec "{_UV}" pip "$@"\n')
    pip.chmod(0o755)
    (home / "tools").mkdir()
    for name in _TOOLS:
        (home / "tools" / name).symlink_to(shutil.which(name) or name)


def _uv(*arguments: object) -> None:
    subprocess.run([_UV, *map(str, arguments), "--quiet"], check=True, capture_output=True)
