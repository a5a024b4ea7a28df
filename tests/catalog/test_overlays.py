"""Overlays: what they correct, and what is said of those that correct nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from gmigen import resources
from gmigen.errors import OverlayError
from gmigen.schema.overlays import Overlay, apply, load

Command = Callable[..., Result]

DETAILS: dict[str, Any] = {
    "model": "One",
    "parameters": [
        {"name": "scale", "type": "string", "default_value": 0.5, "options": ["a"]},
        {
            "name": "shots",
            "type": "array",
            "items": {
                "type": "object",
                "properties": [{"name": "length", "type": "string", "required": True}],
            },
        },
        {"name": "size", "type": "object", "properties": {"width": {"type": "string"}}},
        {"name": "person.24", "type": "string"},
    ],
}


def overlay(body: str, model: str = "One") -> str:
    return f'model = "{model}"\nsource = "a page"\n{body}'


def corrected(body: str) -> Any:
    return apply(load("one.toml", overlay(body)), DETAILS)


def test_each_kind_of_correction_is_made_and_the_details_given_stay() -> None:
    before = json.dumps(DETAILS)
    body = """
[parameters.scale]
type = "float"
drop = ["options"]
required = true
description = "How much."
name = "cfg_scale"
[parameters."shots[].length"]
type = "integer"
[parameters."size.width"]
type = "integer"
[parameters."person.24"]
media = "image"
[parameters.extra]
add = true
type = "boolean"
"""
    done = corrected(body)
    scale, shots, size, person, extra = done.details["parameters"]
    assert scale == {
        "name": "cfg_scale",
        "type": "float",
        "default_value": 0.5,
        "required": True,
        "description": "How much.",
    }
    assert shots["items"]["properties"][0]["type"] == "integer"
    assert size["properties"]["width"]["type"] == "integer"
    assert person["type"] == "image"
    assert extra == {"name": "extra", "type": "boolean"}
    assert len(done.notes) == 5
    assert not done.unmatched
    assert not done.redundant
    assert json.dumps(DETAILS) == before


def test_what_matches_nothing_and_what_the_api_says_already_are_told_apart() -> None:
    done = corrected('[parameters.scael]\ntype = "float"\n[parameters.scale]\ntype = "string"')
    assert list(done.unmatched) == ["one.toml#scael"]
    assert "did you mean `scale`?" in done.unmatched["one.toml#scael"]
    assert list(done.redundant) == ["one.toml#scale"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("model = ", "not valid TOML"),
        ('model = "One"', "name its `model` and the `source`"),
        (overlay(""), "corrects nothing"),
        (overlay("[parameters.scale]\ntpye = 'x'"), "did you mean `type`?"),
        (overlay("[parameter.scale]\ntype = 'x'"), "did you mean `parameters`?"),
        (overlay("[parameters.scale]"), "says nothing of `scale`"),
        (overlay("[parameters.scale]\ndefault = 2026-01-01"), "JSON cannot say"),
        (overlay("[parameters.scale]\ndefault = inf"), "JSON cannot say"),
    ],
)
def test_an_overlay_that_makes_no_sense_is_told(text: str, told: str) -> None:
    with pytest.raises(OverlayError) as caught:
        load("one.toml", text)
    assert told in str(caught.value)


def test_every_bundled_overlay_corrects_something_and_names_its_source() -> None:
    files = sorted(resources.overlays().glob("*.toml"))
    assert files
    for path in files:
        read = load(path.name, path.read_text("utf-8"), bundled=True)
        details = json.loads((resources.snapshot() / f"{path.stem}.json").read_text())
        assert details["model"] == read.model
        done = apply(read, details)
        assert len(done.notes) == len(read.parameters), path.name


@pytest.fixture
def mine(gmigen: Command, project: Path) -> Path:
    """A project with one model and an overlay of its own."""
    (project / "details").mkdir()
    (project / "details/one.json").write_text(json.dumps(DETAILS))
    (project / "overlays").mkdir()
    (project / "overlays/one.toml").write_text(overlay('[parameters.scale]\ntype = "float"'))
    (project / "pyproject.toml").write_text('[tool.gmigen]\noverlays = "overlays"\n')
    assert gmigen("fetch", "--from-dir", "details").exit_code == 0
    return project


def test_an_overlay_reaches_class_and_page(gmigen: Command, mine: Path) -> None:
    assert gmigen("generate").exit_code == 0
    module = (mine / "generated/gmi_inference/models/one.py").read_text()
    assert "float" in module
    assert "corrected by `one.toml`" in (mine / "generated/docs/models/one.md").read_text()


def test_an_overlay_for_an_unknown_parameter_is_refused(gmigen: Command, mine: Path) -> None:
    (mine / "overlays/one.toml").write_text(overlay('[parameters.scael]\ntype = "float"'))
    result = gmigen("generate")
    assert result.exit_code == 2
    assert "did you mean `scale`?" in result.output
    assert not (mine / "generated/gmi_inference").exists()


def test_an_overlay_for_an_unknown_model_is_refused(gmigen: Command, mine: Path) -> None:
    (mine / "overlays/one.toml").write_text(overlay('[parameters.a]\ntype = "float"', "Two"))
    result = gmigen("generate")
    assert result.exit_code == 2
    assert "there is no model Two" in result.output


def test_an_overlay_that_stopped_to_match_is_a_warning_with_the_date(
    gmigen: Command, mine: Path
) -> None:
    gmigen("generate")
    lock = json.loads((mine / "generated/snapshot/lock.json").read_text())
    fixed = {**DETAILS, "parameters": DETAILS["parameters"][1:]}
    (mine / "details/one.json").write_text(json.dumps(fixed))
    gmigen("fetch", "--from-dir", "details")
    for _ in range(2):  # the date stays what it was first
        result = gmigen("generate", "--force")
        assert result.exit_code == 0, result.output
        assert "overlay-idle" in result.output
        assert f"since the snapshot of {lock['date']}" in result.output


@pytest.mark.row("U8")
@pytest.mark.parametrize("setting", ["overlays", "templates"])
def test_a_folder_that_does_not_exist_is_empty_and_told(
    gmigen: Command, mine: Path, setting: str
) -> None:
    result = gmigen("generate", f"--{setting}", "elsewhere")
    assert result.exit_code == 0
    assert "note folder-absent" in result.output
    assert "elsewhere" in result.output


@pytest.mark.row("G12")
def test_an_overlay_stands_down_when_what_it_replaces_has_moved() -> None:
    correction = {"type": "string/array", "was": {"type": "string"}}
    overlay = Overlay("o.toml", "m", "a page", {"image": correction}, bundled=True)

    def element(kind: str) -> dict[str, Any]:
        return {"model": "m", "parameters": [{"name": "image", "type": kind}]}

    assert apply(overlay, element("string")).outdated == {}
    applied = apply(overlay, element("image"))
    assert applied.details == element("image")
    assert "was written for another word" in applied.outdated["o.toml#image"]


@pytest.mark.row("G12")
def test_every_bundled_overlay_says_what_it_replaces_and_widens() -> None:
    from gmigen.catalog.models import read_all
    from gmigen.catalog.overlays import read_overlays
    from gmigen.catalog.snapshot import load as load_snapshot
    from gmigen.settings import Settings

    overlays, _ = read_overlays(Settings())
    assert all("was" in correction for o in overlays for correction in o.parameters.values())
    read = read_all(load_snapshot(resources.snapshot()), overlays, Settings())
    found = [*read.problems, *(problem for model in read.models for problem in model.problems)]
    assert not {problem.code for problem in found} & {"overlay-narrows", "overlay-outdated"}


@pytest.mark.row("G12")
def test_an_overlay_that_narrows_without_a_reason_is_told(gmigen: Command, mine: Path) -> None:
    (mine / "overlays").mkdir(exist_ok=True)
    for why, told in (("", True), ('narrows = "the page says so"', False)):
        (mine / "overlays/one.toml").write_text(
            f'model = "One"\nsource = "a page"\n[parameters.scale]\noptions = ["b"]\n{why}\n'
        )
        gmigen("generate", "--overlays", "overlays", "--force")
        findings = (mine / "generated/gmi_inference/findings.json").read_text()
        assert ("overlay-narrows" in findings) is told


@pytest.mark.row("G18")
@pytest.mark.parametrize(
    "content", [b"\xff", b"a = " + b"[" * 5000, b"model = 1", b"\xef\xbb\xbf!", b"a = 1979-05-27"]
)
def test_any_bytes_are_an_overlay_or_a_sentence(content: bytes) -> None:
    with pytest.raises(OverlayError, match=r"o\.toml"):
        load("o.toml", content)


def test_an_example_is_shown_and_what_the_model_does_not_take_is_told(
    gmigen: Command, mine: Path
) -> None:
    (mine / "overlays").mkdir(exist_ok=True)
    (mine / "overlays/one.toml").write_text(overlay('[example]\nscale = "a"\nwat = 1\n'))
    result = gmigen("generate", "--overlays", "overlays", "--force")
    assert "overlay-example: One wat: the example in one.toml says what" in result.output
    assert 'scale="a"' in (mine / "generated/docs/models/one.md").read_text()


@pytest.mark.parametrize("body", ["example = 1", "[example]"])
def test_an_example_that_is_no_table_of_members_is_refused(body: str) -> None:
    with pytest.raises(OverlayError, match="`example` that is no table"):
        load("one.toml", overlay(body))


def test_examples_give_what_only_the_prose_makes_needed() -> None:
    from gmigen.catalog.models import read_all
    from gmigen.catalog.overlays import read_overlays
    from gmigen.catalog.snapshot import load as load_snapshot
    from gmigen.emit.example import example
    from gmigen.settings import Settings

    overlays, _ = read_overlays(Settings())
    read = read_all(load_snapshot(resources.snapshot()), overlays, Settings())
    given = {model.id: example(model) for model in read.models}
    assert all(given.values())
    assert {"image_refer", "https://example.com/picture.png"} <= {
        str(value) for value in (given["kling-create-element"] or {}).values()
    }
    for model_id, name in (
        ("kling-v3-omni", "aspect_ratio"),
        ("wan2.7-i2v", "first_frame"),
        ("wan2.7-r2v", "reference_image"),
        ("vidu-q2-pro-r2v", "images"),
        ("skyreels-v4-omni", "ref_images"),
        ("luma-ray-3-2-reframe", "source_generation_id"),
    ):
        assert name in (given[model_id] or {}), model_id
