"""`gmigen emulate`: what it says, what it serves, and how it stops."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import ssl
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

ROOT = Path(__file__).parents[2]


def test_coverage_says_how_well_each_behaviour_is_known(gmigen: Callable[..., Result]) -> None:
    told = gmigen("emulate", "--coverage").output.splitlines()
    assert told[0] == "This emulator was never compared with the live service."
    assert len(told) > 30
    assert any(line.startswith("recorded (by others)") for line in told)
    assert any(line.startswith("guess") for line in told)


@pytest.mark.row("U7")
def test_without_a_snapshot_it_serves_the_one_that_came_with_it(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-u", "-m", "gmigen", "emulate"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdout is not None
        said = child.stdout.readline() + child.stdout.readline()
        child.send_signal(signal.SIGINT)
    assert "the one that came with gmigen" in said
    assert "109 models" in said


def _answered(url: str, key: str) -> int:
    headers = {"Authorization": f"Bearer {key}", "User-Agent": "a-test/1"}
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=5) as got:
            return int(got.status)
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code


def test_https_and_the_corrections_of_the_project_are_a_flag_and_a_folder_away(
    tmp_path: Path,
) -> None:
    shutil.copytree(ROOT / "generated" / "snapshot", tmp_path / "snapshot")
    (tmp_path / "mine").mkdir()
    correction = 'model = "Veo3"\nsource = "a test"\n[parameters.prompt]\nmax_length = 3\n'
    (tmp_path / "mine" / "veo3.toml").write_text(correction)
    (tmp_path / "pyproject.toml").write_text(
        '[tool.gmigen]\nsnapshot = "snapshot"\noverlays = "mine"\n'
    )
    with subprocess.Popen(
        [sys.executable, "-u", "-m", "gmigen", "emulate", "--tls"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdout is not None
        said = ""
        while "Ctrl-C" not in said:
            said += child.stdout.readline()
        base = re.search(r"https://127\.0\.0\.1:\S+", said)
        file = re.search(r"SSL_CERT_FILE=(\S+)", said)
        assert base is not None
        assert file is not None
        asked = urllib.request.Request(
            f"{base[0]}/requests",
            json.dumps({"model": "Veo3", "payload": {"prompt": "long"}}).encode(),
            {"Authorization": "Bearer emu-key", "User-Agent": "a-test/1"},
        )
        context = ssl.create_default_context(cafile=file[1])
        with pytest.raises(urllib.error.HTTPError, match="400") as refused:
            urllib.request.urlopen(asked, timeout=5, context=context)
        with refused.value as answer:
            assert "prompt" in answer.read().decode()
        child.send_signal(signal.SIGINT)
        assert child.wait(10) == 0
    assert not Path(file[1]).exists()


@pytest.mark.row("U16")
def test_with_a_key_of_ones_own_every_other_one_is_refused() -> None:
    with subprocess.Popen(
        [sys.executable, "-u", "-m", "gmigen", "emulate", "--key", "my-own-key-1"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdout is not None
        first = child.stdout.readline()
        base = re.search(r"http://127\.0\.0\.1:\S+", first)
        assert base is not None
        answered = [_answered(f"{base[0]}/models", key) for key in ("my-own-key-1", "emu-key")]
        child.send_signal(signal.SIGINT)
        said = child.stdout.read()
    assert answered == [200, 401]
    assert "Only the key you gave" in said
    assert "my-own-key-1" not in first + said


def test_it_serves_the_snapshot_until_it_is_interrupted() -> None:
    with subprocess.Popen(
        [sys.executable, "-u", "-m", "gmigen", "emulate"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    ) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        first = child.stdout.readline()
        base = re.search(r"http://127\.0\.0\.1:\S+", first)
        assert base is not None
        asked = urllib.request.Request(
            f"{base[0]}/models/Veo3",
            headers={"Authorization": "Bearer emu-key", "User-Agent": "a-test/1"},
        )
        with urllib.request.urlopen(asked, timeout=5) as answer:
            assert answer.headers["X-Emulator"] == "1"
        child.send_signal(signal.SIGINT)
        said = child.stdout.read()
        assert child.wait(10) == 0
        assert "export GMI_BASE_URL=" in said
        assert "never compared with the live service" in " ".join(said.split())
        assert child.stderr.read() == ""
