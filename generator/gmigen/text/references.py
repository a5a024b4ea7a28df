"""Remote text -> numeric references, for the site: exact in every renderer, markup in none.

Python-Markdown takes fewer backslashes than CommonMark, and a site has HTML and attributes beside
Markdown. A numeric reference means the same in all of them.
"""

from __future__ import annotations

import re

from .markdown import Markdown
from .prose import cleaned, line


def words(text: str, limit: int = 2000) -> Markdown:
    """`text` as one line of plain words: in Markdown, in HTML, in a quoted attribute."""
    return Markdown(_referred(line(text, limit)))


def exact(text: str, limit: int = 4000) -> Markdown:
    """A name or value as code, exact but for line breaks and invisible characters."""
    told = line(text, limit)
    return Markdown(f"<code>{_referred(told)}</code>") if told else Markdown("(empty)")


def lines(text: str, limit: int = 20_000) -> Markdown:
    """A longer text as HTML that keeps its line breaks."""
    return Markdown("<br>".join(map(_referred, cleaned(text, limit).strip().split("\n"))))


_PLAIN = re.compile(r"(?<=[^\W_])[-.](?=[^\W_])")
"""A hyphen or dot inside a word or a version, which no renderer takes for more. The search shows
titles as they are written, and most ids have one."""


def _referred(text: str) -> str:
    plain = {match.start() for match in _PLAIN.finditer(text)}
    return "".join(
        c if c.isalnum() or c in " ," or place in plain else f"&#{ord(c)};"
        for place, c in enumerate(text)
    )
