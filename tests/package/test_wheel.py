"""The wheel holds everything, and works without the checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", str(out)]
    subprocess.run([*command, str(ROOT)], check=True, capture_output=True)
    (built,) = out.glob("*.whl")
    return built


def test_both_packages_templates_snapshot_and_media_are_in_it(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {
        "gmi_inference/__init__.py",
        "gmi_inference/py.typed",
        "gmi_inference/models/veo3.py",
        "gmi_inference/runtime/client.py",
        "gmigen/cli/commands.py",
        "gmigen/client_cli/commands.py",
        "gmi_inference/cli/commands.py",
        "gmigen/py.typed",
        "gmigen/overlays/kling_v2_6.toml",
        "gmigen/emulator/media/emulated.mp4",
        "gmigen/bundled/snapshot/veo3.json",
        "gmigen/bundled/snapshot/lock.json",
        "gmigen/bundled/templates/package/models/model.py.jinja",
        "gmigen/bundled/templates/docs/index.md.jinja",
    } <= names
    assert not any("tests" in name.split("/") for name in names)


def test_the_demo_runs_from_the_wheel_alone(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(tmp_path / "site")
    # The folder shadows the editable install of the checkout.
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "site")}
    done = subprocess.run(
        [sys.executable, "-m", "gmigen", "demo", "--keep", str(tmp_path / "demo")],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    media = sorted(path.suffix for path in (tmp_path / "demo/media").iterdir())
    assert media == [".mp3", ".mp4", ".mp4", ".png"]
    assert "4 jobs, no cent spent" in done.stdout
    for path in (tmp_path / "demo/media").iterdir():
        assert str(path) in done.stdout


def test_the_client_needs_nothing_of_the_generator(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(tmp_path / "site")
    code = (
        "import sys\n"
        "class Refuse:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.split('.')[0] in ('click', 'jinja2', 'black', 'gmigen', 'starlette'):\n"
        "            raise ModuleNotFoundError(f'No module named {name!r}', name=name)\n"
        "sys.meta_path.insert(0, Refuse())\n"
        "from gmi_inference import Client\nfrom gmi_inference.models import Veo3Request\n"
        "Veo3Request(prompt='x').payload(); Client(api_key='k').close()"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path / "site")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
