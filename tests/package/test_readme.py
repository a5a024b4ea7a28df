"""What the README shows is what happens."""

from __future__ import annotations

import re
from pathlib import Path

README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")


def test_every_request_class_in_the_readme_exists_and_takes_its_arguments() -> None:
    from gmi_inference import models

    shown = set(re.findall(r"\b(\w+Request)\(", README)) - {"InvalidRequest"}
    assert {"Veo3Request", "KlingV2_6Request"} <= shown
    for name in shown:
        assert getattr(models, name).MODEL_ID


def test_every_command_in_the_readme_exists() -> None:
    from gmigen.cli.commands import main

    for command in re.findall(r"gmigen (\w+)", README):
        assert command in main.commands, command


def test_every_exit_code_is_explained() -> None:
    from gmigen import errors as endings

    codes = (endings.FINE, endings.NO, endings.USAGE, endings.INCOMPLETE, endings.UNREACHABLE)
    assert [f"\n| {code} |" in README for code in codes] == [True] * 5
