"""The wheel holds everything, and works without the checkout."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from wheel_world import Installed

pytestmark = pytest.mark.slow


def test_both_packages_templates_snapshot_and_media_are_in_it(wheel: Installed) -> None:
    names = set(zipfile.ZipFile(wheel.wheel).namelist())
    assert {
        "gmi_inference/__init__.py",
        "gmi_inference/py.typed",
        "gmi_inference/models/veo3.py",
        "gmi_inference/client/client.py",
        "gmigen/cli/commands.py",
        "gmigen/client_cli/commands.py",
        "gmi_inference/cli/commands.py",
        "gmi_inference/batch/api.py",
        "gmigen/py.typed",
        "gmigen/overlays/kling_v2_6.toml",
        "gmigen/emulator/media/emulated.mp4",
        "gmigen/bundled/snapshot/veo3.json",
        "gmigen/bundled/snapshot/lock.json",
        "gmigen/bundled/templates/package/models/model.py.jinja",
        "gmigen/bundled/templates/docs/index.md.jinja",
    } <= names
    assert not any("tests" in name.split("/") for name in names)


def test_the_demo_runs_from_the_wheel_alone(wheel: Installed, tmp_path: Path) -> None:
    done = wheel.run("gmigen", "demo", "--keep", str(tmp_path / "demo"), cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    media = sorted(path.suffix for path in (tmp_path / "demo/media").iterdir())
    assert media == [".mp3", ".mp4", ".mp4", ".png"]
    assert "4 jobs, no cent spent" in done.stdout
    for path in (tmp_path / "demo/media").iterdir():
        assert str(path) in done.stdout


def test_the_client_needs_nothing_of_the_generator(bare_wheel: Installed, tmp_path: Path) -> None:
    code = (
        "from importlib.metadata import distributions\n"
        "from gmi_inference import Client\nfrom gmi_inference.models import Veo3Request\n"
        "Veo3Request(prompt='x').payload(); Client(api_key='k').close()\n"
        "print(*sorted(one.name for one in distributions()))"
    )
    done = bare_wheel.run("python", "-c", code, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert {"click", "jinja2", "black", "starlette"}.isdisjoint(done.stdout.split())
