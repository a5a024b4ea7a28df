"""Emitted Python is what black makes of it; black is asked only where it has something to say."""

from __future__ import annotations

import ast
import random
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gmigen import resources
from gmigen.emit import formatting
from gmigen.emit.formatting import LINE_LENGTH, by_black, formatted
from gmigen.emit.render import MARKS, Renderer
from gmigen.errors import NotPythonError
from gmigen.text.literals import Code, literal
from gmigen.text.prose import docstring

GENERATED = Path(__file__).parents[2] / "generated/gmi_inference"
EMITTED = [*sorted(GENERATED.glob("models/*.py")), *sorted(GENERATED.glob("*.py"))]

_NAMES = ["prompt", "a", "lambda", "str", "Literal", "Field", "None", "True", "x.y", "_1"]
_PIECES = [
    *_NAMES, '"text"', '""', '"it\'s"', "1", "-1", "0.5", "1e5", "1_000", "1.", "0x1F", "...",
    "[", "]", "(", ")", "{", "}", ", ", ",", " | ", "|", ": ", ":", "=", " = ", "-", " ", '"a\\n"',
    "b", "'t'", "not",
]  # fmt: skip
_TEXTS = st.text("ab \"'\\\n\t#:.{}é", max_size=160)


def raw_lines() -> list[str]:
    """Every line that stands in an emitted module below a class."""
    modules = [path for path in EMITTED[:40] if path.stem != "__init__"]
    lines = "\n".join(path.read_text("utf-8") for path in modules).splitlines()
    return sorted({line for line in lines if re.match(r"    [a-z_]+: ", line)})


@pytest.mark.parametrize("path", EMITTED, ids=lambda path: path.stem)
def test_every_emitted_file_is_as_black_writes_it(path: Path) -> None:
    text = path.read_text("utf-8").replace(MARKS, "", 1)
    assert by_black(text) == text


def quiet(lines: list[str]) -> list[str]:
    return [line for line in lines if formatting._is_quiet((line,), ())]


def untouched(lines: list[str]) -> bool:
    source = "class C:\n    _ = 0\n" + "".join(f"{line}\n" for line in lines)
    return by_black(source) == source


def is_python(line: str) -> bool:
    try:
        ast.parse(f"class C:\n{line}\n")
    except (SyntaxError, ValueError):
        return False
    return True


def mutated(seed: int, real: list[str]) -> Iterator[str]:
    """Lines of random pieces, and emitted ones with a piece put in, left out or replaced."""
    draw = random.Random(seed)
    for _ in range(60):
        pieces = "".join(draw.choices(_PIECES, k=draw.randint(1, 12)))
        yield f"    a: {pieces}"
        line = draw.choice(real)
        at, to = sorted((draw.randint(4, len(line)), draw.randint(4, len(line))))
        yield line[:at] + draw.choice(_PIECES) + line[draw.choice((at, min(at + 1, to), to)) :]


def judge(seed: int) -> int:
    """How many of random lines are called quiet; black has to leave those alone."""
    lines = [line for line in quiet([*mutated(seed, raw_lines())]) if is_python(line)]
    guilty = [] if untouched(lines) else [line for line in lines if not untouched([line])]
    assert not guilty
    return len(lines)


def test_black_leaves_alone_what_is_called_quiet() -> None:
    assert sum(judge(seed) for seed in range(10)) > 100


@pytest.mark.nightly
def test_black_leaves_alone_whatever_is_called_quiet() -> None:
    assert sum(judge(seed) for seed in range(10, 2000)) > 10_000


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(_TEXTS, _TEXTS), min_size=1, max_size=4))
def test_whatever_the_texts_the_file_is_as_black_writes_it(texts: list[tuple[str, str]]) -> None:
    fields = "".join(
        f"    f{at}: Annotated[str, Field(alias={literal(value)})] = {literal(told[:60])}\n"
        f"    {docstring(told or 'x', 4)}\n"
        for at, (told, value) in enumerate(texts)
    )
    source = f"class C:\n    {docstring(texts[0][1] or 'x', 4)}\n\n{fields}"
    assert formatted(source, frozenset()) == by_black(source)


@settings(max_examples=40, deadline=None)
@given(st.lists(_TEXTS, min_size=1, max_size=6))
def test_whatever_the_members_a_table_is_as_black_writes_it(texts: list[str]) -> None:
    keys = "".join(f"    {literal(text)}: {literal({'a': text})},\n" for text in texts)
    names = "".join(f"    {literal(text)},\n" for text in texts)
    rows = "".join(f"    ({literal(text)}, {literal(text[:9])}),\n" for text in texts)
    source = f"A: dict[str, object] = {{\n{keys}}}\nB = [\n{names}]\nC = [\n{rows}]\n"
    known = ("A: dict[str, object] = {", "}", "B = [", "C = [", "]")
    assert formatted(source, known) == by_black(source)


def test_most_of_what_is_emitted_is_quiet() -> None:
    lines = raw_lines()
    assert len(quiet(lines)) > 0.9 * len(lines)


@pytest.mark.parametrize(
    "line",
    [
        "    a: int = (1)", "    a: int = 1e+22", "    a: list[int,]", "    a: int  = 1",
        "    a: str = 'x'", '    a: str = "\\\\xAB"', "    a: int=1", "    a: str = b''",
        "    a: int = 0XFF", "    a: int = 1 ", f"    a: {'x' * LINE_LENGTH}",
        "    a: " + "b" * 60 + "-", "    a: " + '""' * 3,
    ],
)  # fmt: skip
def test_what_black_may_change_is_left_to_black(line: str) -> None:
    assert quiet([line]) == []


@pytest.mark.parametrize("length", range(LINE_LENGTH - 12, LINE_LENGTH + 12))
def test_around_the_end_of_a_line_the_file_is_as_black_writes_it(length: int) -> None:
    name, words = "N" * (length - 16), ("word " * 40)[: length - 8].strip()
    source = (
        f"{docstring(words, 0)}\n\nfrom {'m' * (length - 17)} import Base\n\n\n"
        f"class {name}(Object):\n    {docstring(words, 4)}\n\n"
        f"    {name[: length - 13]}: int = 1\n    a: Literal[{literal(name)}]\n"
        f"    {docstring(words, 4)}\n"
    )
    assert formatted(source, ()) == by_black(source)


def test_what_is_no_python_is_a_sentence() -> None:
    with pytest.raises(NotPythonError, match="no valid Python"):
        formatted("class C:\n    a: int = = 1\n", frozenset())


def test_black_is_called_once_for_a_file_and_not_for_a_quiet_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calls: list[str] = []

    def noted(source: str) -> str:
        calls.append(source)
        return by_black(source)

    monkeypatch.setattr(formatting, "by_black", noted)
    long = "    a: Annotated[" + ", ".join(["int"] * 40) + "] = Field(a=1)\n"
    assert formatted(f"class C(B):\n    x: int\n{long}    y: int\n{long}", ()).count("int,\n") == 80
    assert len(calls) == 1
    assert formatted('class C(B):\n    x: str = "8"\n', ()) == 'class C(B):\n    x: str = "8"\n'
    assert len(calls) == 1


def test_an_own_template_is_formatted_whole(tmp_path: Path) -> None:
    own = tmp_path / "package/__main__.py.jinja"
    own.parent.mkdir()
    own.write_text("x   = [ {{ cli }} ]\n")
    renderer = Renderer([tmp_path, resources.templates()])
    assert renderer.python("package/__main__.py", cli=Code("main")).endswith("x = [main]\n")
