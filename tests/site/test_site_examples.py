"""The four tabs of a model's page are one request: each makes the same job."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import pytest
from click.testing import CliRunner
from site_world import ROOT

from gmi_inference.cli.commands import gmi
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


def ran(name: str, code: str) -> str:
    """Run a block in this process; what went wrong."""
    if name == "gmi":
        done = CliRunner().invoke(gmi, shlex.split(code.replace("\\\n", ""))[1:])
        return done.output if done.exit_code else ""
    try:
        with redirect_stdout(StringIO()):
            exec(compile(code, name, "exec"), {"__name__": "example"})
    except Exception as error:
        return repr(error)
    return ""


def test_every_tab_of_every_model_sends_the_same(
    known: tuple[Known, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GMI_JOURNAL", "off")
    wrong, number = [], 0
    with emulated(job_seconds=0) as api:
        for one in known:
            payload = example(one.model)
            for name, code in blocks(one):
                if name == "curl":
                    continue  # run with the pages of generated/docs, from the wheel
                before = len(api.log.posts())
                told = ran(name, code)
                sent = [post.json["payload"] for post in api.log.posts()[before:]]
                number += 1
                if told or sent != [payload]:
                    wrong.append((one.model.id, name, told[-300:], sent))
    assert wrong == []
    assert number == 3 * len(known)
