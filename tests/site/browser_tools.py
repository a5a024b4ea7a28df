"""What a check in a real browser needs, and how it gets there: a sentence where it cannot."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

PLAYWRIGHT = "playwright==1.65.2"
AXE = "axe-core@4.14.1"


def chromium() -> str:
    """The path of Debian's Chromium, installed where that is possible."""
    found = _found()
    if not found and shutil.which("apt-get") and os.geteuid() == 0:
        print("Installing chromium; this happens once.")
        subprocess.run(["apt-get", "install", "-y", "-qq", "chromium"], capture_output=True)
        found = _found()
    return found or _cannot("chromium is not installed here: as root, apt-get install chromium.")


def playwright(folder: Path) -> None:
    """Make playwright importable; it brings no browser of its own."""
    target = folder / "python"
    if not (target / "playwright").is_dir():
        print("Installing playwright; this happens once.")
        uv = Path(sys.executable).with_name("uv")
        _run(uv, "pip", "install", "--quiet", "--target", target, PLAYWRIGHT)
    sys.path.insert(0, str(target))


def axe(folder: Path) -> str:
    """The source of axe-core."""
    script = folder / "axe.min.js"
    if not script.is_file():
        if not shutil.which("npm"):
            _cannot(
                "npm is not installed here, and axe-core comes from there: apt-get install npm."
            )
        print("Fetching axe-core; this happens once.")
        folder.mkdir(parents=True, exist_ok=True)
        _run("npm", "pack", "--silent", "--pack-destination", folder, AXE)
        [packed] = folder.glob("axe-core-*.tgz")
        with tarfile.open(fileobj=io.BytesIO(packed.read_bytes())) as files:
            held = files.extractfile("package/axe.min.js")
            assert held is not None
            script.write_bytes(held.read())
    return script.read_text("utf-8")


def _found() -> str | None:
    return shutil.which("chromium") or shutil.which("chromium-browser")


def _run(*command: object) -> None:
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, check=False)
    if done.returncode:
        _cannot(f"{command[0]} said: {done.stderr.strip()[-300:]}")


def _cannot(why: str) -> str:
    sys.exit(f"The site cannot be checked in a browser: {why}")
