"""The committed package is what the snapshot gives, and behaves as a package should."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def python(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env={**os.environ, **environment},
    )


def test_generated_is_exactly_what_the_snapshot_gives() -> None:
    result = python("-m", "gmigen", "check")
    assert result.returncode == 0, result.stdout + result.stderr


def test_every_model_has_a_module_and_a_page(bundled: Mapping[str, bytes]) -> None:
    modules = [p.stem for p in (ROOT / "generated/gmi_inference/models").glob("*.py")]
    pages = [p.stem for p in (ROOT / "generated/docs/models").glob("*.md")]
    assert len(bundled) == 109
    # A model that left keeps its module, which says so, and loses its page.
    others = {"__init__", "_facts", "_known", "_prices", "minimax_h3"}
    assert len(modules) == len(bundled) + len(others)
    assert sorted(pages) == sorted(set(modules) - others)


def test_importing_the_package_is_quiet_and_loads_nothing_heavy() -> None:
    code = (
        "import sys, gmi_inference, gmi_inference.models\n"
        "heavy = {'httpx', 'pydantic', 'asyncio', 'ssl'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    result = python("-W", "error", "-c", code)
    assert result.returncode == 0, result.stderr
    assert result.stdout == result.stderr == ""


def test_a_model_loads_its_own_module_only() -> None:
    code = (
        "import sys\nfrom gmi_inference.models import Veo3Request\n"
        "from gmi_inference.models.veo3 import Veo3Request as Same\n"
        "from gmi_inference.models import request_class\n"
        "assert Veo3Request is Same is request_class('Veo3')\n"
        "loaded = [m for m in sys.modules if m.startswith('gmi_inference.models.')]\n"
        "assert loaded == ['gmi_inference.models.veo3'], loaded\n"
        "assert 'httpx' not in sys.modules"
    )
    result = python("-W", "error", "-c", code)
    assert result.returncode == 0, result.stderr


def test_an_unknown_model_is_told_with_its_nearest_names() -> None:
    import gmi_inference
    from gmi_inference import models

    with pytest.raises(gmi_inference.ModelNotFoundError, match="Did you mean Veo3"):
        models.request_class("veo3")
    with pytest.raises(AttributeError, match="Veo3Request"):
        _ = models.Veo3Requst  # type: ignore[attr-defined]  # the mistake is the point
    with pytest.raises(ImportError):
        exec("from gmi_inference.models import Veo3Requst")


def test_the_public_names_are_those_that_import() -> None:
    import gmi_inference

    assert {"Client", "AsyncClient", "run", "Result", "GMIError"} <= set(gmi_inference.__all__)
    for name in gmi_inference.__all__:
        assert getattr(gmi_inference, name) is not None
    assert set(gmi_inference.__all__) <= set(dir(gmi_inference))
    assert gmi_inference.models.request_class("Veo3").MODEL_ID == "Veo3"


def test_the_lock_says_that_the_snapshot_is_no_live_dump() -> None:
    lock = json.loads((ROOT / "generated/snapshot/lock.json").read_bytes())
    assert "not a live dump" in lock["provenance"]
    assert "not a live dump" in (ROOT / "generated/docs/index.md").read_text()
    assert "not a live dump" in " ".join((ROOT / "README.md").read_text().split())


def test_the_runtime_is_copied_verbatim_below_the_marks() -> None:
    source, copy = ROOT / "generator/gmigen/runtime", ROOT / "generated/gmi_inference/runtime"
    marks = b"# fmt: off\n# isort: skip_file\n# ruff: noqa\n"
    ours = {p.relative_to(source): marks + p.read_bytes() for p in source.rglob("*.py")}
    theirs = {p.relative_to(copy): p.read_bytes() for p in copy.rglob("*.py")}
    assert theirs == ours


def test_a_model_that_left_is_deprecated_in_a_sentence_editors_show() -> None:
    from gmi_inference.models import MinimaxH3Request

    told = getattr(MinimaxH3Request, "__deprecated__", "")
    assert told.startswith("The model minimax-h3 is called MiniMax-H3")
    assert "Living models like it: MiniMax-H3" in told
