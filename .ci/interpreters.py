"""Print the path of an interpreter of the version asked for (`3.12`), or nothing.

Looks on PATH and where pyenv keeps its versions; a pyenv shim that is not active does not count.
"""

import os
import pathlib
import shutil
import subprocess
import sys


def candidates(version: str) -> list[str]:
    """Places where Python `version` may be, best first."""
    root = pathlib.Path(os.environ.get("PYENV_ROOT", pathlib.Path.home() / ".pyenv"))
    pattern = f"versions/{version}.*/bin/python"
    kept = sorted(root.glob(pattern), reverse=True) if os.access(root, os.R_OK) else []
    named = shutil.which(f"python{version}")
    return [str(path) for path in kept] + ([named] if named else [])


def runs(path: str, version: str) -> bool:
    """Whether `path` is a working interpreter of that version."""
    code = "import sys, venv; print('%d.%d' % sys.version_info[:2])"
    found = subprocess.run([path, "-c", code], capture_output=True, text=True, check=False)
    return found.returncode == 0 and found.stdout.strip() == version


print(next((path for path in candidates(sys.argv[1]) if runs(path, sys.argv[1])), ""))
