"""A package with a runtime of its own, and one that imports the installed one: the same to use."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from gmigen import resources

Command = Callable[..., Result]

PROGRAM = """
import sys
import acme.gmi as gmi
from acme.gmi.models import Veo3Request, request_class
from acme.gmi.testing import emulated

assert request_class("Veo3") is Veo3Request
class Longer(Veo3Request):
    pass
print(Veo3Request(prompt="a boat", duration_seconds="6").estimate(), Longer(prompt="x").estimate())
try:
    request_class("sora-2")
except gmi.ModelNotFoundError as error:
    print(error)
with emulated(job_seconds=0.0) as api:
    with gmi.Client(poll=0.05, journal="journal.jsonl") as client:
        result = client.run(Veo3Request(prompt="a boat"))
        print(result.save("boat.mp4"))
        try:
            client.submit("Veo3", {"prompt": "a boat", "seeed": 1})
        except gmi.InvalidRequestError as error:
            print(error.faults[0])
        print(len(client.resume().jobs), len(api.log.posts()))
print(gmi.runtime.__name__, "httpcore" in sys.modules)
"""


@pytest.fixture(params=["copy", "import"])
def shared(request: pytest.FixtureRequest, gmigen: Command, project: Path) -> str:
    how = str(request.param)
    done = gmigen(
        "generate", "--package", "acme.gmi", "--include", "Veo3", "--include", "kling-v2-6",
        "--snapshot", str(copy_of_snapshot(project)), "--runtime", how,
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    return how


def copy_of_snapshot(project: Path) -> Path:
    folder = project / "snapshot"
    folder.mkdir()
    for path in resources.snapshot().iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    return folder


def python(project: Path, code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", *arguments, *(["-c", code] if code else [])],
        cwd=project,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(project / "generated")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_one_program_runs_on_either(shared: str, project: Path, gmigen: Command) -> None:
    done = python(project, PROGRAM)
    assert done.returncode == 0, done.stderr
    reckoned, by_name, *said = done.stdout.splitlines()
    assert reckoned == "at least $0.40, perhaps $2.40 at least $0.40, perhaps $3.20"
    assert "'sora-2': it is known by name, its parameters are not known." in by_name
    assert "boat.mp4" in said[0]
    assert said[1] == "seeed: unknown; did you mean seed?"
    assert said[2] == "0 1"
    home = "acme.gmi.runtime" if shared == "copy" else "gmi_inference.runtime"
    assert said[3] == f"{home} True"
    package = project / "generated/acme/gmi"
    assert (package / "runtime").exists() is (shared == "copy")
    told = python(project, "", "-m", "acme.gmi", "models", "Veo3")
    assert "durationSeconds" in told.stdout or "duration_seconds" in told.stdout, told.stderr
    flags = ("--package", "acme.gmi", "--include", "Veo3", "--include", "kling-v2-6")
    again = gmigen("check", *flags, "--snapshot", str(project / "snapshot"), "--runtime", shared)
    assert again.exit_code == 0, again.output


@pytest.mark.parametrize("shared", ["import"], indirect=True)
def test_a_runtime_of_another_version_is_a_sentence(shared: str, project: Path) -> None:
    face = project / "generated/acme/gmi/__init__.py"
    text = face.read_text("utf-8")
    face.write_text(text.replace('join(__name__, "0.1.0", "0.2")', 'join(__name__, "7.0", "8")'))
    done = python(project, "import acme.gmi")
    assert "acme.gmi was generated for gmi-inference from 7.0 to below 8" in done.stderr
