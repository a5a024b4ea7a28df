"""Whatever the catalogue says, its site runs nothing, loads nothing and links nowhere."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html.parser import HTMLParser
from pathlib import Path

import pytest
from site_world import HAZARDS, facts_of, hazards, hostile_documents, needs_builder

from gmigen.site import builder
from gmigen.site.builder import Site, build
from gmigen.site.html import Document
from gmigen.site.pages import pages
from gmigen.site.policy import hash_of
from gmigen.site.twins import twins
from gmigen.text import references
from gmigen.text.prose import line

pytestmark = needs_builder

OURS = re.compile(r"[pc]-[\w.]+|[A-Z]\w*|[a-z][a-z0-9-]*|__\w+")
"""The shape of every id that is ours; the names in it went through the ledger."""


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """The site of everything hostile there is, at once."""
    return build_of(hostile_documents(), tmp_path_factory.mktemp("hostile"))


def build_of(documents: list[bytes], folder: Path) -> Site:
    return build(folder, only_models(pages(facts_of(documents)).files), None, strict=False)


def only_models(files: Mapping[str, str]) -> dict[str, str]:
    """Without the pages that are ours alone: what they link to is another test's."""
    return {path: text for path, text in files.items() if path.startswith(("models/", "index"))}


def worst() -> list[bytes]:
    """The documents of the hazards that mean something to a browser."""
    return [
        told for told, text in zip(hazards(), HAZARDS, strict=True) if "<" in text or "](" in text
    ]


def wrong(site: Site) -> list[str]:
    """What is wrong with a site, but for links to the pages that were left out."""
    return [fault for fault in site.faults if "a dead link" not in fault]


def test_nothing_hostile_runs_loads_or_leads_anywhere(hostile: Site) -> None:
    assert wrong(hostile) == []
    models = [name for name in hostile.pages if name.startswith("models/")]
    assert len(models) > len(HAZARDS) + 40


ELEMENTS = frozenset(
    {
        *("a", "article", "h1", "h2", "p", "em", "strong", "span", "br", "div", "nav"),
        *("dl", "dt", "dd", "ul", "li", "code", "pre", "button", "input", "label"),
        *("table", "thead", "tbody", "tr", "th", "td", "details", "summary"),
    }
)
"""What articles are made of: by our templates, by tabs, and by code that is coloured."""


def test_no_hostile_text_becomes_an_element_or_an_id(hostile: Site) -> None:
    for name, page in hostile.pages.items():
        if not name.startswith("models/"):
            continue
        article = Document(page.text.partition("<article")[2].partition("</article>")[0])
        assert set(article.tags) <= ELEMENTS, name
        assert [told for told in page.ids if not OURS.fullmatch(told)] == [], name
        assert "__config" not in article.ids, name


def test_hostile_text_is_shown_as_it_is(hostile: Site) -> None:
    for number, text in enumerate(HAZARDS):
        page = hostile.pages[f"models/m{number}.html"]
        shown = line(text, 200) or f"m{number}"
        assert shown in " ".join(_Text.of(page.text).split()), text


def test_the_policy_is_first_and_knows_no_script_of_the_pages(hostile: Site) -> None:
    for page in hostile.pages.values():
        head = page.text.partition("<head>")[2].lstrip()
        assert re.match(r"(<meta charset=[^>]*>\s*|<meta name=[^>]*>\s*)*<meta http-equiv", head)
        [policy] = page.policies
        assert "'unsafe-inline'" not in policy.partition("script-src")[2].partition(";")[0]
        assert "'unsafe-eval'" not in policy
    assert hash_of("document.title='PWNED'") not in hostile.allowed


def test_twins_hold_nothing_that_could_be_a_sentence() -> None:
    facts = facts_of(hostile_documents())
    told = twins(facts, pages(facts).files)
    assert len(told) > len(HAZARDS)
    for path, text in told.items():
        if not path.startswith("models/m"):
            continue
        for hazard in HAZARDS:
            if len(hazard.split()) > 1:
                assert line(hazard, 200) not in text, path
        for said in re.findall(r"`([^`]*)`", text.partition("Model id")[2]):
            assert re.fullmatch(r"[\w.:/+\"-]*", said), (path, said)


def test_without_the_references_it_is_noticed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(references, "_referred", lambda text: text)
    site = build_of(worst(), tmp_path)
    told = "\n".join(wrong(site))
    for one in ("an inline script", "an attribute that runs", "it loads", "a link abroad"):
        assert one in told


def test_without_the_override_of_the_title_it_is_noticed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assets = tmp_path / "assets"
    assets.mkdir()
    for asset in builder.ASSETS.iterdir():
        text = asset.read_bytes()
        if asset.name == "main.html":
            text = re.sub(rb"\{% block htmltitle %\}.*\n", b"", text)
        (assets / asset.name).write_bytes(text)
    monkeypatch.setattr(builder, "ASSETS", assets)
    site = build_of(worst(), tmp_path / "site")
    assert any("an inline script" in fault for fault in wrong(site))


def test_without_fixed_ids_it_is_noticed(tmp_path: Path) -> None:
    number = HAZARDS.index("__config")
    files = pages(facts_of(hazards())).files
    page = files[f"models/m{number}.md"]
    assert "{ #model }" in page
    folder = {"index.md": page.replace(" { #model }", "")}
    site = build(tmp_path, folder, None, strict=False)
    assert 'id="__config"' in re.sub(r"<script[^>]*>", "", site.pages["index.html"].text)


class _Text(HTMLParser):
    """The words of the article."""

    @classmethod
    def of(cls, html: str) -> str:
        parser = cls(convert_charrefs=True)
        parser.told = []  # type: ignore[attr-defined]
        parser.feed(html.partition("<article")[2].partition("</article>")[0])
        return "".join(parser.told)  # type: ignore[attr-defined]

    def handle_data(self, data: str) -> None:
        self.told.append(data)  # type: ignore[attr-defined]
