"""How well each belief is known: the table's word, and what recordings say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..text.prose import line
from .recording import Recording, of_the_service
from .table import ABOUT, Belief, Mark, beliefs

NEVER = "This project never called the live service."
COLUMNS: Sequence[Mark] = ("recorded", "documented", "integrator", "guess")


@dataclass(frozen=True)
class Marked:
    """A belief and its mark.

    date: the day of the newest recording that saw it, "" where none did. came: what that one
    saw instead, "" where it saw what is believed.
    """

    belief: Belief
    mark: Mark
    date: str = ""
    came: str = ""

    @property
    def word(self) -> str:
        """The mark as tables print it: `recorded (2026-11-29)`, `documented`, `guess` ..."""
        if self.date:
            return f"recorded ({self.date})"
        return "recorded (by others)" if self.mark == "recorded" else self.mark


def marks(recordings: Sequence[Recording] = ()) -> Mapping[str, Marked]:
    """Every belief with its mark, by name, in the table's order.

    Recordings of anything but the service itself change nothing.
    """
    found = {name: Marked(belief, belief.mark) for name, belief in beliefs().items()}
    for recording in sorted(of_the_service(recordings), key=lambda one: one.date):
        for finding in recording.findings:
            if finding.verdict == "not seen":
                continue
            came = line(finding.came, 200) if finding.verdict == "differs" else ""
            for name in (finding.belief, *finding.also):
                if name in found:
                    # What else the answer shows is shown by its being there.
                    other = came if name == finding.belief else ""
                    found[name] = Marked(found[name].belief, "recorded", recording.date, other)
    return found


def compared(recordings: Sequence[Recording] = ()) -> str:
    """In a sentence, whether anybody compared the beliefs with the service."""
    dates = [one.date for one in of_the_service(recordings)]
    if not dates:
        return NEVER
    seen = [marked for marked in marks(recordings).values() if marked.date]
    differ = sum(bool(marked.came) for marked in seen)
    return (
        f"Recordings of the live service, the newest of {max(dates)}, cover {len(seen)} of "
        f"{len(beliefs())} beliefs; {differ} of them came otherwise."
    )


def told(recordings: Sequence[Recording] = ()) -> Iterator[str]:
    """The coverage for people: one line per behaviour, after the word on how far to trust it."""
    never = "This emulator was never compared with the live service."
    sentence = compared(recordings)
    yield never if sentence == NEVER else sentence
    for name, marked in marks(recordings).items():
        note = f" ({marked.belief.note})" if marked.belief.note else ""
        other = f"; it came otherwise: {marked.came}" if marked.came else ""
        yield f"{marked.word:<22} {name}{note}{other}"


def counts(recordings: Sequence[Recording] = ()) -> Iterator[tuple[str, Sequence[int]]]:
    """For each kind of belief, in words, how many have each mark of `COLUMNS`; then the sums."""
    found = marks(recordings).values()
    for about, title in ABOUT.items():
        each = Counter(marked.mark for marked in found if marked.belief.about == about)
        yield title, [each[mark] for mark in COLUMNS]
    every = Counter(marked.mark for marked in found)
    yield "All", [every[mark] for mark in COLUMNS]
