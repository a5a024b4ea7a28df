"""Long statements of the shapes that are emitted are laid out as black lays them out."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from gmigen.emit import formatting
from gmigen.emit.formatting import Answers, drafted, formatted
from gmigen.emit.layout import LINE_LENGTH, laid_out
from gmigen.text.literals import literal

_SIGNS = 'ab c,[]{}|:=#()1."'
_OPTIONS = ", ".join(f'"{number}:9"' for number in range(20))


class Statements:
    """Random statements of the shapes that templates print, and of some they do not."""

    def __init__(self, seed: int) -> None:
        self._draw = Random(seed)

    def long(self, count: int) -> list[str]:
        lines = (self._line() for _ in range(count))
        return [line for line in lines if len(line) > LINE_LENGTH]

    def _line(self) -> str:
        draw, name = self._draw, self._name()
        shape = draw.random()
        if shape < 0.2:
            row = draw.choice([self._mapping(1), self._list(1)])
            return f"    {self._text()}: {literal(row)},"
        if shape < 0.25:
            return f"    ({', '.join(self._text(60) for _ in range(draw.randint(2, 4)))}),"
        if shape < 0.3:
            return f"    PRICE: ClassVar[Price | None] = {literal(self._mapping(2))}"
        if shape < 0.35:
            return f"    from .{name * 3} import {name * 2} as {name * 2}"
        default = draw.choice(
            ["", " = None", f" = {literal(self._scalar())}", " = Field(default_factory=list)"]
        )
        return f"{'    ' * draw.randint(0, 2)}{name}: {self._annotation()}{default}"

    def _name(self) -> str:
        return self._draw.choice("abX_") + "n" * self._draw.randint(0, 30)

    def _text(self, most: int = 24) -> str:
        signs = _SIGNS if self._draw.random() < 0.05 else _SIGNS[:-1]
        return str(literal("".join(self._draw.choices(signs, k=self._draw.randint(0, most)))))

    def _scalar(self) -> Any:
        return self._draw.choice([None, True, 1, -5, 2.5, 1e22, "a" * self._draw.randint(0, 60)])

    def _mapping(self, depth: int) -> dict[str, Any]:
        return {f"k{n}": self._value(depth) for n in range(self._draw.randint(0, 5))}

    def _value(self, depth: int) -> Any:
        shape = self._draw.random()
        if depth > 3 or shape < 0.4:
            return self._scalar()
        if shape < 0.7:
            return self._mapping(depth + 1)
        return self._list(depth)

    def _list(self, depth: int) -> list[Any]:
        return [self._value(depth + 1) for _ in range(self._draw.randint(0, 5))]

    def _annotation(self, depth: int = 0) -> str:
        draw, inner = self._draw, depth + 1
        shape = draw.random()
        if shape < 0.25 or depth > 3:
            return draw.choice(["str", "int", "Any", "ImageInput", self._name()])
        if shape < 0.45:
            return f"Literal[{', '.join(self._text() for _ in range(draw.randint(1, 14)))}]"
        if shape < 0.65:
            limits = ", ".join(f"alias={self._text(30)}" for _ in range(draw.randint(1, 3)))
            return f"Annotated[{self._annotation(inner)}, Field({limits})]"
        if shape < 0.85:
            return f"{draw.choice(['ListOf', 'AlwaysSent'])}[{self._annotation(inner)}]"
        return f"{self._annotation(inner)} | {draw.choice(['None', self._annotation(inner)])}"


def judge(seed: int, count: int) -> int:
    """How many random statements are laid out; black has to agree about each."""
    lines = Statements(seed).long(count)
    told = {line: formatting._sure((line,)) for line in lines}
    sure = {formatting._wrapped((line,), False): lines for line, lines in told.items() if lines}
    asked = sorted(sure, key=formatting._alike)
    for wrapped, answer in zip(asked, formatting._by_black(asked), strict=True):
        assert sure[wrapped] == answer
    return len(asked)


def test_what_is_laid_out_here_black_lays_out_alike() -> None:
    assert judge(0, 500) > 80


@pytest.mark.nightly
def test_whatever_is_laid_out_here_black_lays_out_alike() -> None:
    assert sum(judge(seed, 2000) for seed in range(1, 60)) > 10_000


@pytest.mark.parametrize(
    "line",
    [
        f"    a: Literal[{_OPTIONS}] | int | None = 1",
        f"    a: Literal[{_OPTIONS}] | None",
        f"    a: str | None = \"{'x' * 90}\"",
        f"    a: list[int] = Field(default_factory=lambda: [{_OPTIONS}])",
        f"    a: Literal[{_OPTIONS}] | None = \"{'x' * 120}\"" + " + 1",
        f"    a: Literal['{_OPTIONS}'] = None",
        f"    return Literal[{_OPTIONS}]",
    ],
)
def test_what_black_might_do_otherwise_is_left_to_black(line: str) -> None:
    assert laid_out(line) is None


def test_asked_together_or_alone_black_says_the_same() -> None:
    lines = [line for line in Statements(5).long(60) if '"' not in line[:5]]
    members = [line for line in lines if line.endswith(",")]
    fields = [line.lstrip() for line in lines if not line.endswith(",")]
    classes = [f"class C{at}(B):\n    x: int\n    {told}\n" for at, told in enumerate(fields)]
    tables = [f"A = {{\n{told}\n}}\n" for told in members if told.endswith("},")]
    sources = [*classes, *tables]
    together = Answers()
    drafts = [drafted(source, ("A = {", "}")) for source in sources]
    together.ask(drafts)
    for source, draft in zip(sources, drafts, strict=True):
        assert together.finished(draft) == formatted(source, ("A = {", "}"))


def test_what_is_no_python_spoils_nothing_for_the_others() -> None:
    odd = "    a: Annotated[" + ", ".join(["int"] * 40) + "] = Field(a=1)\n"
    good, bad = drafted(f"class C(B):\n{odd}", ()), drafted("class D(B):\n    a: b = = 1\n", ())
    answers = Answers()
    answers.ask([good, bad])
    assert answers.finished(good) == formatted(f"class C(B):\n{odd}", ())
    with pytest.raises(formatting.NotPythonError):
        answers.finished(bad)
