"""Words of an answer as a report quotes them, before anything private is left out of them."""

from __future__ import annotations

from ..text.prose import line

MOST = 4000
"""Characters. Nothing is cut to the size of a report here: half a key is found by nobody."""


def plain(text: str) -> str:
    """`text` on one line, without what a terminal would obey."""
    return line(text, MOST)
