"""The four tabs of a model's page are one request: each makes the same job."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from site_world import ROOT

from gmi_inference.testing import emulated
from gmigen import settings
from gmigen.emit.example import example
from gmigen.site.facts import Known, of_settings
from gmigen.site.model_page import _tabs

pytestmark = pytest.mark.nightly


@pytest.fixture(scope="module")
def known() -> tuple[Known, ...]:
    return of_settings(settings.load(ROOT)).known


def blocks(one: Known) -> Iterator[tuple[str, str]]:
    """The tab and what stands in its block."""
    for tab in _tabs(one):
        code = re.sub(r"^ {4}", "", tab.block.text, flags=re.MULTILINE)
        yield tab.title.text, code.partition("\n")[2].rpartition("\n")[0]


def test_every_tab_of_every_model_sends_the_same(
    known: tuple[Known, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    wrong = []
    with emulated(job_seconds=0) as api:
        for one in known:
            payload = example(one.model)
            for name, code in blocks(one):
                if name == "curl":
                    continue  # run with the pages of generated/docs, from the wheel
                before = len(api.log.posts())
                command = [sys.executable, "-c", code]
                if name == "gmi":
                    gmi = Path(sys.executable).with_name("gmi")
                    command = ["sh", "-euc", code.replace("gmi run", f"{gmi} run", 1)]
                done = subprocess.run(command, capture_output=True, text=True, check=False)
                sent = [post.json["payload"] for post in api.log.posts()[before:]]
                if done.returncode or sent != [payload]:
                    wrong.append((one.model.id, name, done.stderr[-300:], sent))
    assert wrong == []
