"""Every tool that reads Python is content with what was made, of the catalogue and of the worst."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hostile_world import cases, made_of, write_package
from interpreters import kept
from mypy_cache import begun
from test_hostile_processes import poisoned

from gmigen import resources
from gmigen.build import carried_modules
from gmigen.catalog.snapshot import documents
from gmigen.resources import ROOMS
from gmigen.settings import Settings

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
HAND_WRITTEN = (*ROOMS, "cli", "batch")
"""Rooms of the package that are linted with the project's own rules, as they were when one room."""


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The 109 bundled models, every case and every payload, in one package."""
    root = tmp_path_factory.mktemp("tools")
    write_package(
        made_of(*documents(resources.snapshot()).values(), carried=carried_modules(Settings())),
        root,
    )
    for number, case in enumerate(cases()):
        if case.id.split("-")[0] in ("shadow", "odd", "dunder", "enum", "nfkc", "lit", "default"):
            write_package(made_of(*case.documents), root, f"case{number}")
    write_package(made_of(*poisoned()[::3]), root, "poisoned")
    (root / "gmi_inference" / "py.typed").touch()
    return root


def _run(*command: str | Path, cwd: Path) -> str:
    done = subprocess.run(
        [str(part) for part in command],
        capture_output=True,
        text=True,
        cwd=cwd,
        timeout=600,
        check=False,
        env={**os.environ, "MYPYPATH": str(cwd), "PYTHONPATH": str(cwd)},
    )
    return "" if done.returncode == 0 else done.stdout[-3000:] + done.stderr[-2000:]


def _tool(name: str) -> Path:
    return Path(sys.executable).parent / name


def test_ruff_with_its_own_defaults_finds_nothing(package: Path) -> None:
    # As if the marks were not there that tell it to look away.
    for path in (package / "gmi_inference").rglob("*.py"):
        path.write_text(path.read_text().replace("# ruff: noqa\n", "", 1))
    options = ["--isolated", "--no-cache", "--exclude", ",".join(HAND_WRITTEN)]
    # Ruff knows that pydantic copies a default, and not that the base, in a module of ours, is one.
    options += ["--ignore", "RUF012"]
    assert _run(_tool("ruff"), "check", *options, "gmi_inference", cwd=package) == ""


def test_mypy_strict_finds_nothing(package: Path) -> None:
    # The settings of the project, which are no less strict: what mypy remembers counts under those.
    options = ("--strict", "--config-file", ROOT / "pyproject.toml", "--cache-dir", begun(package))
    assert _run(_tool("mypy"), *options, "-p", "gmi_inference", cwd=package) == ""


def test_pyright_strict_finds_nothing(package: Path) -> None:
    folders = [p.name for p in (package / "gmi_inference").iterdir() if p.is_dir()]
    models = sorted(f'"gmi_inference/{name}"' for name in folders if name not in HAND_WRITTEN)
    (package / "pyrightconfig.json").write_text(
        f'{{"typeCheckingMode": "strict", "include": [{", ".join(models)}], '
        f'"pythonVersion": "3.10", "venvPath": "{Path(sys.prefix).parent}", '
        f'"venv": "{Path(sys.prefix).name}"}}'
    )
    assert _run(_tool("pyright"), cwd=package) == ""


def _interpreters() -> list[Path]:
    found = [path for minor in range(10, 15) for path in kept(f"3.{minor}")]
    return found or [Path(sys.executable)]


@pytest.mark.parametrize("python", _interpreters(), ids=lambda path: path.parts[-3])
def test_every_interpreter_at_hand_compiles_it(package: Path, python: Path) -> None:
    options = ("-W", "error", "-m", "compileall", "-q", "-f", "gmi_inference")
    assert _run(python, *options, cwd=package) == ""
