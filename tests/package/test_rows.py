"""Every finding about the client and about the generator is held by a test that names it."""

from __future__ import annotations

import re

from wheel_world import ROOT

FINDINGS = {
    *(f"R{number}" for number in range(1, 27)),
    *(f"U{number}" for number in range(1, 18)),
    *(f"F{number}" for number in range(1, 27)),
    *(f"G{number}" for number in range(1, 25)),
    *(f"B{number}" for number in range(1, 21)),
    *("C", "words", "shell"),
}
"""The attacks on the runtime and the generator, what using them showed, and public reports against
other clients and other generators."""


def test_every_finding_is_marked_on_a_test() -> None:
    marked: set[str] = set()
    for file in (ROOT / "tests").rglob("test_*.py"):
        marked.update(re.findall(r'^\s*@?.*pytest\.mark\.row\("(\w+)"\)', file.read_text(), re.M))
    assert FINDINGS - marked == set()


def test_no_two_test_files_share_a_name() -> None:
    """Pytest would take the one for the other."""
    names = [file.name for file in (ROOT / "tests").rglob("*.py") if file.name != "conftest.py"]
    tests = [name for name in names if name.startswith("test_") or name.endswith("_world.py")]
    assert len(tests) == len(set(tests))
