"""What only a process of its own can show: imports, limits, seeds, locales, and what is opened."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from atoms import ATOMS
from hostile_world import HERE, benign, cases, encoded, made_of, wide_documents, write_package

from gmigen import resources
from gmigen.build import carried_modules
from gmigen.catalog.snapshot import documents
from gmigen.settings import Settings

pytestmark = pytest.mark.slow

ENVIRONMENT = {"PATH": "", "PYTHONDONTWRITEBYTECODE": "1"}


def run_audited(root: Path, modules: list[str]) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-I", "-B", str(HERE / "audited_import.py")],
        input=json.dumps({"root": str(root), "modules": modules}),
        capture_output=True,
        text=True,
        env=ENVIRONMENT,
        cwd=_read_only(root),
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stderr == ""
    assert done.stdout.count("\n") == 1, "an import printed something"
    report: dict[str, Any] = json.loads(done.stdout)
    assert not list(_read_only(root).iterdir())
    return report


def _read_only(root: Path) -> Path:
    folder = root.parent / "nothing"
    folder.mkdir(exist_ok=True)
    folder.chmod(0o555)
    return folder


def poisoned() -> list[bytes]:
    """A document per payload, with it in every text of the document."""
    return [
        encoded(
            benign(
                model=f"m{number} {atom}"[:200],
                display_name=atom,
                brief_description=atom,
                detailed_description=atom,
                pricing_details=atom,
                price_info={"price": 1, "unit": atom},
                parameters=[
                    {"name": atom, "description": atom, "type": atom, "default_value": atom},
                    {"name": "o", "type": "enum", "options": [atom, 1.0], "required": True},
                    {"name": "n", "type": "object", "properties": {atom: {"default": atom}}},
                ],
            )
        )
        for number, atom in enumerate(ATOMS)
    ]


def test_importing_any_emitted_module_does_nothing_else(tmp_path: Path) -> None:
    root = tmp_path / "root"
    modules = write_package(made_of(carried=carried_modules(Settings())), root)
    modules += write_package(made_of(*documents(resources.snapshot()).values()), root, "catalogue")
    for number, case in enumerate(cases()):
        modules += write_package(made_of(*case.documents), root, f"case{number}")
    modules += write_package(made_of(*poisoned()), root, "poisoned")
    assert len(modules) > 109 + 80 + len(ATOMS)
    assert run_audited(root, modules) == {"seen": [], "failed": [], "pwned": False}


MISDEEDS = {
    "reads": "import pathlib; pathlib.Path('/etc/hostname').read_text()",
    "connects": "import socket; socket.socket().close()",
    "looks": "import os; os.environ['HOME']",
    "asks": "import os; os.getenv('HOME')",
    "marks": "import builtins; builtins.PWNED = 1",
    "runs": "import subprocess; subprocess.run(['true'])",
    "executes": "exec(compile('1', 'evil', 'exec'))",
    "writes": "open('/dev/null', 'w').close()",
}


def test_the_watcher_sees_every_module_that_does_more(tmp_path: Path) -> None:
    root = tmp_path / "root"
    write_package(made_of(carried=carried_modules(Settings())), root)
    for name, line in MISDEEDS.items():
        (root / "gmi_inference" / f"{name}.py").write_text(line + "\n")
        report = run_audited(root, [f"gmi_inference.{name}"])
        assert report["seen"] or report["pwned"], name


LIMITED = """
import json, sys, time
sys.path[:0] = [sys.argv[1], sys.argv[1] + "/../support"]
from hostile_world import made_of
from peak import peak_kib
made_of(b'{"model": "warm", "parameters": []}')
told = []
for path in sys.argv[2:]:
    text = open(path, "rb").read()
    started = time.process_time()
    output = made_of(text)
    seconds = time.process_time() - started
    told.append([len(output.models), [p.code for p in output.refused], seconds])
print(json.dumps([told, peak_kib()]))
"""


def heavy() -> dict[str, bytes]:
    """Documents that are large in one respect each."""
    wide = [{"name": f"p{n}", "type": "enum", "options": list(range(40))} for n in range(512)]
    told = [{"name": f"p{n}", "type": "string", "description": "word " * 800} for n in range(400)]
    deep: Any = {"type": "string"}
    for _ in range(200):
        deep = {"type": "object", "properties": {"x": deep}}
    return {
        **{name: encoded(document) for name, document in wide_documents().items()},
        "many options": encoded(benign(parameters=wide)),
        "much prose": encoded(benign(parameters=told)),
        "nested": encoded(benign(parameters={"x": deep})),
        "brackets": b'{"model": "m", "parameters": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        "digits": b'{"model": "m", "parameters": [], "price_info": {"price": '
        + b"9" * 5000
        + b"}}",
        "nan": b'{"model": "m", "parameters": [{"name": "a", "default_value": NaN}]}',
        "emoji": encoded(benign(brief_description="\U0001f600" * 60_000)),
        "long words": encoded(benign(parameters=[{"name": "p", "type": "array of " * 22}])),
        "regex": encoded(benign(parameters=[{"name": "p", "type": "a " * 90 + "[" * 10}])),
        "pointer": encoded(
            benign(parameters=[{"name": "p", "$ref": "#/parameters/" + "9" * 5000}])
        ),
        "digits in a bound": encoded(
            benign(
                parameters=[{"name": "p", "type": "float", "min_value": 10**400, "step": 9**4000}]
            )
        ),
    }


def test_every_heavy_document_is_answered_within_five_seconds_and_512_mebibytes(
    tmp_path: Path,
) -> None:
    for name, text in heavy().items():
        (tmp_path / name).write_bytes(text)
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(HERE), *(str(tmp_path / name) for name in heavy())],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    told, kibibytes = json.loads(done.stdout)
    for name, (made, refused, seconds) in zip(heavy(), told, strict=True):
        assert made + len(refused) == 1, name
        assert seconds < 5, (name, seconds)
    assert kibibytes < 512 * 1024


SEEDED = """
import hashlib, json, sys
sys.path.insert(0, sys.argv[1])
from hostile_world import cases, made_of
from test_hostile_processes import poisoned
from gmigen import resources
from gmigen.catalog.snapshot import documents
texts = [*documents(resources.snapshot()).values()][:12] + poisoned()[::4]
texts += [text for case in cases() if "id-" in case.id for text in case.documents]
texts = list({json.loads(text)["model"]: text for text in texts}.values())
if sys.argv[2] == "reversed":
    texts.reverse()
output = made_of(*texts)
told = {"/".join(key): text for key, text in output.files.items()}
print(hashlib.sha256(json.dumps(sorted(told.items())).encode()).hexdigest())
"""

WORLDS = [
    {"PYTHONHASHSEED": "0", "LC_ALL": "C", "TZ": "UTC"},
    {"PYTHONHASHSEED": "1", "LC_ALL": "tr_TR.UTF-8", "TZ": "Asia/Kathmandu"},
    {"PYTHONHASHSEED": "4242", "LC_ALL": "C.UTF-8", "PYTHONUTF8": "1", "COLUMNS": "20"},
]


def _digest(world: dict[str, str], order: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", SEEDED, str(HERE), order],
        capture_output=True,
        text=True,
        env={**ENVIRONMENT, **world},
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.strip()


def test_seed_locale_zone_and_order_change_no_byte() -> None:
    assert len({_digest(WORLDS[0], "as given"), _digest(WORLDS[1], "reversed")}) == 1


@pytest.mark.nightly
@pytest.mark.skipif("GMI_NIGHTLY" not in os.environ, reason="fifty processes: nightly")
def test_fifty_seeds_change_no_byte() -> None:
    worlds = [{**WORLDS[seed % 3], "PYTHONHASHSEED": str(seed)} for seed in range(50)]
    orders = ["as given", "reversed"] * 25
    assert len(set(map(_digest, worlds, orders))) == 1


HERMETIC = """
import json, os, sys
sys.path.insert(0, sys.argv[1])
from hostile_world import BENIGN, cases, encoded, made_of
from gmigen import resources
from gmigen.build import carried_modules
from gmigen.settings import Settings
texts = [text for case in cases() if "wide" not in case.id for text in case.documents]
carried = carried_modules(Settings())
made_of(encoded(BENIGN), carried=carried)
allowed = (os.path.realpath(str(resources.templates())),)
library = tuple(map(os.path.realpath, {sys.prefix, sys.base_prefix, os.path.dirname(os.__file__)}))
package = os.path.realpath(os.path.dirname(resources.__file__))
seen = []
def hook(event, args):
    if event == "open":
        path, mode, flags = args
        place = os.path.realpath(os.fsdecode(path)) if isinstance(path, (str, bytes)) else "?"
        inside = place.startswith(allowed) or place.startswith((*library, package))
        if inside and not flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            return
        seen.append([event, place])
    elif event.startswith(("socket.", "subprocess.", "os.", "shutil.", "urllib.", "ctypes.")):
        if event not in ("os.listdir", "os.scandir"):
            seen.append([event, ascii(args)[:200]])
sys.addaudithook(hook)
made_of(*texts, carried=carried)
print(json.dumps(seen))
"""


def test_generation_opens_templates_and_nothing_else(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-B", "-c", HERMETIC, str(HERE)],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert json.loads(done.stdout) == []
    assert not list(tmp_path.iterdir())
