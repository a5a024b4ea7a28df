"""The packaging table of the CI page: each builder makes a wheel that holds the whole package."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

PAGE = Path(__file__).parents[2] / "generated/docs/ci.md"

BACKENDS = {
    "hatchling": ("hatchling", "hatchling.build"),
    "setuptools": ("setuptools", "setuptools.build_meta"),
    "poetry": ("poetry-core", "poetry.core.masonry.api"),
    "pdm": ("pdm-backend", "pdm.backend"),
    "uv": ("uv_build", "uv_build"),
    "flit": ("flit_core", "flit_core.buildapi"),
}

PROJECT = """
[build-system]
requires = ["{requires}"]
build-backend = "{backend}"

[project]
name = "gmi-inference"
version = "1.0"
description = "d"

[tool.gmigen]
output = "{output}"
docs = "pages"
snapshot = "snapshot"
"""


def told() -> dict[str, str]:
    """What the page says goes into `pyproject.toml`, by builder."""
    rows = re.findall(r"^\| (\w+) \| (.*) \|$", PAGE.read_text("utf-8"), re.MULTILINE)
    return dict(rows)


def lines(said: str) -> str:
    """A cell of the table as TOML: tables, each with its lines."""
    return "\n".join(re.findall(r"`([^`]*)`", said))


def test_the_page_has_a_row_for_each_builder() -> None:
    assert told().keys() - {"Builder"} == BACKENDS.keys()


@pytest.mark.nightly
@pytest.mark.row("half")
@pytest.mark.parametrize("output", ["generated", "src"])
@pytest.mark.parametrize("builder", BACKENDS)
def test_a_wheel_holds_the_whole_package(
    gmigen: Callable[..., Result], project: Path, builder: str, output: str
) -> None:
    requires, backend = BACKENDS[builder]
    text = PROJECT.format(requires=requires, backend=backend, output=output)
    if output == "generated":
        said = told()[builder]
        if builder == "flit":
            assert 'output = "src"' in said
            return
        text += lines(said)
    (project / "pyproject.toml").write_text(text + "\n")
    one = ("--include", "Veo3")
    assert gmigen("fetch", "--bundled", *one).exit_code == 0
    assert gmigen("generate", *one).exit_code == 0
    subprocess.run(["git", "init", "-q"], check=True)
    subprocess.run(["git", "add", "-A"], check=True)
    uv = str(Path(sys.executable).parent / "uv")
    subprocess.run([uv, "build", "-q", "--wheel", "--out-dir", "dist"], check=True)
    [wheel] = (project / "dist").glob("*.whl")
    held = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info" not in name}
    package = project / output / "gmi_inference"
    modules = {p.relative_to(package.parent).as_posix() for p in package.rglob("*.py")}
    assert modules | {"gmi_inference/py.typed"} <= held
    assert not [name for name in held if not name.startswith("gmi_inference/")]
