"""What makes it fast, held as mechanism and never as seconds: `make bench` measures those.

Generating asks black a few times for a whole catalogue, starts no process, parses a module once
and calls the compiler once. Importing loads what is needed for the step at hand. A wait issues few
GETs.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from generator_world import element, made, source_of, text_of
from virtual_world import RUNNING, SUCCESS, World, waiting

from gmigen import resources
from gmigen.build import build
from gmigen.emit import audit, compiler, formatting
from gmigen.publish.publish import changes, publish
from gmigen.settings import Settings

ROOT = Path(__file__).parents[2]
BUNDLED = Settings(root=ROOT)


class Counted:
    """Counts the calls of functions, which go on working."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch
        self.calls: Counter[str] = Counter()
        self.arguments: dict[str, list[Any]] = {}

    def __call__(self, owner: Any, name: str) -> None:
        original: Callable[..., Any] = getattr(owner, name)

        def noted(*args: Any, **kwargs: Any) -> Any:
            self.calls[name] += 1
            self.arguments.setdefault(name, []).append(args)
            return original(*args, **kwargs)

        self._monkeypatch.setattr(owner, name, noted)


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Counted:
    formatting.by_black.cache_clear()
    return Counted(monkeypatch)


@pytest.mark.slow
def test_a_whole_catalogue_costs_a_few_calls(
    counted: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(event: str, *_: Any) -> None:
        raise AssertionError(f"a process was started: {event}")

    counted(formatting, "by_black")
    counted(compiler, "_compiled")
    counted(audit.ast, "parse")
    monkeypatch.setattr(subprocess, "Popen", refuse)
    built = build(BUNDLED)
    assert built.models > 100
    # One for all models, one each for the files that list them, own no model or hold a price.
    assert counted.calls["by_black"] <= 6
    assert sum(len(source) for (source,) in counted.arguments["by_black"]) < 40 * built.models
    assert counted.calls["_compiled"] == 1
    parsed = Counter(source for source, *_ in counted.arguments["parse"])
    modules = [
        text
        for (area, path), text in built.wanted.files.items()
        if area == "package" and path.startswith("models/")
    ]
    # What a model left behind is our own text, and is not read again.
    assert max(parsed[text] for text in modules) == 1
    assert sum(parsed[text] for text in modules) >= built.models


def test_models_that_differ_in_names_and_words_only_ask_black_for_nothing(counted: Counted) -> None:
    counted(formatting, "by_black")
    options = [f"option-{number}" for number in range(20)]
    texts = [
        text_of(
            element(f"p{number}", "enum", options=options, default_value=options[number]),
            element("other_one", "integer", min_value=number, max_value=10**number),
            model=f"m{number}",
        )
        for number in range(6)
    ]
    assert len(made(*texts).models) == 6
    of_models = [
        source for (source,) in counted.arguments.get("by_black", []) if "option" in source
    ]
    assert of_models == []


def test_black_reads_no_more_for_many_models_than_for_few(
    counted: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(ROOT / "tests/bench")
    import catalogues

    counted(formatting, "by_black")

    def read(count: int) -> int:
        counted.arguments.clear()
        texts = [json.dumps(details).encode() for details in catalogues.documents(count)]
        assert len(made(*texts).models) == count
        return sum(len(source) for source, *_ in counted.arguments["by_black"])

    assert read(24) == read(6)


def test_a_default_of_no_parameter_costs_a_type_checker_no_overloads() -> None:
    assert "Field" not in source_of(element("p"), element("other", "integer", default_value=3))


def test_generating_loads_no_more_than_it_needs(tmp_path: Path) -> None:
    folder = tmp_path / "generated/snapshot"
    folder.mkdir(parents=True)
    (folder / "m.json").write_bytes(text_of(element("p")))
    ran = subprocess.run(
        [sys.executable, "-c", LOADED], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    told = json.loads(ran.stdout.splitlines()[-1])
    assert {"datamodel_code_generator", "jinja2"} <= {*told}
    # Each takes tens of milliseconds to load; `inflect` takes more than a second.
    needless = {"inflect", "isort", "httpx", "asyncio", "multiprocessing", "ssl"}
    needless |= {f"gmigen.{room}" for room in ("compat", "conformance", "emulator", "site")}
    assert needless & {*told} == set()


LOADED = """
import json, sys
from gmigen.cli.commands import main
try:
    main(["generate"])
finally:
    print(json.dumps([*sys.modules]))
"""


def test_check_believes_nothing_and_writes_nothing(tmp_path: Path, counted: Counted) -> None:
    folder = tmp_path / "generated/snapshot"
    folder.mkdir(parents=True)
    (folder / "m.json").write_text(text_of(element("p")).decode())
    settings = Settings(root=tmp_path)
    publish(settings, build(settings).wanted)
    counted(compiler, "_compiled")
    again = build(settings)
    assert changes(settings, again.wanted) == []
    assert counted.calls["_compiled"] == 1


STEPS = """
import json, sys
from collections import Counter
HEAVY = ("typing", "pydantic", "httpx", "httpcore", "anyio", "asyncio", "ssl", "inspect", "click")
told = {}
def step(name):
    models = [m for m in sys.modules if m.startswith("gmi_inference.models.")]
    told[name] = [sorted(m for m in HEAVY if m in sys.modules), len(models)]
import gmi_inference
import gmi_inference.models
step("package")
from gmi_inference.models import Veo3Request
request = Veo3Request(prompt="a")
request.payload()
step("class")
client = gmi_inference.Client("k", base_url=sys.argv[1])
step("client")
job = client.submit(request)
step("submit")
client.close()
print(json.dumps([told, job.id]))
"""


def test_each_step_loads_what_it_needs() -> None:
    from gmigen.emulator import emulator

    path = f"import sys\nsys.path.insert(0, {str(ROOT / 'generated')!r})"
    documents = {"Veo3": (resources.snapshot() / "veo3.json").read_bytes()}
    with emulator(documents) as running:
        ran = subprocess.run(
            [sys.executable, "-I", "-c", path + STEPS, running.base_url],
            capture_output=True,
            text=True,
            check=False,
        )
    assert ran.returncode == 0, ran.stderr
    told, job = json.loads(ran.stdout)
    assert job
    # Of the interpreter's own, a site hook may have loaded typing; ours alone is asked elsewhere.
    assert not {"pydantic", "httpx", "asyncio", "ssl", "anyio"} & {*told["package"][0]}
    assert told["package"][1] == 0
    assert not {"httpx", "httpcore", "asyncio", "ssl", "anyio"} & {*told["class"][0]}
    assert told["class"][1] == 1
    assert not {"httpx", "httpcore", "asyncio", "ssl"} & {*told["client"][0]}
    assert "httpcore" in told["submit"][0]
    assert "httpx" not in told["submit"][0], "only who lends a client of it has to load it"
    assert told["submit"][1] <= 3, "the price table may be looked up, and no other model"


@pytest.mark.parametrize(
    ("seconds", "most"), [(2.0, 4), (5.0, 9), (30.0, 33), (120.0, 66), (600.0, 166), (1800.0, 410)]
)
def test_a_wait_issues_few_gets(seconds: float, most: int) -> None:
    world = World(lambda _sent, now: SUCCESS if now >= seconds else RUNNING)
    waiting(world, timeout=None)
    assert len(world.sends) <= most
    assert world.now - seconds <= min(0.6 + 0.03 * seconds, 5.0) * 1.1
