"""The throwaway environment of the peers: made once, under build/, with its byte code compiled."""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).parents[2]
PINNED = Path(__file__).with_name("requirements.txt")


def python(folder: Path) -> Path:
    """The Python of an environment."""
    return folder / "bin" / "python"


def peers(folder: Path) -> Path:
    """The environment of the peers in `folder`, made when it is not there; its Python.

    A peer that cannot be installed is left out, and said.
    """
    ready = folder / "ready"
    if not ready.is_file() or ready.read_text() != PINNED.read_text():
        venv.create(folder, with_pip=True, clear=True)
        pip = [str(python(folder)), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
        install = [*pip, "--compile"]
        if subprocess.run([*install, "-r", str(PINNED)], check=False).returncode:
            wanted = [line for line in PINNED.read_text().splitlines() if line[:1] not in ("", "#")]
            for one in wanted:
                if subprocess.run([*install, one], check=False).returncode:
                    print(f"{one} could not be installed: it is not measured.")
        ready.write_text(PINNED.read_text())
    return python(folder)


def compiled() -> None:
    """Compile this environment: uncompiled, the tools of the generator take three times as long."""
    for folder in (Path(sys.prefix), ROOT / "generator", ROOT / "generated"):
        subprocess.run([sys.executable, "-m", "compileall", "-qq", str(folder)], check=False)
