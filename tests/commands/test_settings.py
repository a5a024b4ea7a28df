"""`[tool.gmigen]`, flags, and what is said when they make no sense."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from gmigen.errors import SettingsError
from gmigen.settings import load


def test_flags_win_over_the_file_and_the_file_over_the_defaults(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(
        '[tool.gmigen]\npackage = "acme_ai.gmi"\noutput = "src"\ninclude = ["Veo*"]\n'
    )
    settings = load(tmp_path, {"output": "lib", "docs": None, "exclude": ()})
    assert settings.package_folder == tmp_path / "lib/acme_ai/gmi"
    assert settings.docs == "generated/docs"
    assert settings.wants("Veo3")
    assert not settings.wants("veo3")


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ('outputt = "src"', "Did you mean `output`?"),
        ("root = 'x'", "no setting"),
        ("include = 3", "list of globs"),
        ("strict = 'yes'", "true or false"),
        ("output = 3", "must be a text"),
        ("package = 'not-a-name'", "import name"),
        ("package = '..'", "import name"),
        ("package = 'ａ'", "import name"),
        ("oops", "not valid TOML"),
    ],
)
def test_a_setting_that_makes_no_sense_is_told(tmp_path: Path, table: str, told: str) -> None:
    (tmp_path / "pyproject.toml").write_text(f"[tool.gmigen]\n{table}\n")
    with pytest.raises(SettingsError, match=told.replace("?", r"\?")):
        load(tmp_path)


def test_an_unknown_setting_ends_with_2(gmigen: Callable[..., Result], project: Path) -> None:
    (project / "pyproject.toml").write_text('[tool.gmigen]\nsnapshots = "x"\n')
    result = gmigen("check")
    assert result.exit_code == 2
    assert "Did you mean `snapshot`?" in result.output


def test_every_setting_has_a_flag(gmigen: Callable[..., Result]) -> None:
    told = gmigen("generate", "--help").output
    for name in load(Path("/nonexistent")).__dataclass_fields__:
        assert name == "root" or f"--{name}" in told


def test_there_is_no_flag_for_the_key(gmigen: Callable[..., Result]) -> None:
    # `emulate --key` says whom the emulator lets in; it is no key to any service.
    for command in ("fetch", "generate", "check", "demo"):
        assert "key" not in gmigen(command, "--help").output.lower().replace("gmi_api_key", "")
