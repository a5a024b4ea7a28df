"""Remote text -> Markdown that shows it and does nothing else.

Pages may be rendered by anything: CommonMark, MkDocs with macros, MDX. So what any of them might
take for markup is escaped, and no link or image ever points where remote text says.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .prose import cleaned, line

_ENTITIES = {"<": "&lt;", ">": "&gt;", "&": "&amp;", "{": "&#123;", "}": "&#125;", "|": "&#124;"}

_ANYWHERE = re.compile(r"[<>&{}|\\`*\[\]~$^@]|(?<![^\W_])_|_(?![^\W_])|:(?=//)|(?<=www)\.")
"""What means something in the middle of a line, to CommonMark or to what often sits on top of it:
tables, macros, MDX, formulas, and addresses that become links by themselves."""

_AT_START = re.compile(r"^([-+#=:!?%.]|\d+(?=[.)]))")
"""What begins a block."""


_ADDRESS = re.compile(r"@\w|\w:/|\w\.[^\W\d_]{2}")
"""What makes a word a mail address, a mention, a bare domain or a URL."""

_PUNCTUATION = "()[]{}<>,.;:!?\"'*_~|`"
LONGEST = 200
"""Characters of an address shown as code."""

_UNFIT = frozenset("|{}<>&\\`")
"""What a code span cannot hold in a table or under a macro processor."""


@dataclass(frozen=True)
class Markdown:
    """Markdown source that is safe to print where it is used."""

    text: str

    def __str__(self) -> str:
        return self.text


def inline(text: str, limit: int = 2000) -> Markdown:
    """`text` as one line of plain words, in a paragraph, heading or table cell.

    What reads like an address is shown as code: escapes do not keep it from becoming a link.
    """
    words = [_word(word) for word in line(text, limit).split(" ")]
    return Markdown(_AT_START.sub(_defuse, " ".join(words)))


def code(text: str) -> Markdown:
    """`text`, exact but for line breaks and invisible characters, as a code span.

    What a code span cannot hold in a table or under a macro processor is shown as escaped words.
    """
    told = line(text, 4000)
    if not told or set(told) & _UNFIT:
        return inline(text, 4000) if told else Markdown("(empty)")
    return Markdown(f"`{told}`")


def quoted(text: str, limit: int = 20_000) -> Markdown:
    """Remote Markdown, shown as text in a block quote, line by line."""
    lines = [inline(part).text for part in cleaned(text, limit).split("\n")]
    return Markdown("\n".join(f"> {part}".rstrip() for part in lines))


def fence(text: str, language: str) -> Markdown:
    """Text of ours (built from literals) as a fenced code block no content can close."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    ticks = "`" * max(3, longest + 1)
    return Markdown(f"{ticks}{language}\n{text}\n{ticks}")


def _word(word: str) -> str:
    if not _ADDRESS.search(word):
        return _ANYWHERE.sub(_escape, word)
    core = word.strip(_PUNCTUATION)
    if not core or len(core) > LONGEST or _UNFIT & set(core):
        broken = re.sub(r"(?<=\w)\.(?=\w)", ". ", word.replace("@", " (at) "))
        return _ANYWHERE.sub(_escape, broken)
    before, after = word.split(core, 1)
    return f"{_ANYWHERE.sub(_escape, before)}`{core}`{_ANYWHERE.sub(_escape, after)}"


def _escape(match: re.Match[str]) -> str:
    return _ENTITIES.get(match[0], f"\\{match[0]}")


def _defuse(match: re.Match[str]) -> str:
    """`1.` would begin a list: the number stays and its dot is escaped."""
    return f"{match[0]}\\" if match[0].isdigit() else f"\\{match[0]}"
