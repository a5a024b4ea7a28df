"""What a generation takes grows with its documents, and stays below a figure.

For a byte of a document at most `EMITTED` bytes are emitted and `HELD` bytes of memory held, beyond
what any generation takes, and never more than `AT_MOST` for a model.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from generator_world import element, made, text_of

EMITTED, EMITTED_ANYWAY = 12, 4096
HELD, HELD_ANYWAY = 1500, 48 * 1024 * 1024
AT_MOST = 256 * 1024 * 1024


def nested(count: int) -> list[Any]:
    """Lists of objects, each a class of its own."""
    members = {f"q{n}": "string" for n in range(20)}
    return [element(f"p{n}", "array", items={"properties": members}) for n in range(count)]


SHAPES: dict[str, list[Any]] = {
    "many parameters": [element(f"p{n}", "integer", min_value=n) for n in range(200)],
    "many options": [element("p", "enum", options=[f"o{n}" for n in range(1500)])],
    "options of all kinds": [element("p", "json", options=[[n, n / 7] for n in range(600)])],
    "long texts": [element("p", description="word " * 12_000, default_value="x" * 60_000)],
    "long default": [element("p", "json", default_value=[{"a": n} for n in range(1000)])],
    "nested": [*nested(40)],
    "wide unions": [
        element("p", None, anyOf=[{"type": "string", "max_length": n} for n in range(1, 500)])
    ],
}


@pytest.mark.row("G2")
@pytest.mark.parametrize("shape", SHAPES)
def test_what_is_emitted_grows_with_the_document(shape: str) -> None:
    document = text_of(*SHAPES[shape])
    output = made(document)
    emitted = sum(len(text) for key, text in output.files.items() if "models/m." in key[1])
    assert emitted <= EMITTED * len(document) + EMITTED_ANYWAY
    assert output.models or output.refused


CHILD = """
import sys
from peak import peak_kib
from generator_world import made
from test_bounds import nested, text_of
made(text_of())
before = peak_kib()
document = text_of(*nested(200))
made(document)
sys.stdout.write(f"{len(document)} {(peak_kib() - before) * 1024}")
"""


@pytest.mark.slow
@pytest.mark.row("G2")
def test_what_is_held_grows_with_the_document() -> None:
    support = Path(__file__).parents[1] / "support"
    done = subprocess.run(
        [sys.executable, "-c", CHILD],
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": f"{support}:{Path(__file__).parent}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    size, held = map(int, done.stdout.split())
    assert held <= min(HELD * size + HELD_ANYWAY, AT_MOST), (size, held)
