"""Documents in, a built site out; and the documents of everybody who would like to break it."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "hostile"))
from atoms import ATOMS
from hostile_world import benign, cases, encoded

from gmigen.catalog.lock import Lock
from gmigen.catalog.snapshot import Document, Snapshot
from gmigen.naming.names import Ledger
from gmigen.settings import Settings
from gmigen.site.facts import Facts, of_snapshot

ROOT = Path(__file__).parents[2]
GENERATED = ROOT / "generated"

HAZARDS = (
    *ATOMS,
    "</title><script>document.title='PWNED'</script>",
    "__config",
    "{ #__config onclick=alert(1) }",
)
"""Texts that something on the way to a page takes for more than text."""

needs_builder = pytest.mark.skipif(
    sys.version_info < (3, 11), reason="the builder of the site needs Python 3.11"
)


def in_every_place(number: int, text: str) -> dict[str, Any]:
    """A document that says `text` wherever a page shows remote text."""
    return benign(
        model=f"m{number}",
        display_name=text,
        org_id=text,
        brief_description=text,
        detailed_description=f"{text}\n{text}",
        tags=[text],
        modalities={"input": [text, "image"], "output": [text]},
        pricing_details=text,
        parameters=[
            {"name": "prompt", "type": "string", "required": True, "default_value": text},
            {"name": f"n{text}", "description": text, "type": "enum", "options": [text, "b"]},
            {"name": "shots", "items": {"properties": {f"s{text}": {"description": text}}}},
        ],
    )


def hazards() -> list[bytes]:
    """A document for each hazard."""
    return [encoded(in_every_place(number, text)) for number, text in enumerate(HAZARDS)]


def hostile_documents() -> list[bytes]:
    """Every case that was handed to the project, and every hazard in each of its places."""
    given = [text for case in cases() for text in case.documents if len(text) < 200_000]
    return [*given, *hazards()]


def facts_of(documents: Iterable[bytes]) -> Facts:
    """What the site is told of these documents."""
    held = tuple(Document(f"d{number}.json", text) for number, text in enumerate(documents))
    return of_snapshot(Snapshot(held, Lock(), Ledger()), Settings())
