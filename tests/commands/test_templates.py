"""Templates of one's own: ejected, changed, and told by file and line when they are wrong."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from gmigen import resources

Command = Callable[..., Result]


@pytest.fixture
def own(gmigen: Command, project: Path) -> Path:
    """A project with one model and a folder for its own templates."""
    (project / "details").mkdir()
    text = json.dumps({"model": "One", "parameters": [{"name": "prompt", "type": "string"}]})
    (project / "details/one.json").write_text(text)
    (project / "pyproject.toml").write_text('[tool.gmigen]\ntemplates = "my_templates"\n')
    gmigen("fetch", "--from-dir", "details")
    return project


def test_an_ejected_template_changes_what_is_emitted(gmigen: Command, own: Path) -> None:
    result = gmigen("templates", "eject", "docs/index.md.jinja")
    assert result.exit_code == 0
    mine = own / "my_templates/docs/index.md.jinja"
    assert result.output.strip() == "my_templates/docs/index.md.jinja"
    mine.write_text(mine.read_text().replace("# Models", "# The models of Acme"))
    assert gmigen("generate").exit_code == 0
    assert (own / "generated/docs/index.md").read_text().startswith("# The models of Acme\n")


def test_an_own_module_template_may_say_more(gmigen: Command, own: Path) -> None:
    gmigen("templates", "eject", "package/models/model.py.jinja")
    mine = own / "my_templates/package/models/model.py.jinja"
    mine.write_text("# Copyright Acme.\n" + mine.read_text() + "\n\nACME = True\n")
    result = gmigen("generate")
    assert result.exit_code == 0, result.output
    module = (own / "generated/gmi_inference/models/one.py").read_text()
    assert module.startswith("# Copyright Acme.\n")
    assert module.endswith("\nACME = True\n")


def test_every_template_can_be_ejected_once(gmigen: Command, own: Path) -> None:
    names = gmigen("templates", "list").output.split()
    bundled = resources.templates()
    assert names == sorted(p.relative_to(bundled).as_posix() for p in bundled.rglob("*.jinja"))
    for name in names:
        assert gmigen("templates", "eject", name).exit_code == 0
    again = gmigen("templates", "eject", names[0])
    assert again.exit_code == 2
    assert "is there already" in again.output
    assert gmigen("generate").exit_code == 0


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ("{{ index.cuont }}", "index.md.jinja:3"),
        ("{{ nothing }}", "index.md.jinja:3"),
        ("{% for %}", "index.md.jinja:3"),
        ("{{ index }}", "a raw Index was printed"),
    ],
)
def test_a_wrong_template_is_told_by_file_and_line(
    gmigen: Command, own: Path, wrong: str, told: str
) -> None:
    mine = own / "my_templates/docs/index.md.jinja"
    mine.parent.mkdir(parents=True)
    mine.write_text(f"# Mine\n\n{wrong}\n")
    result = gmigen("generate")
    assert result.exit_code == 2
    assert told in result.output
    assert not (own / "generated/docs").exists()


def test_an_unknown_template_is_told_with_the_nearest(gmigen: Command, own: Path) -> None:
    result = gmigen("templates", "eject", "package/models.jinja")
    assert result.exit_code == 2
    assert "Did you mean package/model" in result.output


def test_without_a_folder_eject_says_how_to_name_one(gmigen: Command, project: Path) -> None:
    result = gmigen("templates", "eject", "docs/index.md.jinja")
    assert result.exit_code == 2
    assert "--templates" in result.output


@pytest.mark.row("half")
def test_an_ejected_template_says_when_the_bundled_one_has_changed(
    gmigen: Command, own: Path
) -> None:
    name = "docs/index.md.jinja"
    assert gmigen("templates", "eject", name).exit_code == 0
    plain = gmigen("generate")
    assert (plain.exit_code, "template-outdated" in plain.output) == (0, False)
    page = (own / "generated/docs/index.md").read_text()
    mine = own / "my_templates" / name
    mark = re.search(r"(?<=, )[0-9a-f]{16}(?= #})", mine.read_text())
    assert mark is not None
    assert mark[0] not in page
    mine.write_bytes(mine.read_bytes().replace(mark[0].encode(), b"0" * 16).replace(b"\n", b"\r\n"))
    told = gmigen("generate")
    assert (told.exit_code, (own / "generated/docs/index.md").read_text()) == (0, page)
    assert f"template-outdated: {name} was ejected from gmigen" in told.output
    mine.write_text("# Written by hand\n")
    assert "template-outdated" not in gmigen("generate").output
