"""The site of the bundled snapshot: every model, every link, and sentences where it cannot be."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from site_world import GENERATED, ROOT, facts_of, needs_builder

from gmigen import settings
from gmigen.errors import MissingExtraError, PublishError
from gmigen.site import builder, pages
from gmigen.site.builder import Site, build
from gmigen.site.facts import Facts, of_settings
from gmigen.site.twins import twins


@pytest.fixture(scope="module")
def facts() -> Facts:
    return of_settings(settings.load(ROOT))


@pytest.fixture(scope="module")
def made(facts: Facts) -> Mapping[str, str]:
    told = pages.pages(facts)
    assert told.problems == ()
    return told.files


@pytest.fixture(scope="module")
def site(facts: Facts, made: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory) -> Site:
    return build(tmp_path_factory.mktemp("site"), made, GENERATED, twins(facts, made))


@needs_builder
def test_every_link_leads_and_nothing_runs(site: Site) -> None:
    assert site.faults == ()
    assert site.links > 5000


@needs_builder
def test_every_model_has_a_page_that_the_lists_lead_to(site: Site, facts: Facts) -> None:
    for name in ("index", "by-input", "by-vendor", "compare"):
        listed = set(site.pages[f"models/{name}.html"].links)
        for known in facts.known:
            assert f"{known.names.module}.html" in listed, (name, known.model.id)


@needs_builder
def test_every_page_has_a_twin_whose_links_lead(site: Site) -> None:
    for name in site.pages:
        if name == "404.html":
            continue
        twin = site.folder / name.replace(".html", ".md")
        for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", twin.read_text("utf-8")):
            assert (twin.parent / link).is_file(), (name, link)
    for link in re.findall(r"\]\((.*?)\)", (site.folder / "llms.txt").read_text("utf-8")):
        assert (site.folder / link).is_file(), link


def test_every_page_says_everything_or_unknown(made: Mapping[str, str], facts: Facts) -> None:
    for known in facts.known:
        page = made[f"models/{known.names.module}.md"]
        for heading in ("example", "parameters", "media", "price", "to-know", "result", "names"):
            assert f"{{ #{heading} }}" in page, known.model.id
        told = dict(re.findall("<dt>(.*?)</dt><dd>(.*?)</dd>", page))
        assert all(told.values())
        assert {"Takes", "Gives", "Must be given", "The example costs", "Vendor"} <= told.keys()
        if known.model.pricing is None:
            assert told["The example costs"] == "unknown"
            assert "nobody published a price" in page
        for each in known.classes:
            for member in each.members:
                anchor = member.attribute if each.of is None else f"{each.name}.{member.attribute}"
                assert f'id="p-{anchor}"' in page, (known.model.id, anchor)


def test_input_that_no_parameter_takes_is_told(made: Mapping[str, str]) -> None:
    assert "announces image as an input, and no parameter" in made["models/veo3.md"]
    lacking = [path for path, page in made.items() if "announces image as an input" in page]
    assert 1 <= len(lacking) <= 10


def test_a_page_that_fails_names_its_model_and_leaves_the_others(
    facts: Facts, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = pages.page

    def failing(known: object, facts: Facts) -> object:
        if known is facts.known[3]:
            raise ZeroDivisionError("no")
        return whole(known, facts)  # type: ignore[arg-type]

    monkeypatch.setattr(pages, "page", failing)
    told = pages.pages(facts)
    [problem] = told.problems
    assert problem.model == facts.known[3].model.id
    assert "ZeroDivisionError" in problem.message
    lost = facts.known[3].names.module
    assert f"models/{lost}.md" not in told.files
    assert f"{lost}.html" not in told.files["models/index.md"]
    assert f"models/{facts.known[4].names.module}.md" in told.files


def test_no_models_make_a_site_too() -> None:
    told = pages.pages(facts_of([]))
    assert told.problems == ()
    assert "0 models" in told.files["models/index.md"]


def test_an_old_python_is_told_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 10, 9))
    with pytest.raises(MissingExtraError, match=r"needs Python 3\.11 or newer"):
        builder.require()


@needs_builder
def test_a_missing_builder_is_told_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(builder, "find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r"pip install 'gmi-inference\[docs\]'"):
        builder.require()


@needs_builder
def test_a_folder_that_cannot_be_written_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(PublishError, match=r"^The site could not be written: [A-Z]"):
        build(tmp_path / "file", {"index.md": "# X"}, GENERATED)
    assert (tmp_path / "file").read_text() == "mine"


def test_without_git_the_page_of_changes_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(GENERATED / "snapshot", tmp_path / "generated/snapshot")
    monkeypatch.setenv("PATH", str(tmp_path))
    told = of_settings(settings.load(tmp_path))
    assert (told.changes, told.why) == (
        None,
        "git is not installed, so there is no older snapshot to compare with.",
    )
    assert "git is not installed" in pages.pages(told).files["models/changes.md"]


def test_changes_are_those_since_the_snapshot_before(tmp_path: Path) -> None:
    folder = tmp_path / "generated/snapshot"
    shutil.copytree(GENERATED / "snapshot", folder)

    def git(*words: str) -> None:
        who = ("-c", "user.name=a", "-c", "user.email=a@example.com")
        subprocess.run(["git", *who, *words], cwd=tmp_path, check=True, capture_output=True)

    git("init")
    git("add", ".")
    git("commit", "-m", "one")
    before = of_settings(settings.load(tmp_path))
    assert (before.changes, before.why) == (None, "git remembers no snapshot before this one.")
    (folder / "veo3.json").write_text(
        (folder / "veo3.json").read_text().replace('"durationSeconds"', '"seconds"')
    )
    lock = (folder / "lock.json").read_text()
    (folder / "lock.json").write_text(lock.replace("2026-11-25", "2026-11-26"))
    after = pages.pages(of_settings(settings.load(tmp_path))).files
    assert "durationSeconds" in after["models/changes.md"].replace("<code>", "")
    assert "**Breaks callers.**" in after["models/changes.md"]
    assert "All changes" not in after["models/veo3.md"]
