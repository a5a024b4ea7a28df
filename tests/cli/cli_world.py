"""Invented models, a package made for them, and `gmi` run in it."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from gmigen.emulator import Emulator

PACKAGE = "made_inference"
KEY = "sk-CANARY-0123456789"
PROMPT = "a paper boat CANARY-PROMPT"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)


def parameter(name: str, type: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "type": type, "required": False, **more}


def details(model: str, *parameters: dict[str, Any], output: str = "video", **more: Any) -> bytes:
    document = {
        "model": model,
        "model_type": output,
        "modalities": {"input": ["text"], "output": [output]},
        "parameters": [parameter("prompt", "string", required=True), *parameters],
        **more,
    }
    return json.dumps(document).encode()


def made(model: str, *parameters: dict[str, Any]) -> bytes:
    """Details of a model with these parameters and no others."""
    return json.dumps({**json.loads(details(model)), "parameters": parameters}).encode()


_SHOT = {
    "type": "object",
    "properties": [
        parameter("still", "image (URL)", required=True),
        parameter("pace", "string", options=["slow", "fast"]),
        parameter("camera", "object", properties=[parameter("tilt", "integer", max_value=45)]),
    ],
}
TYPED: dict[str, bytes] = {
    "Boat": details(
        "Boat",
        parameter("durationSeconds", "enum", options=["8", "6"], default_value="8"),
        parameter("fps", "integer", options=[24, 30]),
        parameter("seed", "integer", min_value=-1, max_value=10),
        parameter("strength", "number", min_value=0, max_value=1),
        parameter("audio", "boolean"),
        parameter("image", "image (URL)"),
        parameter("references", "image[]", max_items=3),
        brief_description="Boats in the rain.",
        price_info={"price": 152000, "unit": "second"},
    ),
    "now/1.5": details("now/1.5", output="image"),
    "Frames-2": made(
        "Frames-2",
        parameter("seed", "integer", min_value=3),
        parameter("firstFrame", "image (URL)"),
    ),
    "Bare": made("Bare"),
    "Shots": made(
        "Shots",
        parameter("shots", "array", required=True, items=_SHOT),
        parameter("title", "string", required=True, max_length=3),
        parameter("speed", "number", required=True, min_value=7, max_value=9),
        parameter("tags", "array", items={"type": "string"}),
    ),
}
SERVED = {**TYPED, "Unlisted": details("Unlisted")}
"""What the emulator serves: one more than the package knows."""


def make_package(folder: Path) -> None:
    """Write a package with a class for each model of `TYPED` into `folder`."""
    (folder / "details").mkdir(parents=True)
    for number, text in enumerate(TYPED.values()):
        (folder / f"details/{number}.json").write_bytes(text)
    places = ["--output", ".", "--docs", "docs", "--snapshot", "snapshot", "--package", PACKAGE]
    for command in (["fetch", "--from-dir", "details"], ["generate"]):
        made = subprocess.run(
            [sys.executable, "-m", "gmigen", *command, *places],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert made.returncode == 0, made.stdout + made.stderr


@dataclass(frozen=True)
class Shell:
    """`gmi` in the made package; `environment` names the emulator and holds the key."""

    packages: Path
    running: Emulator
    home: Path

    @property
    def environment(self) -> dict[str, str]:
        return {
            "GMI_API_KEY": KEY,
            "GMI_BASE_URL": self.running.base_url,
            "HOME": str(self.home),
            "XDG_STATE_HOME": str(self.home / "state"),
        }

    @property
    def journal(self) -> Path:
        return self.home / "state/gmi-inference/journal.jsonl"

    def __call__(
        self, *arguments: str, stdin: bytes | str | None = None, **environment: Any
    ) -> Result:
        """Run a command in this process; no traceback and no secret may leave it."""
        gmi = import_module(f"{PACKAGE}.cli.commands").gmi
        env = {**self.environment, "GMI_JOURNAL": None, "GMI_ORG_ID": None, **environment}
        result = CliRunner().invoke(gmi, arguments, input=stdin, env=env)
        assert result.exception is None or isinstance(result.exception, SystemExit), result
        assert "Traceback" not in result.output
        assert KEY not in result.output
        return result

    def command(self, *arguments: str) -> list[str]:
        """The same as a command line for another process, which listens to Ctrl-C."""
        # A shell lets its background jobs ignore Ctrl-C, and children inherit that.
        code = (
            "import runpy, signal\n"
            "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
            f"runpy.run_module({PACKAGE!r}, run_name='__main__', alter_sys=True)"
        )
        return [sys.executable, "-c", code, *arguments]
