"""`gmigen export`: documents that other tools take, whatever the catalogue says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from gmi_inference.models import request_class
from gmigen import resources
from gmigen.catalog.snapshot import documents
from gmigen.cli.commands import main
from gmigen.errors import INCOMPLETE, USAGE
from gmigen.export.export import export
from gmigen.settings import Settings

BUNDLED = Settings(root=resources.snapshot().parents[1])
HOSTILE = "</script><img src=x onerror=alert(1)> {{7*7}} */ \x1b[31m \u202e \"'`"


def made(form: str, **settings: Any) -> dict[str, Any]:
    text, refused = export(Settings(root=BUNDLED.root, **settings), form)
    assert not refused
    told: dict[str, Any] = json.loads(text)
    return told


def hostile(folder: Path) -> Settings:
    """A snapshot whose every text attacks whoever shows it."""
    (folder / "generated/snapshot").mkdir(parents=True)
    details = {
        "model": f"m {HOSTILE}",
        "brief_description": HOSTILE,
        "parameters": [
            {"name": f"a{HOSTILE}", "type": "string", "description": HOSTILE},
            {"name": "b", "type": "enum", "options": [HOSTILE, 1, 1.0, True], "required": True},
        ],
    }
    (folder / "generated/snapshot/m.json").write_text(json.dumps(details), "utf-8")
    return Settings(root=folder)


@pytest.fixture(scope="module")
def whole() -> dict[str, Any]:
    return made("openapi")


def test_the_document_of_all_models_is_openapi(whole: dict[str, Any]) -> None:
    small = made("openapi", include=("Veo3", "gpt*", "Kling*"))
    OpenAPIV31SpecValidator(small).validate()
    every = Draft202012Validator(Draft202012Validator.META_SCHEMA)
    for schema in whole["components"]["schemas"].values():
        every.validate(schema)


def test_the_payload_is_told_apart_by_the_model(whole: dict[str, Any]) -> None:
    body = whole["paths"]["/requests"]["post"]["requestBody"]["content"]["application/json"]
    mapping = body["schema"]["discriminator"]["mapping"]
    assert len(mapping) == len(body["schema"]["oneOf"]) == len(documents(resources.snapshot()))
    schemas = whole["components"]["schemas"]
    for model_id, place in mapping.items():
        request = schemas[place.rpartition("/")[2]]
        assert request["properties"]["model"]["const"] == model_id
        payload = request["properties"]["payload"]["$ref"].rpartition("/")[2]
        assert schemas[payload]["type"] == "object"


def test_what_our_classes_send_is_valid() -> None:
    schemas = made("json-schema")
    checked = 0
    for place in schemas["oneOf"]:
        model_id = place["properties"]["model"]["const"]
        cls = request_class(model_id)
        texts = {
            name
            for name, member in cls.payload_schema("python")["properties"].items()
            if member.get("type") == "string" and not {"enum", "minLength"} & member.keys()
        }
        needed = {name for name, field in cls.model_fields.items() if field.is_required()}
        if not needed <= texts:
            continue
        given: dict[str, Any] = dict.fromkeys(needed, "https://media.example/a.png")
        body = {"model": model_id, "payload": cls(**given).payload()}
        Draft202012Validator({**schemas, "oneOf": [place]}).validate(body)
        checked += 1
    assert checked > 50


def test_a_wrong_payload_is_not() -> None:
    schemas = made("json-schema", include=("Veo3",))
    judge = Draft202012Validator(schemas)
    assert judge.is_valid({"model": "Veo3", "payload": {"prompt": "a", "durationSeconds": "8"}})
    good = {"prompt": "a"}
    for wrong in ({}, {"prompt": 1}, {**good, "durationSeconds": 8}, {**good, "x": 1}):
        assert not judge.is_valid({"model": "Veo3", "payload": wrong})


@pytest.mark.parametrize("form", ["openapi", "json-schema"])
def test_hostile_text_stays_text(tmp_path: Path, form: str) -> None:
    text, _ = export(hostile(tmp_path), form)
    assert text.isascii()
    assert not set(text) & {"<", "\x1b", "\x7f"}
    told = json.loads(text)
    if form == "openapi":
        OpenAPIV31SpecValidator(told).validate()
        schema = told["components"]["schemas"]
        payload = next(told for name, told in schema.items() if name.endswith("Payload"))
        about = payload["properties"][f"a{HOSTILE}"]["description"]
        assert "<" not in about
        assert "{{" not in about
    else:
        Draft202012Validator.check_schema(told)


def test_it_goes_where_it_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hostile(tmp_path)
    monkeypatch.chdir(tmp_path)
    printed = CliRunner().invoke(main, ["export", "openapi"])
    assert printed.exit_code == 0
    written = CliRunner().invoke(main, ["export", "openapi", "--output-file", "api.json"])
    assert (written.exit_code, written.stdout) == (0, "")
    assert Path("api.json").read_text("ascii") == printed.stdout


def test_what_cannot_be_read_is_left_out_and_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hostile(tmp_path)
    (tmp_path / "generated/snapshot/broken.json").write_text("{")
    monkeypatch.chdir(tmp_path)
    ran = CliRunner().invoke(main, ["export", "json-schema"])
    assert ran.exit_code == INCOMPLETE
    assert "broken.json" in ran.stderr
    assert len(json.loads(ran.stdout)["oneOf"]) == 1
    none = CliRunner().invoke(main, ["export", "json-schema", "--exclude", "*"])
    assert none.exit_code == USAGE
