"""A changelog is only added to."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gmigen.errors import ChangelogError
from gmigen.publish.changelog import add, merged

ENTRY = "## Models, snapshot of 2026-01-01\n\n- `Veo3` is new\n"

CASES = {
    "crlf": "# Changelog\r\n\r\n## [Unreleased]\r\n\r\n- x\r\n\r\n## 1.0\r\n\r\n- y\r\n",
    "unreleased alone": "# Changelog\n\n## [Unreleased]\n\n- x\n",
    "code": "# Changelog\n\n```md\n## not a heading\n```\n\n## 1.0\n",
    "tildes": "# C\n\n~~~~\n## no\n~~~\n## no\n~~~~\n\n## 1.0\n",
    "comment": "# C\n\n<!--\n## no\n-->\n\n## 1.0\n",
    "no end": "# C\n\n## Unreleased\n- x",
    "mark": "\ufeff# C\n\n## 1.0\n",
    "empty": "",
}


@pytest.mark.row("B15")
@pytest.mark.parametrize("old", CASES.values(), ids=CASES)
def test_an_entry_stands_below_what_is_not_released_and_outside_code(old: str) -> None:
    new = merged(old, ENTRY)
    at = new.index("## Models")
    assert "nreleased" not in new[at:]
    assert "## 1.0" not in new[:at]
    assert new[:at].count("```") % 2 == 0
    assert ("\r\n" in old) == ("\r\n" in new)
    assert "\r\n" not in old or "\n" not in new.replace("\r\n", "")


@pytest.mark.row("B15")
@given(st.text(alphabet="a#[]U`~ \r\n-<!>\ufeff", max_size=80))
def test_every_character_that_was_there_stays_in_its_order(old: str) -> None:
    new = merged(old, ENTRY)
    entry = ENTRY.rstrip("\n").replace("\n", "\r\n" if "\r\n" in old else "\n")
    before, after = new.split(entry, 1)
    kept = "".join((before + after).split())
    assert kept == "".join(old.split())
    assert old.startswith(before.rstrip("\r\n"))
    assert old.endswith(after.lstrip("\r\n"))


@pytest.mark.row("B15")
def test_a_link_stays_a_link_and_a_mode_stays(tmp_path: Path) -> None:
    real = tmp_path / "docs/CHANGES.md"
    real.parent.mkdir()
    real.write_text("# C\n\n## 1.0\n")
    real.chmod(0o640)
    link = tmp_path / "CHANGELOG.md"
    link.symlink_to("docs/CHANGES.md")
    for _ in range(2):
        add(link, "2026-01-01", "- `Veo3` is new")
    assert link.is_symlink()
    assert real.read_text().count("Veo3") == 1
    assert stat.S_IMODE(real.stat().st_mode) == 0o640


@pytest.mark.row("B15")
def test_what_is_no_text_is_left_alone(tmp_path: Path) -> None:
    binary = tmp_path / "CHANGELOG.md"
    binary.write_bytes(b"\xff\xfe# C")
    with pytest.raises(ChangelogError, match="not UTF-8"):
        add(binary, "2026-01-01", "- x")
    assert binary.read_bytes() == b"\xff\xfe# C"
