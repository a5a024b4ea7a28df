"""What the README and its guides show is what happens."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
GUIDES = {path.stem: path.read_text("utf-8") for path in (ROOT / "generated/docs/guides").iterdir()}


def test_every_request_class_in_the_readme_exists_and_takes_its_arguments() -> None:
    from gmi_inference import models

    told = "\n".join([README, *GUIDES.values()])
    shown = set(re.findall(r"\b(\w+Request)\(", told)) - {"InvalidRequest", "SomeRequest"}
    assert {"Veo3Request", "KlingV2_6Request"} <= shown
    for name in shown:
        assert getattr(models, name).MODEL_ID


def test_every_command_in_the_readme_exists() -> None:
    from gmigen.cli.commands import main

    for command in re.findall(r"gmigen (\w+)", README + GUIDES["own-client"]):
        assert command in main.commands, command


def test_every_exit_code_is_explained() -> None:
    from gmigen import errors as endings

    codes = (endings.FINE, endings.NO, endings.USAGE, endings.INCOMPLETE, endings.UNREACHABLE)
    assert [f"\n| {code} |" in GUIDES["own-client"] for code in codes] == [True] * 5


def test_every_exit_code_of_the_shell_is_explained_in_the_guide_and_in_the_help() -> None:
    from gmigen.client_cli import endings

    names = ("FINE", "FAILED", "USAGE", "UNSETTLED", "UNREACHABLE", "BROKEN", "INTERRUPTED")
    codes = [getattr(endings, name) for name in names]
    assert codes == [0, 1, 2, 3, 4, 70, 130]
    assert re.findall(r"^\| (\d+) \|", GUIDES["shell"], re.M) == [str(code) for code in codes]
    told = re.findall(r"(?:: |; )(\d+)\s", endings.EXIT_CODES)
    assert told == [str(code) for code in codes]


def test_the_lines_for_completion_are_those_of_the_shells() -> None:
    for shell in ("bash", "zsh", "fish"):
        assert f"_GMI_COMPLETE={shell}_source gmi" in GUIDES["shell"]


def test_every_command_of_the_guide_exists_with_its_options() -> None:
    from gmigen.client_cli.commands import gmi

    lines = re.findall(r"^gmi (\w+)(.*?)(?:#.*)?$", GUIDES["shell"], re.M)
    assert len(lines) >= 8
    for command, rest in lines:
        known = {option for one in gmi.commands[command].params for option in one.opts}
        assert {*re.findall(r" (--?[a-z-]+)\b", rest)} - {"--help"} <= known, command


def test_the_estimate_shown_is_what_is_estimated() -> None:
    from gmi_inference.models import Veo3Request

    block = re.search(r"estimate = (Veo3Request\(.*\))\n((?: *print\(.*\n)+)", GUIDES["choosing"])
    assert block is not None
    estimate = eval(block[1], {"Veo3Request": Veo3Request})
    shown = re.findall(r"print\((.*?)\) +# (.*)", block[2])
    assert len(shown) == 3
    for source, words in shown:
        assert str(eval(source, {"estimate": estimate})) == words


def test_the_readme_is_one_screen_and_its_links_lead() -> None:
    assert len(README.splitlines()) <= 60
    where = re.findall(r"gmi-inference/(?:blob/)?main/([^)#]+)", README)
    assert len(where) >= 10
    assert [path for path in where if not (ROOT / path).is_file()] == []


def test_the_guides_beside_the_pages_are_those_of_the_site() -> None:
    from gmigen.site.plain import guides

    folder = ROOT / "generated/docs"
    pages = {path.relative_to(folder).as_posix() for path in folder.rglob("*.md")}
    assert {f"guides/{name}.md": text for name, text in GUIDES.items()} == guides(pages)
    for path, text in guides(pages).items():
        for link in re.findall(r"\]\(([^):#]+)", text):
            assert (folder / path).parent.joinpath(link).is_file(), (path, link)


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
