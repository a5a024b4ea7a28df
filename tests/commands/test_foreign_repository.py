"""A repository with its own tools adopts the client; the workflow in the docs does what it says."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from wheel_world import Installed

from gmigen.emulator import emulator

pytestmark = pytest.mark.slow

PYPROJECT = """
[tool.black]
line-length = 40
skip-string-normalization = true

[tool.ruff]
line-length = 40

[tool.isort]
profile = "google"

[tool.datamodel-codegen]
snake-case-field = true

[tool.gmigen]
package = "acme_ai.gmi"
output = "src"
docs = "docs/gmi"
snapshot = "gmi-snapshot"
"""


def shell(command: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    bin = Path(sys.executable).parent
    path = f"{bin}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        ["sh", "-ec", command],
        cwd=cwd,
        env={**os.environ, "PATH": path, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def foreign(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text(PYPROJECT)
    (tmp_path / "src/acme_ai").mkdir(parents=True)
    (tmp_path / "src/acme_ai/__init__.py").write_text("MINE = 1\n")
    (tmp_path / "CHANGELOG.md").write_text("# Changelog\n")
    configured = "git config user.name t; git config user.email t@example.com"
    assert shell(f"git init -q; {configured}", tmp_path).returncode == 0
    return tmp_path


def fenced(page: Path, language: str, number: int) -> str:
    return re.findall(rf"```{language}\n(.*?)```", page.read_text(), re.DOTALL)[number]


def test_the_foreign_settings_decide_where_and_nothing_decides_how(
    foreign: Path, bundled: Mapping[str, bytes]
) -> None:
    chosen = {name: bundled[name] for name in ("Veo3", "kling-v3-omni")}
    with emulator(chosen) as api:
        env = {"GMI_BASE_URL": api.base_url, "GMI_API_KEY": "emu-key"}
        done = shell("gmigen fetch && gmigen generate", foreign, **env)
    assert done.returncode == 0, done.stderr
    ours = Path(__file__).parents[2] / "generated/gmi_inference/models"
    for name in ("veo3.py", "kling_v3_omni.py"):
        theirs = foreign / "src/acme_ai/gmi/models" / name
        assert theirs.read_bytes() == (ours / name).read_bytes()
    assert (foreign / "src/acme_ai/__init__.py").read_text() == "MINE = 1\n"
    code = "from acme_ai.gmi.models import Veo3Request; print(Veo3Request(prompt='x').payload())"
    used = shell(f'python -W error -c "{code}"', foreign, PYTHONPATH=str(foreign / "src"))
    assert used.stdout == "{'prompt': 'x'}\n", used.stderr


def test_the_documented_workflow_and_hook_do_what_they_say(
    foreign: Path, bundled: Mapping[str, bytes], wheel: Installed
) -> None:
    path = {"PATH": f"{wheel.bin}{os.pathsep}{os.environ['PATH']}"}
    temp = foreign.parent / "runner"
    temp.mkdir()
    first = {name: bundled[name] for name in ("Veo3", "kling-v2-6")}
    details = json.loads(bundled["Veo3"])
    details["parameters"] = [p for p in details["parameters"] if p["name"] != "seed"]
    second = {"Veo3": json.dumps(details).encode(), **first} | {
        "Veo3": json.dumps(details).encode(),
        "Veo3-Fast": bundled["Veo3-Fast"],
    }
    with emulator(first) as api:
        env = {"GMI_BASE_URL": api.base_url, "GMI_API_KEY": "emu-key", **path}
        adopt = "gmigen fetch && gmigen generate && git add -A && git commit -qm adopt"
        assert shell(adopt, foreign, **env).returncode == 0
    page = foreign / "docs/gmi/ci.md"
    commands = re.findall(r"- run: (.*)", fenced(page, "yaml", 1))
    assert [command.split()[0] for command in commands] == ["pip", *["gmigen"] * 3]
    with emulator(second) as api:
        env = {"GMI_BASE_URL": api.base_url, "GMI_API_KEY": "emu-key", **path}
        env["RUNNER_TEMP"] = str(temp)
        for command in commands[1:]:
            done = shell(command, foreign, **env)
            assert done.returncode == 0, done.stderr
    text = (temp / "changes.md").read_text()
    assert "### Breaking\n\n- `Veo3`: `seed`: was removed" in text
    assert "### New models\n\n- `Veo3-Fast` is new" in text
    assert "`seed`: was removed" in (foreign / "CHANGELOG.md").read_text()
    hook = re.search(r"entry: (.*)", fenced(page, "yaml", 0))
    assert hook is not None
    assert shell(hook[1], foreign, **path).returncode == 0
    (foreign / "src/acme_ai/gmi/models/veo3.py").write_text("# edited\n")
    caught = shell(hook[1], foreign, **path)
    assert caught.returncode == 1
    assert "hand edit: src/acme_ai/gmi/models/veo3.py" in caught.stdout
