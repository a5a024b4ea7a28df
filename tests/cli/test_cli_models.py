"""Models in a shell: found, listed, told, and begun with."""

from __future__ import annotations

import json
import re
import shlex
from importlib import import_module
from typing import Any

import pytest
from cli_world import TYPED, Shell
from test_cli_jobs import document, sent

from gmigen.emulator import faults

KEYLESS: dict[str, Any] = {"GMI_API_KEY": None}
PYTHON = re.compile(
    r"\w=True|Path\(|api_key=|base_url=|client\.|allow_empty|\bNone\b|\[got (str|int)"
)


@pytest.mark.row("shell")
def test_without_a_key_the_models_of_the_package_are_listed_with_what_goes_in_and_the_price(
    shell: Shell,
) -> None:
    told = shell("models", **KEYLESS)
    lines = dict(line.split("\t", 1) for line in told.stdout.splitlines())
    assert told.exit_code == 0
    assert set(lines) == set(TYPED)
    assert lines["Boat"] == "text, image\tvideo\t$0.152 per second"
    assert lines["now/1.5"] == "text\timage\t-"
    assert "asked nobody" in told.stderr
    listed: Any = document(shell("models", "--json", **KEYLESS).stdout)
    assert {one["id"] for one in listed} == set(TYPED)
    (boat,) = (one for one in listed if one["id"] == "Boat")
    assert (boat["takes"], boat["gives"]) == (["text", "image"], ["video"])
    assert boat["price"] == {"line": "$0.152 per second", "low": 1.216, "high": 1.216}
    assert not shell.running.ledger.entries


@pytest.mark.parametrize(
    ("options", "ids"),
    [
        (["--takes", "image"], {"Boat", "Frames-2", "Shots"}),
        (["--takes", "image", "--max-price", "100"], {"Boat"}),
        (["--takes", "image", "--max-price", "0.01"], set()),
        (["boa", "--takes", "image"], {"Boat"}),
    ],
)
def test_models_are_chosen_by_what_they_take_and_cost(
    shell: Shell, options: list[str], ids: set[str]
) -> None:
    told = shell("models", *options, **KEYLESS)
    assert told.exit_code == 0
    assert {line.partition("\t")[0] for line in told.stdout.splitlines()} == ids
    assert ids or "no model is all of this" in told.stderr
    assert not shell.running.ledger.entries


def test_what_no_model_takes_is_a_sentence(shell: Shell) -> None:
    told = shell("models", "--takes", "audoi", **KEYLESS)
    assert told.exit_code == 2
    assert "audio" in told.stderr


@pytest.mark.row("shell")
@pytest.mark.parametrize(
    ("words", "hits"),
    [
        (["BOA"], ["Boat"]),
        (["rain", "boats"], ["Boat"]),  # in its description
        (["frames"], ["Frames-2"]),
        (["Shotz"], ["Shots"]),  # reads alike
        (["unlist"], ["Unlisted"]),  # known to the API only
    ],
)
def test_words_find_models(shell: Shell, words: list[str], hits: list[str]) -> None:
    told = shell("models", *words)
    assert told.exit_code == 0, told.output
    assert [line.split("\t")[0] for line in told.stdout.splitlines()] == hits
    if hits != ["Unlisted"]:
        assert shell("models", *words, **KEYLESS).stdout == told.stdout


def test_an_empty_catalogue_is_an_empty_list(shell: Shell) -> None:
    shell.running.faults.add("models", faults.Status(200, body="[]"))
    told = shell("models")
    assert (told.exit_code, told.stdout) == (0, "")


@pytest.mark.row("shell")
def test_words_that_find_nothing_end_with_2(shell: Shell) -> None:
    for environment in ({}, KEYLESS):
        told = shell("models", "zzzzqq", **environment)
        assert told.exit_code == 2
        assert "No model is found by zzzzqq" in told.stderr


@pytest.mark.row("shell")
@pytest.mark.parametrize("spelled", ["boat", "BOAT", "bOaT"])
def test_an_id_is_found_in_any_letter_case_and_that_is_said(shell: Shell, spelled: str) -> None:
    told = shell("submit", spelled, "prompt=x")
    assert told.exit_code == 0
    assert "gmi: Boat is meant." in told.stderr
    (post,) = shell.running.ledger.posts()
    assert post.json["model"] == "Boat"
    assert "Boat is meant" in shell("models", spelled).stderr


@pytest.mark.row("shell")
def test_an_id_in_another_case_is_checked_like_the_one_that_is_meant(shell: Shell) -> None:
    told = shell("submit", "boat", "promt=x")
    assert told.exit_code == 2
    assert "did you mean prompt?" in told.stderr
    assert not shell.running.ledger.entries


@pytest.mark.row("shell")
def test_ids_that_differ_in_case_alone_are_not_guessed_at(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    classes = import_module("made_inference.cli.classes")
    boat = classes.request_class("Boat")
    other = type("Other", (boat,), {"MODEL_ID": "bOAT", "__doc__": "x"})
    monkeypatch.setattr(classes, "all_classes", lambda: (boat, other))
    told = shell("submit", "boat", "prompt=x")
    assert told.exit_code == 2
    assert "Boat or bOAT" in told.stderr
    assert not shell.running.ledger.entries


@pytest.mark.row("shell")
def test_an_id_nobody_knows_is_told_what_it_reads_like(shell: Shell) -> None:
    told = shell("submit", "Boots", "prompt=x")
    assert "goes unchecked. Did you mean Boat" in told.stderr


@pytest.mark.row("shell")
def test_members_of_nested_objects_are_told(shell: Shell) -> None:
    told = shell("models", "Shots", **KEYLESS).stdout
    assert "shots (list of object):" in told
    assert "        still (image): Required." in told
    assert '        pace (text): One of "slow", "fast".' in told
    assert "            tilt (integer): At most 45." in told


@pytest.mark.row("shell")
@pytest.mark.parametrize("command", ["run", "submit"])
def test_help_with_a_model_tells_the_model(shell: Shell, command: str) -> None:
    for arguments in (("Boat", "--help"), ("boat", "prompt=x", "-h"), ("-h", "Boat")):
        told = shell(command, *arguments, **KEYLESS)
        assert told.exit_code == 0
        assert "seed (integer): From -1 to 10." in told.stdout
        assert told.stdout.endswith(f"and the options: gmi {command} --help\n")
    unknown = shell(command, "Boot", "--help", **KEYLESS)
    assert "Options:" in unknown.stdout
    assert "no request class for Boot. Did you mean Boat" in unknown.stderr
    assert not shell.running.ledger.entries


@pytest.mark.row("U4")
@pytest.mark.parametrize("model", TYPED)
def test_a_command_to_begin_with_is_a_complete_request(shell: Shell, model: str) -> None:
    told = shell("models", model, **KEYLESS).stdout
    program, *arguments = shlex.split(told.partition("Begin with:\n")[2].strip())
    assert (program, arguments[:2]) == ("gmi", ["run", model])
    result = shell(*arguments)
    assert result.exit_code == 0, result.output
    assert len(shell.running.ledger.billed_jobs) == 1


@pytest.mark.row("U4")
def test_every_bundled_model_has_a_complete_request_to_begin_with() -> None:
    from gmigen.client_cli.classes import wire_names
    from gmigen.client_cli.example import example
    from gmigen.client_cli.values import values

    models = import_module("gmi_inference.models")
    for name in models.__all__:
        cls: Any = getattr(models, name)
        if not hasattr(cls, "MODEL_ID") or hasattr(cls, "REMOVED"):
            continue
        schema, names = cls.payload_schema(), wire_names(cls)
        arguments = [shlex.split(argument)[0] for argument in example(schema, names)]
        assert cls(**values(arguments, schema, names)).payload(), cls.MODEL_ID


@pytest.mark.row("U4")
@pytest.mark.parametrize("model", ["Frames-2", "Unlisted"])
def test_an_empty_request_is_refused_before_anything_is_sent(shell: Shell, model: str) -> None:
    told = shell("run", model)
    assert told.exit_code == 2
    assert "--allow-empty" in told.stderr
    assert not PYTHON.search(told.output)
    assert not shell.running.ledger.entries


@pytest.mark.row("U4")
def test_an_empty_request_is_sent_when_it_is_meant(shell: Shell) -> None:
    assert shell("submit", "Frames-2", "--allow-empty").exit_code == 0
    assert sent(shell) == {}


@pytest.mark.row("U4")
def test_a_model_without_parameters_is_asked_for_nothing(shell: Shell) -> None:
    assert shell("submit", "Bare").exit_code == 0
    assert sent(shell) == {}


@pytest.mark.row("shell")
def test_a_dry_run_prints_the_exact_request_and_sends_nothing(shell: Shell) -> None:
    (shell.home / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(64))
    arguments = ("boat", "prompt=böat", "duration_seconds=6", "image=@a.png", "--dry-run")
    for command in ("run", "submit"):
        told = shell(command, *arguments, **KEYLESS)
        assert told.exit_code == 0, told.output
        payload = {"prompt": "böat", "durationSeconds": "6", "image": "@a.png"}
        assert json.loads(told.stdout) == {"model": "Boat", "payload": payload}
        assert "Price: $0.912.\ngmi: That is 6 x $0.152 per second = $0.912." in told.stderr
        assert document(shell(command, *arguments, "--json").stdout) == json.loads(told.stdout)
    assert not shell.running.ledger.entries
    assert not shell.journal.exists()


@pytest.mark.row("shell")
def test_unchecked_sends_what_the_class_refuses_under_wire_names(shell: Shell) -> None:
    assert shell("submit", "Boat", "duration_seconds=6", "seed=99").exit_code == 2
    told = shell(
        "submit", "Boat", "duration_seconds=6", "seed=99", "new=x", 'extra_payload:={"y": 1}',
        "--unchecked",
    )  # fmt: skip
    shell.running.faults.add("submit", faults.Status(400, "no"))
    assert shell.running.ledger.posts()[0].json["payload"] == {
        "durationSeconds": "6", "seed": 99, "new": "x", "y": 1,
    }  # fmt: skip
    assert "unchecked" not in told.stderr


@pytest.mark.row("shell")
@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["--prompt", "a boat"], "prompt='a boat'"),
        (["--prompt=x"], "prompt=x"),
        (["--duration-seconds", "6", "prompt=x"], "duration_seconds=6"),
        (["-prompt", "x"], "prompt=x"),
        (["--audio"], "audio=..."),
        (["--audio", "--fps"], "audio=..."),
    ],
)
def test_an_option_that_is_a_parameter_gets_a_hint(
    shell: Shell, arguments: list[str], hint: str
) -> None:
    told = shell("run", "Boat", *arguments)
    assert told.exit_code == 2
    assert told.stderr.rstrip().endswith(f"written without dashes: {hint}")


def test_a_key_on_the_command_line_is_not_repeated(shell: Shell) -> None:
    told = shell("run", "Boat", "--api-key", "sk-CANARY-0123456789", "prompt=x")
    assert told.exit_code == 2
    assert "GMI_API_KEY" in told.stderr


@pytest.mark.row("shell")
@pytest.mark.parametrize(
    ("arguments", "environment"),
    [
        (("run", "Boat", "prompt:=5", "seed=x", "image=a.png", "audio=7"), {}),
        (("run", "Boat", "prompt:=null", "image:=5", "fps:={}", "references:=7"), {}),
        (("run", "Shots", 'shots:=[{"still": "a.png"}, 5]', "title:=true", "speed=x"), {}),
        (("status", "j1"), KEYLESS),
        (("status", "j1"), {"GMI_BASE_URL": "https://x/v1"}),
        (("submit", "Frames-2"), {}),
        (("submit", "Boat", "prompt=x"), {"GMI_JOURNAL": "."}),
        (("run", "Boat", "prompt=x", "--timeout", "0"), {}),
        (("wait", "j1", "-o", "x" * 300), {}),
    ],
)
def test_no_word_of_python_leaks_into_a_shell(
    shell: Shell, arguments: tuple[str, ...], environment: dict[str, Any]
) -> None:
    shell.running.faults.add("job", faults.Stuck())
    for more in ((), ("--json",)):
        told = shell(*arguments, *more, **environment)
        assert told.exit_code in (2, 3)
        assert not PYTHON.search(told.output.replace("None of", "")), told.output
