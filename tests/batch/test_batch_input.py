"""Every fault of a file, with its line, before anything is submitted."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from gmi_inference import batch
from gmi_inference.batch.lines import Template
from gmi_inference.cli.commands import gmi
from gmi_inference.models import KlingImage2VideoV2_1ProRequest
from gmi_inference.runtime.errors import ConfigurationError, InvalidRequestError
from gmigen.emulator import Emulator

Lines = Callable[..., Path]
GOOD = json.dumps({"model": "Veo3", "payload": {"prompt": "a boat"}})
IMAGE = "Kling-Image2Video-V2.1-Pro"


def manifest(folder: Path) -> list[dict[str, Any]]:
    text = (folder / "o/manifest.jsonl").read_text("utf-8")
    return [json.loads(line) for line in text.splitlines()]


def test_all_faults_are_told_with_their_lines_and_nothing_is_begun(
    api: Emulator, tmp_path: Path
) -> None:
    lines = [GOOD] * 7320
    lines[7311] = GOOD[:-1]
    lines[20] = '{"model": "Veo33", "prompt": "a"}'
    lines[21] = '{"model": "Veo3", "prompt": "a", "durationSecond": 8}'
    lines[22] = json.dumps({"model": IMAGE, "prompt": "a", "image": "@missing.png"})
    lines[23] = "[1]"
    lines[24] = '{"prompt": "of no model"}'
    lines[25] = '{"model": "Veo3", "payload": {"prompt": "b"}, "key": "k"}'
    lines[26] = '{"model": "Veo3", "payload": {"prompt": "c"}, "key": "k"}'
    file = tmp_path / "requests.jsonl"
    file.write_text("\n".join(lines))
    done = CliRunner().invoke(gmi, ["batch", "run", str(file), "-o", str(tmp_path / "out")])
    assert done.exit_code == 2, done.output
    told = done.stderr.splitlines()
    for number, words in (
        (21, "Veo33 is not known. Did you mean Veo3?"),
        (22, "did you mean duration_seconds?"),
        (23, "missing.png"),
        (24, "a request is an object"),
        (25, "the id of a model is missing"),
        (27, "another request in line 26"),
        (7312, "it is no JSON"),
    ):
        assert any(f"line {number}" in one and words in one for one in told), (number, told)
    assert len(told) == 7
    assert not (tmp_path / "out").exists()
    assert api.log.posts() == ()


@pytest.mark.parametrize(
    ("table", "sets", "words"),
    [
        ("text,n\na,1\n", ("prompt={txt}",), "line 1: there is no column txt.*Did you mean text"),
        ("text,n\na,1\nb\n", ("prompt={text}",), "line 3: it has not the 2 columns"),
        ("text\na\n", ("prompt={text}", "seed={text}"), "line 2, seed"),
        ("text\na\n", ("prompt",), "write prompt as name=text"),
        ("text\na\n", (), "a table needs"),
        ("text\na\n", ("prompt={text.__class__}",), "there is no column text.__class__"),
    ],
)
def test_a_table_is_held_to_its_columns(
    table: str, sets: tuple[str, ...], words: str, api: Emulator, tmp_path: Path
) -> None:
    (tmp_path / "prompts.csv").write_text(table)
    with pytest.raises(InvalidRequestError, match=words):
        batch.run(tmp_path / "prompts.csv", tmp_path / "o", template=Template("Veo3", sets))
    assert api.log.posts() == ()


def test_a_cell_is_text_where_the_model_takes_text(api: Emulator, tmp_path: Path) -> None:
    (tmp_path / "prompts.csv").write_text('text,s\n"@boat, - and {x}",8\n-,6\n', "utf-8")
    template = Template("Veo3", ("prompt={text}", "durationSeconds={s}"), "row-{s}")
    assert batch.run(tmp_path / "prompts.csv", tmp_path / "o", template=template).done
    sent = {post.json["payload"]["prompt"] for post in api.log.posts()}
    assert sent == {"@boat, - and {x}", "-"}
    keys = [one["key"] for one in manifest(tmp_path)]
    assert keys == ["row-8", "row-6"]


def test_pictures_are_uploaded_wherever_the_worker_stands(
    api: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("cat.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(64))
    request = KlingImage2VideoV2_1ProRequest(prompt="a cat", image=Path("cat.png"))
    assert batch.run([request], tmp_path / "o").done
    [post] = api.log.posts()
    assert post.json["payload"]["image"].startswith("http")
    [entry] = manifest(tmp_path)
    assert entry["payload"]["image"] == f"@{tmp_path / 'cat.png'}"


@pytest.mark.parametrize(
    ("url", "name", "words"),
    [
        ("mysql://u@h/d", "batch", "postgresql://USER@HOST/DATABASE"),
        ("postgresql://u@h", "batch", "postgresql://USER@HOST/DATABASE"),
        ("no url", "batch", "postgresql://USER@HOST/DATABASE"),
        ("postgresql://u@h/d", "a; b", "letters, digits and _"),
    ],
)
def test_a_place_is_a_database_of_ours(url: str, name: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=words):
        batch.status(tmp_path, database_url=url, name=name)


def test_a_database_that_is_not_there_is_told_without_its_password(tmp_path: Path) -> None:
    url = "postgresql://u:CANARY@127.0.0.1:1/d"
    with pytest.raises(ConfigurationError, match="cannot be used") as refusal:
        batch.status(tmp_path, database_url=url)
    assert "CANARY" not in str(refusal.value)
    assert "127.0.0.1:1/d" in str(refusal.value)
