"""Print the path of an interpreter of the version asked for (`3.12`), or nothing.

Looks on PATH and where pyenv keeps its versions; a pyenv shim that is not active does not count.
"""

import os
import pathlib
import shutil
import subprocess
import sys


def kept(version: str) -> list[pathlib.Path]:
    """Those of pyenv, newest first; none where it may not be looked into."""
    root = pathlib.Path(os.environ.get("PYENV_ROOT", pathlib.Path.home() / ".pyenv"))
    pattern = f"versions/{version}.*/bin/python"
    return sorted(root.glob(pattern), reverse=True) if os.access(root, os.R_OK) else []


def candidates(version: str) -> list[str]:
    """Places where Python `version` may be, best first."""
    named = shutil.which(f"python{version}")
    return [str(path) for path in kept(version)] + ([named] if named else [])


def runs(path: str, version: str) -> bool:
    """Whether `path` is a working interpreter of that version."""
    code = "import sys, venv; print('%d.%d' % sys.version_info[:2])"
    found = subprocess.run([path, "-c", code], capture_output=True, text=True, check=False)
    return found.returncode == 0 and found.stdout.strip() == version


if __name__ == "__main__":
    print(next((path for path in candidates(sys.argv[1]) if runs(path, sys.argv[1])), ""))
