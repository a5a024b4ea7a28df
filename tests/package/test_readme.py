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


def test_the_estimate_shown_is_what_is_estimated() -> None:
    from gmi_inference.models import Veo3Request

    block = re.search(r"estimate = (Veo3Request\(.*\))\n((?: *print\(.*\n)+)", README)
    assert block is not None
    estimate = eval(block[1], {"Veo3Request": Veo3Request})
    shown = re.findall(r"print\((.*?)\) +# (.*)", block[2])
    assert len(shown) == 3
    for source, words in shown:
        assert str(eval(source, {"estimate": estimate})) == words


def test_the_price_file_in_the_pages_is_one() -> None:
    from gmigen.pricing.claim import CERTAINTIES, Claim
    from gmigen.pricing.reader import read_prices

    page = (Path(__file__).parents[2] / "generated/docs/prices.md").read_text("utf-8")
    block = re.search(r"```toml\n(.*?)```", page, re.DOTALL)
    assert block is not None
    claims, problems = read_prices("some.toml", block[1].encode())
    assert (len(claims), problems) == (1, [])
    assert all(f"| {word} |" in page for word in CERTAINTIES)
    keys = {*Claim.__dataclass_fields__} - {"file", "bundled"}
    assert {key for key in keys if not re.search(rf"(`{key}`|^{key} = )", page, re.M)} == set()
