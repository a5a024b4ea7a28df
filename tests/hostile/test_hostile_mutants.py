"""Remove each escape, one at a time: the judges, or the second wall, must notice.

A mutant is one call of an escaper at one place, replaced by the text as it came; or one of the
rules inside an escaper switched off.
"""

from __future__ import annotations

import ast
import re
import sys
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from atoms import PWN
from hostile_world import benign, encoded, made_of
from judging import judged

from gmigen.emit import construct, docs, fields, index, snippets
from gmigen.emit import module as module_room
from gmigen.emit.generate import Output
from gmigen.naming.names import Ledger
from gmigen.pricing.claim import Claim, Extra, Rate
from gmigen.schema import Model
from gmigen.schema.overlays import Overlay
from gmigen.text import literals, markdown, prose
from gmigen.text.literals import Code
from gmigen.text.markdown import Markdown

pytestmark = pytest.mark.slow


def _raw_literal(value: Any) -> Code:
    return Code(f'"{value}"')


RAW: dict[str, Callable[..., Any]] = {
    "literal": _raw_literal,
    "docstring": lambda text, indent, **_: Code(f'"""{text}"""'),
    "inline": lambda text, limit=0: Markdown(text),
    "code": lambda text: Markdown(f"`{text}`"),
    "quoted": lambda text, limit=0: Markdown(f"> {text}"),
    "fence": lambda text, language: Markdown(f"```{language}\n{text}\n```"),
    "_without_macros": lambda text, brace: text,
}

PLACES = (module_room, fields, construct, docs, snippets, index)

CURL = (
    'f\'curl -sS {LIVE_BASE_URL}/requests \\\\\\n  -H "Authorization: Bearer $GMI_API_KEY" '
    '\\\\\\n  -H "Content-Type: application/json" \\\\\\n  -d {shlex.quote(body)}\''
)

EQUIVALENT = {
    # What is written there is ours: a class name, a module name, a version, a number, a code.
    ("docs", "code", "problem.code"),
    ("docs", "inline", "said.words + (' or null' if said.null else '')"),
    ("index", "inline", "source.provenance"),  # the lock's own words; not from a document
    ("index", "inline", "told"),  # the words of a price: numbers, and units of ours
    ("index", "literal", "given.module"),
    ("index", "literal", "given.request.cls"),
    # Remote text stands there in literals of one line each, and no line begins with one.
    ("snippets", "fence", "_without_macros('\\n'.join(lines), '\\\\x7b')"),
    ("snippets", "fence", CURL),
}


def sites() -> Iterator[tuple[types.ModuleType, int, str, str]]:
    """Every call of an escaper: its module, its number there, its name and its argument."""
    for module in PLACES:
        calls = [node for node in ast.walk(_tree(module)) if _is_escape(node)]
        for number, call in enumerate(calls):
            assert isinstance(call, ast.Call)
            assert isinstance(call.func, ast.Name)
            yield module, number, call.func.id, ast.unparse(call.args[0])


def _tree(module: types.ModuleType) -> ast.Module:
    return ast.parse(Path(str(module.__file__)).read_text("utf-8"))


def _is_escape(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in RAW


def _mutant(module: types.ModuleType, number: int) -> types.ModuleType:
    tree = _tree(module)
    call = [node for node in ast.walk(tree) if _is_escape(node)][number]
    assert isinstance(call, ast.Call)
    assert isinstance(call.func, ast.Name)
    call.func.id = f"raw_{call.func.id}"
    mutant = types.ModuleType(module.__name__)
    mutant.__package__ = "gmigen.emit"
    mutant.__dict__.update({f"raw_{name}": raw for name, raw in RAW.items()})
    exec(compile(tree, str(module.__file__), "exec"), mutant.__dict__)
    return mutant


def _installed(monkeypatch: pytest.MonkeyPatch, mutant: types.ModuleType) -> None:
    """Put a mutant's public names in the place of those of the module it was made of."""
    users = ("data", "docs", "fields", "generate", "maker", "module", "snippets")
    for name, value in vars(mutant).items():
        if getattr(value, "__module__", "") != mutant.__name__ or name.startswith("_"):
            continue
        for user in users:
            if callable(getattr(sys.modules["gmigen.emit." + user], name, None)):
                monkeypatch.setattr(f"gmigen.emit.{user}.{name}", value)
        if hasattr(sys.modules["hostile_world"], name):
            monkeypatch.setattr(f"hostile_world.{name}", value)


WORST = [
    f'"""\n{PWN}\n"""',
    "<script>x</script> ![p](https://evil.example/p.png) {x} a | b",
    "\n\n# Heading\n\n[x](y)\n",
    f'"\n{PWN}\n"',
    ">>> 1/0\n\n>>> 2",
    "ends with a backslash\\",
    'ends with a quote"',
    ".. include:: /etc/passwd\n:py:func:`x`",
    "- [x](y)",
    "1. x",
    "{{ x }}{% y %}{# z #}",
    "\x1b[2Jx\u202e\u200b",
    "```\n`` ` ``\n````",
    "https://evil.example www.evil.example",
    "# Heading",
]


def corpus() -> list[bytes]:
    """Each of the worst payloads in every text that is printed anywhere."""
    return [
        encoded(
            benign(
                model=f"m{number}{text}",
                model_type=("video", "utility", text)[number % 3],
                display_name=text if number % 2 else "",
                org_id=text,
                brief_description=text,
                detailed_description=text,
                pricing_details=text,
                price_info={"price": 1, "unit": text},
                parameters=[
                    {"name": "prompt", "type": "string", "required": True, "default_value": text},
                    {
                        "name": text,
                        "description": text,
                        "type": text,
                        "default_value": {text: text},
                    },
                    {"name": f"t{text}", "display_name": text, "type": "string", "required": True},
                    {"name": "l", "type": "string", "description": "word " * 90 + f"\n{text}"},
                    {"name": "o", "type": "enum", "options": [text, "b"], "required": True},
                    {"name": "f", "type": "enum", "options": [text, 1.5], "default_value": 1.5},
                    {
                        "name": f"n{text}",
                        "description": text,
                        "type": "array",
                        "required": True,
                        "items": {"properties": {text: {"description": text, "type": "string"}}},
                        "default_value": [{text: text}],
                    },
                ],
            )
        )
        for number, text in enumerate(WORST)
    ]


CORPUS = corpus()

GONE = {f"gone{number}{text}": f"2026-01-01{text}" for number, text in enumerate(WORST)}
"""Models that left, whose ids and dates stand in the lock."""

OVERLAYS = [
    Overlay(f"o{text}.toml", f"m{number}{text}", text, {f"t{text}": {"description": text}})
    for number, text in enumerate(WORST)
]


CLAIMS = [
    Claim(
        f"c{text}.toml",
        (f"m{number}{text}" if number % 2 else "another", f"u{number}{text}"),
        "second",
        "third party",
        text,
        text,
        (Rate((1, 2), {text: (text,)}, {text: True}, (text, 9)),),
        plus=(Extra((1, 1), text),),
        note=text,
    )
    for number, text in enumerate(WORST)
]
"""What is published of prices: of every other model, and of ids known by name only."""


def _made(part: slice) -> Output:
    gone = dict(list(GONE.items())[part])
    known = Ledger()
    known.name(Model(model_id, ()) for model_id in gone)
    claims = CLAIMS[part]
    named = [claim.models[1] for claim in claims]
    return made_of(
        *CORPUS[part],
        ledger=known,
        removed=gone,
        overlays=OVERLAYS[part],
        claims=claims,
        named=named,
    )


def _survives() -> bool:
    """Whether all is well, asked of a few documents at a time: one is enough to say no."""
    for start in range(0, len(CORPUS), 3):
        part = slice(start, start + 3)
        try:
            output = _made(part)
        except Exception:
            return False
        if len(output.models) < len(CORPUS[part]) or judged(output, CORPUS[part]):
            return False
    return True


TRIED = [
    site
    for site in sites()
    if (site[0].__name__.rpartition(".")[2], site[2], site[3]) not in EQUIVALENT
]


def test_the_corpus_is_clean_while_every_escape_is_in_place() -> None:
    output = _made(slice(None))
    assert [problem.message for problem in output.refused] == []
    assert judged(output, CORPUS) == []


def test_there_are_escapes_to_remove_in_every_place() -> None:
    assert {site[0].__name__ for site in TRIED} >= {m.__name__ for m in PLACES}
    assert len(TRIED) >= 25


@pytest.mark.parametrize(
    ("module", "number", "escape", "argument"),
    TRIED,
    ids=[f"{s[0].__name__.rpartition('.')[2]}-{s[2]}-{s[3][:40]}-{s[1]}" for s in TRIED],
)
def test_an_escape_left_out_is_noticed(
    monkeypatch: pytest.MonkeyPatch,
    module: types.ModuleType,
    number: int,
    escape: str,
    argument: str,
) -> None:
    _installed(monkeypatch, _mutant(module, number))
    assert not _survives(), f"{escape}({argument}) may be left out"


RULES: dict[str, tuple[types.ModuleType, str, Any]] = {
    "prose keeps its control characters": (prose, "_INVISIBLE", frozenset()),
    "prose may start a doctest or a directive": (prose, "_inert", lambda word: word),
    "docstrings are not escaped": (prose, "_escaped", lambda text: text),
    "markdown in the middle of a line": (markdown, "_ANYWHERE", re.compile(r"(?!)")),
    "markdown at the start of a line": (markdown, "_AT_START", re.compile(r"(?!)")),
    "markdown entities are plain": (markdown, "_ENTITIES", {}),
    "markdown keeps its line breaks": (markdown, "line", lambda text, limit=0: text),
    "literals are quoted by hand": (literals, "_quoted", lambda text: f'"{text}"'),
}


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_switched_off_is_noticed(monkeypatch: pytest.MonkeyPatch, rule: str) -> None:
    module, name, without = RULES[rule]
    monkeypatch.setattr(module, name, without)
    assert not _survives()
