"""Ids that the API is known to have and that have no class: the client knows them, and says so."""

from __future__ import annotations

import logging
import subprocess
import sys

import pytest
from click.testing import CliRunner

import gmi_inference
from gmi_inference import Client
from gmi_inference.cli.commands import gmi
from gmi_inference.models import request_class
from gmi_inference.models._known import KNOWN
from gmi_inference.models._prices import PRICES
from gmigen.catalog.snapshot import known_by_name
from gmigen.emulator import emulator

KEY = "sk-a-key-for-this-test"
BY_NAME = "its parameters are not known"


def test_the_package_knows_every_id_of_the_lists_once() -> None:
    living = {model_id.casefold() for model_id in known_by_name()} - {k.casefold() for k in KNOWN}
    assert len(living) == 109
    assert len(KNOWN) > 90
    assert list(KNOWN) == sorted(KNOWN, key=lambda m: (m.casefold(), m))
    assert {"sora-2", "vidu-q2-t2v", "Chirstmas Postcard", "luma-uni-1.1"} <= {*KNOWN}


def test_neither_they_nor_prices_are_loaded_with_the_package() -> None:
    code = (
        "import sys, gmi_inference.models\n"
        "from gmi_inference.models import Veo3Request\n"
        "request = Veo3Request(prompt='a boat')\n"
        "loaded = [n for n in sys.modules if n.endswith(('_known', '_prices'))]\n"
        "assert loaded == [], loaded\n"
        "assert request.estimate().low\n"
        "assert 'gmi_inference.models._prices' in sys.modules"
    )
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("model_id", "told", "not_told"),
    [
        ("sora-2", BY_NAME, "Did you mean"),
        ("sora2", "Did you mean sora-2", BY_NAME),
        ("Sora-2", "Did you mean sora-2", BY_NAME),
        ("veo3", "Did you mean Veo3", BY_NAME),
        ("nothing-like-any", "untyped", "Did you mean"),
    ],
)
def test_an_id_without_a_class_is_told_apart(model_id: str, told: str, not_told: str) -> None:
    with pytest.raises(gmi_inference.ModelNotFoundError) as caught:
        request_class(model_id)
    assert told in str(caught.value)
    assert not_told not in str(caught.value)


@pytest.mark.parametrize(("model_id", "told"), [("sora-2", BY_NAME), ("sora2", "Did you mean")])
def test_an_untyped_submission_says_so_and_goes_out(
    caplog: pytest.LogCaptureFixture, model_id: str, told: str
) -> None:
    caplog.set_level(logging.WARNING, "gmi_inference")
    kinds = {"sora-2": "video", "sora2": "video"}
    with emulator({}, unknown_models="accept", kinds=kinds, job_seconds=0) as api:  # type: ignore[arg-type]
        with Client(KEY, base_url=api.base_url) as client:
            client.submit(model_id, {"prompt": "a boat"})
            said = [line for line in caplog.messages if "request class" in line]
            assert [told in line for line in said] == [True]
            client.submit(model_id, {"prompt": "a boat"}, unchecked=True)
            again = [line for line in caplog.messages if "request class" in line]
            assert again == said, "who asks for no checks is told nothing"
        assert len(api.log.posts()) == 2


@pytest.mark.parametrize(("model_id", "told"), [("sora-2", BY_NAME), ("sora2", "Did you mean")])
def test_the_command_says_so_too(model_id: str, told: str) -> None:
    done = CliRunner().invoke(gmi, ["submit", model_id, "prompt=a boat", "--dry-run"])
    assert done.exit_code == 0, done.output
    assert told in done.stderr
    assert "not known: no price of this model is published" in done.stderr


def test_every_priced_id_has_a_class() -> None:
    assert len(PRICES) == 80
    assert all(model_id == request_class(model_id).MODEL_ID for model_id in PRICES)
