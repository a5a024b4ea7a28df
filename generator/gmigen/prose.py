"""Remote prose, cleaned for people: descriptions and titles, never names, ids or values."""

from __future__ import annotations

import re
import textwrap
import unicodedata

from .literals import Code

WIDTH = 96
MAX_PROSE = 4000

_INVISIBLE = frozenset({"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"})


def cleaned(text: str, limit: int = MAX_PROSE) -> str:
    """`text` without control, formatting, private and unassigned characters, cut at `limit`.

    Line breaks of every kind become `\\n`; what is left is safe to show on a terminal.
    """
    text = re.sub(r"\r\n?|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]", "\n", text)
    kept = text[: 2 * limit]
    if not kept.replace("\n", " ").isprintable():
        kept = "".join(c for c in kept if c == "\n" or unicodedata.category(c) not in _INVISIBLE)
    return kept if len(kept) <= limit else kept[:limit].rstrip() + " ..."


def line(text: str, limit: int = 300) -> str:
    """`text` as one line, for messages and table cells."""
    return " ".join(cleaned(text, limit).split())


def sentence(text: str) -> str:
    """`text` as one line that ends like a sentence."""
    told = line(text, MAX_PROSE)
    return told if not told or told[-1] in ".!?:" else f"{told}."


def docstring(text: str, indent: int, *, width: int = WIDTH) -> Code:
    """`text` as a docstring with its quotes, wrapped, for a block indented by `indent` columns.

    Paragraphs are separated by blank lines; a line that begins with spaces keeps its indentation.
    """
    margin = " " * indent
    plain = cleaned(text, len(text))
    lines = [
        part for paragraph in plain.split("\n") for part in _wrapped(paragraph, width - indent)
    ]
    while lines and not lines[-1]:
        lines.pop()
    body = [_escaped(told) for told in lines] or [""]
    if len(body) == 1 and len(lines[0] if lines else "") + indent + 6 <= width + 4:
        return Code(f'"""{_closed(body[0])}"""')
    rest = "\n".join(f"{margin}{told}" if told else "" for told in body[1:])
    return Code(f'"""{body[0]}\n{rest}\n{margin}"""' if rest else f'"""{body[0]}\n{margin}"""')


def _wrapped(paragraph: str, width: int) -> list[str]:
    told = paragraph.lstrip(" ")
    lead = " " * (len(paragraph) - len(told))
    words = " ".join(_inert(word) for word in told.split())
    if not words:
        return [""]
    follow = lead + "    " if lead else ""
    return textwrap.wrap(
        words,
        width,
        initial_indent=lead,
        subsequent_indent=follow,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _inert(word: str) -> str:
    """Words that mean something to doctest or to reStructuredText at the start of a line."""
    if word.startswith(">>>"):
        return f"> >>{word[3:]}"
    if word == ".." or word.startswith("..."):
        return word if word == "..." else f". {word[1:]}"
    # A role takes effect after punctuation too: `(:name:` and a backtick.
    return word if ":" not in word else re.sub(r"(?<!\w):(?=[\w.+-]+:)", ": ", word)


def _escaped(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    return escaped.encode("ascii", "backslashreplace").decode("ascii")


def _closed(text: str) -> str:
    """Keep a last quote from joining the closing quotes, unless it is escaped already."""
    last = re.search(r'(\\*)"\Z', text)
    return f'{text[:-1]}\\"' if last and len(last[1]) % 2 == 0 else text
