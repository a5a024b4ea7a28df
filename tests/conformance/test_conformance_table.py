"""One table, three readers: what the emulator does, what the checks ask, what the document says."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from click.testing import Result
from test_conformance_recording import NONE, service

from gmigen import resources
from gmigen.beliefs.document import as_json, as_markdown
from gmigen.beliefs.marks import COLUMNS, NEVER, counts, marks
from gmigen.beliefs.table import ABOUT, beliefs
from gmigen.catalog.snapshot import load
from gmigen.conformance.offers import Offer
from gmigen.conformance.paid import SHAPES, checks
from gmigen.conformance.suite import READ_ONLY
from gmigen.emit.generate import Inputs, generate
from gmigen.emulator import coverage
from gmigen.schema import Model
from gmigen.settings import Settings


def paid(kind: str) -> list[str]:
    outputs = {"speech": ("audio",), "music": ("audio",)}.get(kind, (kind,))
    model = Model("m", (), outputs=outputs, tags=("music",) if kind == "music" else ())
    return [check.belief for check in checks(Offer(model, {}, 0))]  # type: ignore[arg-type]


def test_the_emulator_the_checks_and_the_document_read_one_table() -> None:
    rows = [row["name"] for row in coverage()["behaviours"]]
    assert rows == [*beliefs()]
    held = {check.belief for check in READ_ONLY} | {one for kind in SHAPES for one in paid(kind)}
    assert held <= {*rows}
    told = json.loads(as_json())
    assert [row["name"] for row in told["beliefs"]] == rows
    text = as_markdown()
    assert text.count("\n| ") == len(rows) + len(ABOUT)
    for belief in beliefs().values():
        assert belief.sentence.replace("|", "\\|") in text
        assert belief.about in ABOUT


def test_most_of_what_the_client_relies_on_is_asked_for_by_a_check() -> None:
    also = {f"field:{name}" for name in ("request_id", "model", "status", "outcome")}
    also |= {name for name in beliefs() if name.startswith("status:")} | {"route:put"}
    held = {check.belief for check in READ_ONLY} | {one for kind in SHAPES for one in paid(kind)}
    relied = {name for name, belief in beliefs().items() if belief.relied_on}
    # No check may use up an account's money to see what it then says.
    assert relied - held - also == {"error:INSUFFICIENT_CREDITS"}


def test_the_document_says_what_a_recording_saw() -> None:
    assert NEVER in as_markdown()
    shown = as_markdown([service(replace(NONE, came="no | etag"))])
    assert NEVER not in shown
    assert "recorded (2026-11-29)" in shown
    assert "came otherwise: no \\| etag" in shown or "came otherwise: no &#124; etag" in shown


def test_the_sums_of_the_marks_are_those_of_the_table() -> None:
    *each, (title, sums) = counts()
    assert title == "All"
    assert [title for title, _ in each] == [*ABOUT.values()]
    assert sums == [sum(column) for column in zip(*(row for _, row in each), strict=True)]
    assert dict(zip(COLUMNS, sums, strict=True)) == Counter(one.mark for one in marks().values())


def test_export_wire_prints_it(gmigen: Callable[..., Result]) -> None:
    assert "## Endpoints" in gmigen("export", "wire").output
    told = json.loads(gmigen("export", "wire", "--format", "json").output)
    assert told["compared"] == NEVER


def test_the_page_prints_the_sums_and_says_that_nobody_compared() -> None:
    readme = (Path(__file__).parents[2] / "generated/docs/facts.md").read_text("utf-8")
    for title, sums in counts():
        assert f"| {title} | {' | '.join(map(str, sums))} |" in readme
    assert NEVER.rstrip(".") in readme


def test_the_pages_print_the_table_and_what_recordings_make_of_it() -> None:
    source = load(Path(__file__).parents[1] / "golden/flat/snapshot")
    plain = Inputs(source, Settings(), [resources.templates()])
    before = generate(plain).files
    after = generate(replace(plain, recordings=[service(NONE)])).files
    assert NEVER in before["docs", "index.md"]
    assert NEVER not in after["docs", "index.md"]
    page = before["docs", "facts.md"]
    assert page.count("\n| ") == len(beliefs()) + 2 * len(ABOUT) + 2
    assert "recorded (2026-11-29) | came otherwise: none |" in after["docs", "facts.md"]
    assert {key for key in before if before[key] != after[key]} == {
        ("docs", "index.md"),
        ("docs", "facts.md"),
    }
