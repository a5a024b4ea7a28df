"""Every block of the guides runs as it stands, against the emulator."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from site_world import ROOT

from gmigen.site.guides import GUIDES
from gmigen.site.reference import commands, sections

PROGRAM = Path(__file__).with_name("guides_program.py")
TEMPLATES = ROOT / "templates/site"


def blocks(page: str) -> list[tuple[str, str]]:
    """The fenced blocks of a page, language and code."""
    return re.findall(r"^```(\w+)\n(.*?)^```", page, re.DOTALL | re.MULTILINE)


def guides() -> dict[str, list[tuple[str, str]]]:
    """The blocks of each guide, and of the first page."""
    pages = {name: TEMPLATES / f"guides/{name}.md.jinja" for _, name in GUIDES}
    pages["start"] = TEMPLATES / "index.md.jinja"
    return {name: blocks(path.read_text("utf-8")) for name, path in pages.items()}


@pytest.mark.parametrize(
    "languages",
    [("python",), pytest.param(("python", "sh"), marks=pytest.mark.nightly)],
    ids=["python", "with-shells"],
)
def test_every_block_of_every_guide_runs(tmp_path: Path, languages: tuple[str, ...]) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    # That the wheel installs is the matter of other tests; what is installed here is the checkout.
    (tools / "pip").write_text('#!/bin/sh\n[ "$1" = install ]\n')
    (tools / "pip").chmod(0o755)
    work = tmp_path / "work"
    work.mkdir()
    told = guides()
    run = {
        name: [block for block in found if block[0] in languages]
        for name, found in told.items()
        if name != "own-client"  # it generates a package, which is done from the wheel
    }
    path = os.pathsep.join([str(tools), str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        [sys.executable, str(PROGRAM)],
        cwd=work,
        env={**os.environ, "PATH": path, "HOME": str(tmp_path), "GMI_JOURNAL": "off"},
        input=json.dumps(run),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["failed"] == {}
    assert sum(map(len, run.values())) >= 20
    for name in ("pictures-in", "waiting", "errors-and-money", "many-jobs", "web"):
        assert result["jobs"][name] >= 2, name


def test_every_kind_of_block_is_known() -> None:
    kinds = {language for found in guides().values() for language, _ in found}
    assert kinds == {"python", "sh", "toml"}


def test_every_public_name_is_in_the_reference() -> None:
    import gmi_inference

    shown = {name.text for _, section in sections() for name in section.names}
    for name in gmi_inference.__all__:
        if name not in ("models", "runtime"):
            assert f"gmi_inference.{name}" in shown, name


def test_every_error_stands_in_the_drawing() -> None:
    from gmi_inference import GMIError
    from gmi_inference.runtime import errors

    drawing = next(section.about.text for page, section in sections() if page == "errors")
    for name, value in vars(errors).items():
        if isinstance(value, type) and issubclass(value, GMIError) and not name.startswith("_"):
            assert name in drawing


@pytest.mark.parametrize("program", ["gmi", "gmigen"])
def test_every_command_is_in_the_reference(program: str) -> None:
    shown = {command.name.text for command in commands()}
    if program == "gmi":
        from gmi_inference.cli.commands import gmi as group
    else:
        from gmigen.cli.commands import main as group
    assert {f"{program} {name}" for name, c in group.commands.items() if not c.hidden} <= shown
