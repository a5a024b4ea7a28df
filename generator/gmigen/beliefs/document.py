"""The wire as a document: everything that is believed of the API, from the one table."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from ..text.markdown import inline
from .marks import Marked, compared, marks
from .recording import Recording
from .table import ABOUT

BASE_URL = "https://console.gmicloud.ai/api/v1/ie/requestqueue/apikey"
COMMON = (
    f"Paths are below {BASE_URL}. Every request carries `Authorization: Bearer` and the key; with "
    "several organisations, `X-Organization-ID` too. Bodies are JSON; times are unix seconds."
)


def as_json(recordings: Sequence[Recording] = ()) -> str:
    """The document for programs."""
    told = {
        "base_url": BASE_URL,
        "compared": compared(recordings),
        "beliefs": [_row(name, marked) for name, marked in marks(recordings).items()],
    }
    return json.dumps(told, indent=1, ensure_ascii=False)


def as_markdown(recordings: Sequence[Recording] = ()) -> str:
    """The document for people."""
    return "\n".join(_lines(recordings))


def _row(name: str, marked: Marked) -> dict[str, str]:
    belief = marked.belief
    return {
        "name": name,
        "says": belief.sentence,
        "mark": marked.word,
        "source": belief.source,
        "note": belief.note,
        "came": marked.came,
    }


def _lines(recordings: Sequence[Recording]) -> Iterator[str]:
    yield "# The API on the wire, as believed"
    yield f"\n{compared(recordings)} {COMMON}"
    found = marks(recordings)
    for about, title in ABOUT.items():
        yield f"\n## {title}\n"
        yield "| what is believed | mark | source | note |"
        yield "|---|---|---|---|"
        for marked in found.values():
            if marked.belief.about == about:
                yield _told(marked)


def _told(marked: Marked) -> str:
    belief = marked.belief
    notes = [f"came otherwise: {inline(marked.came)}"] if marked.came else []
    notes += [_cell(belief.note)] if belief.note else []
    fence = "``" if "`" in belief.sentence else "`"
    says = f"{fence}{_cell(belief.sentence)}{fence}"
    return f"| {says} | {marked.word} | {belief.source} | {'; '.join(notes) or ' '} |"


def _cell(text: str) -> str:
    """Words of the table itself, which are ours, in a cell."""
    return text.replace("|", "\\|")
