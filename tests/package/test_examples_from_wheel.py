"""What README and pages show runs from the wheel, in an empty folder, without checkout and key."""

from __future__ import annotations

import json
import re
import shlex
from collections import defaultdict
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from wheel_world import ROOT, Installed

pytestmark = pytest.mark.slow

README = (ROOT / "README.md").read_text("utf-8")
DOCS = ROOT / "generated" / "docs"
PAGES = sorted((DOCS / "models").glob("*.md"))
EMULATOR = "Talking to an EMULATOR"
RUNNER = Path(__file__).with_name("blocks_program.py").read_text("utf-8")


class Block(NamedTuple):
    """A fenced block: its language, "" where none is said, and what stands in it."""

    language: str
    code: str


def blocks_of(text: str) -> list[Block]:
    found = re.findall(r"^( *)```(\w*)\n(.*?)^\1```", text, re.DOTALL | re.MULTILINE)
    return [
        Block(language, re.sub(rf"^{indent}", "", code, flags=re.MULTILINE))
        for indent, language, code in found
    ]


def run(wheel: Installed, folder: Path, *blocks: dict[str, Any]) -> dict[str, Any]:
    """What came of blocks that all went well, run in `folder` by the wheel alone."""
    done = wheel.run("python", "-c", RUNNER, cwd=folder, given=json.dumps(blocks))
    assert (done.returncode, done.stderr.replace(EMULATOR, "").strip()) == (0, "")
    told: dict[str, Any] = json.loads(done.stdout)
    failed = [f"{one['name']}: {one['failed']}" for one in told["blocks"] if one["failed"]]
    assert not failed, "\n".join(failed)
    return told


def asked(name: str, language: str, code: str, **given: Any) -> dict[str, Any]:
    return {"name": name, "language": language, "code": code, "given": given}


def guide(name: str) -> str:
    """A guide as it stands beside the pages."""
    return (DOCS / f"guides/{name}.md").read_text("utf-8")


def commands(program: str, text: str) -> list[str]:
    """The commands of a program that stand in sentences."""
    return re.findall(rf"(?<!`)`({program} [^`]*)`", text)


def test_both_examples_of_every_page_run_and_send_the_same(
    wheel: Installed, tmp_path: Path
) -> None:
    pages = {page.stem: blocks_of(page.read_text("utf-8")) for page in PAGES}
    assert len(pages) == 109
    assert {tuple(block.language for block in page) for page in pages.values()} == {
        ("python", "sh")
    }
    told = run(
        wheel, tmp_path, *(asked(name, *block) for name, page in pages.items() for block in page)
    )
    sent = defaultdict(list)
    for model, payload in told["posts"]:
        sent[model].append(payload)
    assert len(sent) == 109
    for payloads in sent.values():
        by_python, by_curl = payloads
        assert by_python == by_curl


def test_what_the_readme_shows_runs(wheel: Installed, tmp_path: Path) -> None:
    shown = blocks_of(README)
    first = next(block.code for block in shown if block.language == "python")
    told = run(
        wheel,
        tmp_path,
        asked("one line", "python", first),
        asked("a shell", "sh", next(block.code for block in shown if block.language == "sh")),
    )
    assert [model for model, _ in told["posts"]] == ["Veo3"] * 2
    assert {path.name for path in tmp_path.glob("*.mp4")} == {"boat.mp4", "another-boat.mp4"}


def test_the_mistakes_shown_are_told_as_shown(wheel: Installed, tmp_path: Path) -> None:
    [shown] = [block.code for block in blocks_of(README) if not block.language]
    entered, told = re.fullmatch(r">>> (.*)\n(.*)", shown, re.DOTALL).groups()  # type: ignore[union-attr]
    code = f"from gmi_inference.models import Veo3Request\n{entered}"
    done = wheel.run("python", "-c", code, cwd=tmp_path)
    assert done.stderr.endswith(told)


def test_what_the_guide_shows_of_an_estimate_is_printed(wheel: Installed, tmp_path: Path) -> None:
    [block] = [b.code for b in blocks_of(guide("choosing")) if "estimate = " in b.code]
    code = f"from gmi_inference.models import Veo3Request\n{block}"
    done = wheel.run("python", "-c", code, cwd=tmp_path)
    told = re.findall(r"^print\(.*\) +# (.*)$", block, re.MULTILINE)
    assert done.stdout.splitlines() == told


def test_what_the_guide_shows_of_generating_runs(wheel: Installed, tmp_path: Path) -> None:
    [block] = [b.code for b in blocks_of(guide("own-client")) if "gmigen fetch" in b.code]
    *lines, last, exporting = block.splitlines()
    run(wheel, tmp_path, asked("generating", "sh", "\n".join(lines)))
    assert (tmp_path / "generated/gmi_inference/models/veo3.py").is_file()
    # Without git there is nothing committed to compare with, and the sentence says what is.
    done = wheel.run(*last.partition("#")[0].split(), cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "name an older snapshot folder instead" in done.stderr
    run(wheel, tmp_path, asked("exporting", "sh", exporting))
    assert (tmp_path / "api.json").is_file()


def test_what_the_guide_shows_of_conformance_runs(wheel: Installed, tmp_path: Path) -> None:
    [block] = [b.code for b in blocks_of(guide("own-client")) if "--spend" in b.code]
    asking, buying, reviewing = block.splitlines()
    for name, line in (("asking", asking), ("buying", buying), ("reviewing", reviewing)):
        told = run(wheel, tmp_path, asked(name, "sh", f"{line.partition('#')[0]} </dev/null"))
        assert len(told["posts"]) == (name == "buying")


def test_the_settings_and_the_overlay_of_the_guide_are_taken(
    wheel: Installed, tmp_path: Path
) -> None:
    told = guide("own-client")
    settings, overlay = (block.code for block in blocks_of(told) if block.language == "toml")
    (tmp_path / "pyproject.toml").write_text(settings)
    (tmp_path / "gmi-overlays").mkdir()
    (tmp_path / "gmi-overlays/veo3.toml").write_text(overlay)
    for command in ("gmigen fetch --bundled", *commands("gmigen", told), "gmigen generate"):
        # One runs until it is stopped, and asks the API; the other has a test of its own.
        if command.startswith(("gmigen emulate", "gmigen conformance")):
            continue
        done = wheel.run(*shlex.split(command), cwd=tmp_path)
        assert done.returncode == 0, (command, done.stderr)
        assert "unused" not in done.stderr
    code = (
        "from acme_ai.gmi.models import Veo3Request\n"
        "print(Veo3Request(prompt='a kite', duration_seconds='10').payload())"
    )
    done = wheel.run("python", "-c", code, cwd=tmp_path, more={"PYTHONPATH": "src"})
    assert done.stdout == "{'prompt': 'a kite', 'durationSeconds': '10'}\n", done.stderr


def test_the_page_on_other_tools_runs(wheel: Installed, tmp_path: Path) -> None:
    lending, testing = (block.code for block in blocks_of((DOCS / "tools.md").read_text("utf-8")))
    run(wheel, tmp_path, asked("lending", "python", lending))
    mine = (
        "import gmi_inference\nmy_code = lambda: gmi_inference.run('Veo3', {'prompt': 'a kite'})\n"
    )
    (tmp_path / "test_mine.py").write_text(mine + testing)
    done = wheel.run("pytest", "-q", "test_mine.py", cwd=tmp_path)
    assert done.returncode == 0, done.stdout


def test_the_page_on_prices_runs(wheel: Installed, tmp_path: Path) -> None:
    asking, file = (block.code for block in blocks_of((DOCS / "prices.md").read_text("utf-8")))
    code = (
        f"from gmi_inference.models import Veo3Request\nrequest = Veo3Request(prompt='x')\n{asking}"
    )
    done = wheel.run("python", "-c", code, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    (tmp_path / "pyproject.toml").write_text('[tool.gmigen]\noverlays = "gmi-overlays"\n')
    (tmp_path / "gmi-overlays/prices").mkdir(parents=True)
    mine = file.replace("some-video-model", "Veo3")
    (tmp_path / "gmi-overlays/prices/mine.toml").write_text(mine)
    for command in ("gmigen fetch --bundled", "gmigen generate"):
        done = wheel.run(*command.split(), cwd=tmp_path)
        assert done.returncode == 0, done.stderr
    assert "our invoices of 2026-10" in (tmp_path / "generated/docs/models/veo3.md").read_text()


def test_every_make_target_of_the_readme_is_one() -> None:
    [block] = [block.code for block in blocks_of(README) if block.code.startswith("make ")]
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"^make (\S+)", block, re.MULTILINE)) <= targets


def test_no_block_is_left_out() -> None:
    kinds = [block.language for block in blocks_of(README)]
    assert kinds == ["python", "", "sh", "sh"]
    others = {
        page.name: [block.language for block in blocks_of(page.read_text("utf-8"))]
        for page in DOCS.glob("*.md")
    }
    # The workflow and the hook of ci.md run where a repository is: in `commands/`; the recipes run
    # beside what they are made for: in `recipes/`.
    assert others == {
        "ci.md": ["yaml"] * 2,
        "facts.md": [],
        "index.md": [],
        "prices.md": ["python", "toml"],
        "recipes.md": ["python"] * 8,
        "tools.md": ["python"] * 2,
    }
