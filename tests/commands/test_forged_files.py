"""Whatever stands in a file that is read from disk: a sentence, and nothing published is lost."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from gmigen.resources import ROOMS

Command = Callable[..., Result]

WORDS = (
    *(b"null", b"[]", b"{}", b"1e999", b'"\\ud800"', b"true", b'""', b"[" * 5000, b"\xff\xfe"),
    *(b"\xef\xbb\xbf", b"\0", b"<<<<<<< HEAD\n", b"=======\n", b'"../x"', b"9" * 5000, b"{%"),
    *(b"{{ 1 // 0 }}", b"\x1b[2J", b"\r"),
)
VALUES: tuple[Any, ...] = (
    *(None, [], {}, 1, -1, True, "", "../x", 1.5, {"a": {}}, [1], "\ud800", "One", "Two"),
    *([[[]]], 10**30, "\x1b[2J"),
)
COMMANDS = (
    *("generate", "generate --force", "check", "diff old", "names", "names --settle", "prune"),
    *("fetch --from-dir details", "prune Two", "templates list"),
)
PUBLISHED = ("one", "a_b")


def _text(b: bytes, chance: random.Random) -> bytes:
    """Some bytes of a file put in, taken out, doubled or exchanged."""
    at = chance.randrange(len(b) + 1)
    upto = min(len(b), at + chance.randrange(40))
    kind = chance.randrange(6)
    if kind == 0:
        return chance.randbytes(chance.randrange(200))
    if kind == 1:
        return b[:at]
    if kind == 2:
        return b[:at] + chance.choice(WORDS) + b[at:]
    if kind == 3:
        return b[:at] + b[upto:]
    if kind == 4:
        return b[:upto] + b[at:]
    old = chance.choice([b'"', b"{", b":", b",", b"1", b"One"])
    return b.replace(old, chance.choice(WORDS), chance.choice([1, 3]))


def _json(b: bytes, chance: random.Random) -> bytes:
    """One value of a JSON file exchanged, taken out or called something else."""
    value = json.loads(b)
    holder, key = chance.choice([*_places(value)])
    what = chance.randrange(3)
    if what == 0:
        del holder[key]
    elif what == 1 and isinstance(holder, dict):
        name = f"{chance.choice([*holder])}x"
        holder[name] = holder.pop(key)
    else:
        holder[key] = chance.choice(VALUES)
    return json.dumps(value).encode()


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for key, part in pairs:
        yield value, key
        if isinstance(part, (dict, list)):
            yield from _places(part)


@pytest.fixture
def good(gmigen: Command, project: Path) -> Path:
    """A project with everything that is read from disk, and what it publishes."""
    for name in ("details", "ov"):
        (project / name).mkdir()
    parameters = [
        {"name": "prompt", "type": "string"},
        {"name": "seconds", "type": "enum", "options": ["6", "8"], "default_value": "8"},
        {"name": "shots", "type": "array", "items": {"properties": {"a": "string"}}},
    ]
    for number, model in enumerate(("One", "Two", "a.b")):
        text = json.dumps({"model": model, "parameters": parameters})
        (project / f"details/{number}.json").write_text(text)
    (project / "pyproject.toml").write_text('[tool.gmigen]\noverlays = "ov"\ntemplates = "tp"\n')
    correction = '[parameters.seconds]\noptions = ["6", "8", "10"]\n'
    (project / "ov/one.toml").write_text(f'model = "One"\nsource = "s"\n{correction}')
    assert gmigen("fetch", "--from-dir", "details").exit_code == 0
    for name in ("package/models/model.py.jinja", "docs/index.md.jinja"):
        assert gmigen("templates", "eject", name).exit_code == 0
    (project / "details/1.json").unlink()
    assert gmigen("generate").exit_code == 0
    assert gmigen("fetch", "--from-dir", "details", "--allow-shrink").exit_code == 0
    assert gmigen("generate").exit_code == 0
    shutil.copytree(project / "generated/snapshot", project / "old")
    (project / "generated/gmi_inference/mine.py").write_text("MINE")
    return project


def _forged(gmigen: Command, good: Path, turns: int, seed: int) -> None:
    kept = good.with_name(f"{good.name}-kept")
    shutil.copytree(good, kept)
    chance = random.Random(seed)
    suffixes = (".json", ".toml", ".jinja", ".py", ".md")
    names = [
        path.relative_to(good)
        for path in sorted(good.rglob("*"))
        if path.suffix in suffixes and not {*ROOMS, "cli", "mine.py"} & {*path.parts}
    ]
    names = [*names, *[name for name in names if name.suffix in (".json", ".toml", ".jinja")] * 3]
    ends = set()
    for turn in range(turns):
        for path in good.iterdir():  # the folder itself is the one the commands run in
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
        shutil.copytree(kept, good, dirs_exist_ok=True)
        name = chance.choice(names)
        content = (good / name).read_bytes()
        harm = _json if name.suffix == ".json" and chance.random() < 0.6 else _text
        (good / name).write_bytes(harm(content, chance))
        command = chance.choice(COMMANDS)
        # No traceback leaves the fixture.
        result = gmigen(*command.split())
        ends.add(result.exit_code)
        about = f"turn {turn}: {command} after {name}: {result.output[-500:]}"
        assert "\x1b" not in result.output, about
        package = good / "generated/gmi_inference"
        assert (package / "mine.py").read_text() == "MINE", about
        for module in PUBLISHED:
            assert (package / f"models/{module}.py").exists(), about
        if name.parts[0] != "tp" and "gmi_inference" not in name.parts:
            source = (package / "models/a_b.py").read_text()
            assert "class ABRequest(" in source, about
            assert 'MODEL_ID: ClassVar[str] = "a.b"' in source, about
    assert {0, 1} <= ends


@pytest.mark.slow
@pytest.mark.row("G18")
def test_a_forged_file_is_a_sentence_and_loses_nothing(gmigen: Command, good: Path) -> None:
    _forged(gmigen, good, 20, 5)


@pytest.mark.nightly
@pytest.mark.row("G18")
def test_very_many_forged_files_lose_nothing(gmigen: Command, good: Path) -> None:
    _forged(gmigen, good, 600, 6)
