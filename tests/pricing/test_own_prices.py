"""Price files of the user's own, from their folder to class, page, `gmi` and findings."""

from __future__ import annotations

import json
import runpy
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

Command = Callable[..., Result]

DETAILS = {
    "model": "One",
    "parameters": [
        {"name": "durationSeconds", "type": "integer", "default_value": 4},
        {"name": "resolution", "type": "enum", "options": ["720p", "1080p"]},
    ],
    "price_info": {"price": 100000, "unit": "second"},
}
OWN = """
[[price]]
models = ["One"]
unit = "second"
certainty = "third party"
source = "our `invoices` of 2026-10"
date = "2026-10-31"
rates = [{ usd = 0.2, when = { resolution = "1080p" } }, { usd = 0.1 }]
absent = { resolution = "720p" }
"""


@pytest.fixture
def mine(gmigen: Command, project: Path) -> Path:
    """A project with one model and a price file of its own."""
    (project / "details").mkdir()
    (project / "details/one.json").write_text(json.dumps(DETAILS))
    (project / "corrections/prices").mkdir(parents=True)
    (project / "corrections/prices/one.toml").write_text(OWN)
    (project / "pyproject.toml").write_text(
        '[tool.gmigen]\noverlays = "corrections"\noutput = "src"\npackage = "priced_by_me"\n'
    )
    assert gmigen("fetch", "--from-dir", "details").exit_code == 0
    return project


def test_they_reach_the_class_the_page_and_the_table(
    gmigen: Command, mine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = gmigen("generate")
    assert made.exit_code == 0
    assert "file-unread" not in made.output
    monkeypatch.syspath_prepend(str(mine / "src"))
    before = set(sys.modules)
    try:
        cls: Any = __import__("priced_by_me.models", fromlist=["OneRequest"]).OneRequest
        told = cls(resolution="1080p").estimate()
        assert (str(told), told.certainty, told.date) == ("$0.80", "third party", "2026-10-31")
        assert str(cls(duration_seconds=2).estimate()) == "$0.20"
        assert "Published price: $0.10 to $0.20 per second." in cls.__doc__
    finally:
        for name in set(sys.modules) - before:
            del sys.modules[name]
    page = (mine / "src/docs/models/one.md").read_text() if (mine / "src/docs").exists() else ""
    page = page or (mine / "generated/docs/models/one.md").read_text()
    assert "| \\$0.20 per second | resolution 1080p |" in page
    assert "resolution left out is billed as 720p" in page


def test_check_notices_that_a_price_moved(gmigen: Command, mine: Path) -> None:
    gmigen("generate")
    assert gmigen("check").exit_code == 0
    (mine / "corrections/prices/one.toml").write_text(OWN.replace("0.2,", "0.3,"))
    changed = gmigen("check")
    assert changed.exit_code == 1
    assert "_prices.py" in changed.output


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("usd = 0.1 ", "usd = -0.1 ", "price-negative"),
        ("usd = 0.1 ", "usd = nan ", "price-nan"),
        ('unit = "second"', 'unit = "credit"', "price-unit"),
        ('when = { resolution = "1080p" }', "when = {}", "price-contradiction"),
        ('models = ["One"]', 'models = ["Onne"]', "price-unmatched"),
        ("usd = 0.1 ", "usd = 0.15 ", "price-moved"),
        ('{ resolution = "1080p" }', '{ size = "1080p" }', "price-parameter"),
    ],
)
def test_a_bad_one_is_a_finding_and_the_rest_is_generated(
    gmigen: Command, mine: Path, old: str, new: str, code: str
) -> None:
    assert old in OWN
    (mine / "corrections/prices/one.toml").write_text(OWN.replace(old, new))
    made = gmigen("generate")
    assert made.exit_code == 0, made.output
    assert f"warning {code}" in made.output
    found = json.loads((mine / "src/priced_by_me/findings.json").read_text())["problems"]
    told = [problem["code"] for problem in found if problem["code"].startswith("price-")]
    assert told == [code] or code in made.output
    prices = runpy.run_path(str(mine / "src/priced_by_me/models/_prices.py"))["PRICES"]
    assert list(prices) == ["One"], "the details have a price, too"


def test_two_that_contradict_each_other_are_a_finding(gmigen: Command, mine: Path) -> None:
    (mine / "corrections/prices/two.toml").write_text(OWN.replace("0.2,", "0.3,"))
    assert "warning price-conflict: One: prices/" in gmigen("generate").output


def test_details_whose_price_moved_are_told_at_every_generation(
    gmigen: Command, mine: Path
) -> None:
    assert "price-moved" not in gmigen("generate").output
    moved = {**DETAILS, "price_info": {"price": 250000, "unit": "second"}}
    (mine / "details/one.json").write_text(json.dumps(moved))
    gmigen("fetch", "--from-dir", "details")
    for _ in range(2):
        told = gmigen("generate", "--force").output
        assert "warning price-moved: One: the details say $0.25 per second" in told
        assert "the details are newer and count" in told
    prices = runpy.run_path(str(mine / "src/priced_by_me/models/_prices.py"))["PRICES"]
    assert prices["One"]["readings"][0]["rates"] == [{"usd": [250000, 250000]}]


def test_what_lies_beside_them_and_is_not_read_is_named(gmigen: Command, mine: Path) -> None:
    (mine / "corrections/prices/two.tml").write_text(OWN)
    assert "warning file-unread: prices/two.tml is not read" in gmigen("generate").output
