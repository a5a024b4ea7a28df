"""Submitting, waiting and asking from a shell, over the emulator's ledger."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cli_world import PNG, PROMPT, SERVED, Shell

from gmigen.client_cli.commands import gmi
from gmigen.emulator import faults


def sent(shell: Shell) -> dict[str, Any]:
    """The payload of the one submission there was."""
    (post,) = shell.running.ledger.posts()
    payload: dict[str, Any] = post.json["payload"]
    return payload


def document(text: str) -> dict[str, Any]:
    """The one JSON document that is all of `text`."""
    (line,) = text.splitlines()
    found: dict[str, Any] = json.loads(line)
    return found


def test_run_submits_once_waits_and_saves_the_file(shell: Shell) -> None:
    result = shell("run", "Boat", "prompt=x", "duration_seconds=6", "-o", "boat.mp4")
    assert result.exit_code == 0, result.output
    assert result.stdout == "boat.mp4\n"
    assert (shell.home / "boat.mp4").read_bytes()
    assert sent(shell) == {"prompt": "x", "durationSeconds": "6"}
    assert [line.partition(": ")[2] for line in result.stderr.splitlines()[-2:]] == [
        "queued",
        "done (success)",
    ]


def test_values_reach_the_api_with_the_types_the_model_takes(shell: Shell) -> None:
    shell(
        "submit", "Boat", "prompt=5", "durationSeconds=8", "fps=24", "seed=-1", "strength=1",
        "audio=true", "image=https://a/b.png",
        'extra_payload:={"new": [1]}',
    )  # fmt: skip
    assert sent(shell) == {
        "prompt": "5",
        "durationSeconds": "8",
        "fps": 24,
        "seed": -1,
        "strength": 1.0,
        "audio": True,
        "image": "https://a/b.png",
        "new": [1],
    }


def test_local_files_are_uploaded_without_the_key_and_sent_as_urls(shell: Shell) -> None:
    (shell.home / "a.png").write_bytes(PNG)
    (shell.home / "b.png").write_bytes(PNG + b"b")
    result = shell(
        "submit", "Boat", "prompt=x", "image=@a.png", "references=@a.png", "references=@b.png"
    )
    assert result.exit_code == 0, result.output
    payload = sent(shell)
    assert payload["image"].startswith(shell.running.files_url)
    assert payload["references"][0] == payload["image"] != payload["references"][1]
    assert not shell.running.ledger.auth_seen_on_foreign_host


def test_submit_prints_the_id_alone(shell: Shell) -> None:
    result = shell("submit", "Boat", "prompt=x")
    assert (result.stdout.strip(),) == shell.running.ledger.billed_jobs


def test_a_model_the_package_does_not_know_is_submitted_unchecked(shell: Shell) -> None:
    (shell.home / "a.png").write_bytes(PNG)
    result = shell("submit", "Unlisted", "prompt=@a.png", "n=5", "n:=6")
    assert result.exit_code == 0, result.output
    assert "no request class for Unlisted" in result.stderr
    assert sent(shell)["prompt"].startswith(shell.running.files_url)
    assert sent(shell)["n"] == ["5", 6]


def test_wait_takes_up_a_job_and_saves_into_a_folder(shell: Shell) -> None:
    identity = shell("submit", "Boat", "prompt=x").stdout.strip()
    result = shell("wait", identity, "-o", "made/")
    assert result.exit_code == 0
    assert [str(path.relative_to(shell.home)) for path in shell.home.glob("made/*")] == [
        result.stdout.strip()
    ]


def test_run_without_a_place_prints_the_urls(shell: Shell) -> None:
    result = shell("run", "now/1.5", "prompt=x")
    (url,) = result.stdout.splitlines()
    assert url.startswith(shell.running.files_url)
    assert not shell.running.ledger.requests(route="media")


def test_an_outcome_without_a_file_is_printed_itself(shell: Shell) -> None:
    shell.running.faults.add("job", faults.Outcome({"element_id": "e1"}))
    assert json.loads(shell("run", "now/1.5", "prompt=x").stdout) == {"element_id": "e1"}


def test_a_file_that_came_inline_is_not_printed_but_can_be_saved(shell: Shell) -> None:
    inline = {"inlineData": {"mimeType": "image/png", "data": "aGVsbG8="}}
    outcome = {"candidates": [{"content": {"parts": [inline]}}]}
    shell.running.faults.add("job", faults.Outcome(outcome), nth=None)
    printed = shell("run", "now/1.5", "prompt=x")
    assert printed.stdout == ""
    identity = shell.running.ledger.billed_jobs[0]
    assert f"gmi wait {identity} -o FILE" in printed.stderr
    assert shell("wait", identity, "-o", "a.png").exit_code == 0
    assert (shell.home / "a.png").read_bytes() == b"hello"


def test_json_is_one_document_and_nothing_else(shell: Shell) -> None:
    told = document(shell("run", "now/1.5", "prompt=x", "-o", "a.png", "--json").stdout)
    assert told["status"] == "success"
    assert told["model"] == "now/1.5"
    assert told["saved"] == ["a.png"]
    assert told["artifacts"][0]["kind"] == "image"
    assert told["artifacts"][0]["url"] == told["outcome"]["media_urls"][0]["url"]
    submitted = document(shell("submit", "Boat", "prompt=x", "--json").stdout)
    assert submitted["id"] in shell.running.ledger.billed_jobs
    assert document(shell("status", told["id"], "--json").stdout)["status"] == "success"
    assert document(shell("wait", told["id"], "--json").stdout)["saved"] == []
    (shell.home / "b.png").write_bytes(PNG)
    assert document(shell("upload", "b.png", "--json").stdout)["url"]
    assert [one["id"] for one in json.loads(shell("models", "--json").stdout)] == [*SERVED]


def test_jobs_are_listed_one_a_line(shell: Shell) -> None:
    first = shell("submit", "Boat", "prompt=x").stdout.strip()
    second = shell("submit", "now/1.5", "prompt=x").stdout.strip()
    lines = [line.split("\t") for line in shell("jobs").stdout.splitlines()]
    assert {(line[0], line[3]) for line in lines} == {(first, "Boat"), (second, "now/1.5")}
    assert all(line[2].endswith("Z") for line in lines)
    only = shell("jobs", "--model", "boat", "--json").stdout.splitlines()
    assert [json.loads(line)["id"] for line in only] == [first]
    assert len(shell("jobs", "--limit", "1").stdout.splitlines()) == 1


def test_status_is_one_word_and_the_reason_of_a_failure_is_beside_it(shell: Shell) -> None:
    shell.running.faults.add("job", faults.Failed("too many boats"))
    identity = shell("submit", "Boat", "prompt=x").stdout.strip()
    result = shell("status", identity)
    assert result.exit_code == 0
    assert result.stdout == "failed\n"
    assert "too many boats" in result.stderr


def test_upload_prints_the_url(shell: Shell) -> None:
    (shell.home / "a.png").write_bytes(PNG)
    (line,) = shell("upload", "a.png").stdout.splitlines()
    assert line.startswith(shell.running.files_url)
    (put,) = shell.running.ledger.requests(route="put")
    assert put.body_size == len(PNG)


def test_a_known_model_is_told_without_asking_the_api_and_without_a_key(shell: Shell) -> None:
    result = shell("models", "Boat", GMI_API_KEY=None)
    assert result.exit_code == 0
    assert 'duration_seconds (text): One of "8", "6".' in result.stdout
    assert "seed (integer): From -1 to 10." in result.stdout
    assert "references (list of image): At most 3 elements." in result.stdout
    assert "$0.152 per second" in result.stdout
    assert "gmi run Boat prompt='a paper boat in rain'" in result.stdout
    told = document(shell("models", "Boat", "--json", GMI_API_KEY=None).stdout)
    assert told["price"] == {"micro_dollars": 152000, "unit": "second", "details": ""}
    assert told["payload_schema"]["required"] == ["prompt"]
    assert not shell.running.ledger.entries


def test_an_unknown_model_is_told_as_the_api_has_it(shell: Shell) -> None:
    assert json.loads(shell("models", "Unlisted").stdout)["model"] == "Unlisted"
    assert document(shell("models", "Unlisted", "--json").stdout)["model"] == "Unlisted"


def test_every_submission_is_in_a_journal_only_its_owner_can_read(shell: Shell) -> None:
    shell("submit", "Boat", f"prompt={PROMPT}")
    lines = [json.loads(line) for line in shell.journal.read_text().splitlines()]
    assert [line["event"] for line in lines] == ["intent", "accepted"]
    assert lines[1]["request_id"] == shell.running.ledger.billed_jobs[0]
    assert shell.journal.stat().st_mode & 0o777 == 0o600
    assert shell.journal.parent.stat().st_mode & 0o777 == 0o700


def test_the_journal_can_be_moved_and_switched_off(shell: Shell) -> None:
    shell("submit", "Boat", "prompt=x", GMI_JOURNAL="other.jsonl")
    assert len((shell.home / "other.jsonl").read_text().splitlines()) == 2
    assert shell("submit", "Boat", "prompt=x", GMI_JOURNAL="off").exit_code == 0
    assert [path.name for path in shell.home.iterdir()] == ["other.jsonl"]


def test_without_a_place_for_the_journal_the_submission_is_made_and_told(shell: Shell) -> None:
    (shell.home / "state").write_text("in the way")
    result = shell("submit", "Boat", "prompt=x")
    assert result.exit_code == 0
    assert "no journal is kept" in result.stderr
    assert len(shell.running.ledger.billed_jobs) == 1


def test_no_key_and_no_prompt_is_in_any_file_left_behind(shell: Shell) -> None:
    shell("run", "Boat", f"prompt={PROMPT}", "-o", "made/")
    written = [path for path in shell.home.rglob("*") if path.is_file()]
    assert len(written) == 2
    assert not [path for path in written if b"CANARY" in path.read_bytes()]


@pytest.mark.parametrize("command", sorted(gmi.commands))
def test_no_command_has_an_option_for_the_key(shell: Shell, command: str) -> None:
    told = shell(command, "--help")
    assert told.exit_code == 0
    # `--key` names a submission.
    assert "key" not in told.stdout.lower().replace("--key name", "")
    assert ("--json" in told.stdout) is (command not in ("mcp", "batch"))


def test_every_command_of_a_batch_speaks_json(shell: Shell) -> None:
    group = gmi.commands["batch"]
    assert sorted(group.commands) == ["cancel-rest", "report", "resume", "run", "status", "work"]
    for command in group.commands:
        told = shell("batch", command, "--help")
        assert "--json" in told.stdout
        assert "api" not in told.stdout.lower().replace("the api cannot", "")


def test_inside_the_generator_every_model_is_untyped() -> None:
    from gmigen.client_cli.classes import request_class

    assert request_class("Boat") is None
    assert not (Path(__file__).parents[2] / "generator/gmigen/models").exists()


def test_a_key_pays_once_and_is_told(shell: Shell) -> None:
    first = shell("submit", "Boat", "prompt=x", "--key", "row-17", "--json")
    assert document(first.stdout)["key"] == "row-17"
    again = shell("run", "Boat", "prompt=x", "--key", "row-17", "--json")
    assert again.exit_code == 0, again.output
    told = document(again.stdout)
    assert (told["id"], told["key"]) == (document(first.stdout)["id"], "row-17")
    other = shell("submit", "Boat", "prompt=y", "--key", "row-17")
    assert other.exit_code == 2
    assert "key: it stands for another request" in other.stderr
    assert shell.running.ledger.billed_jobs == (told["id"],)
    assert len(shell.running.ledger.posts()) == 1


def test_a_key_without_a_journal_is_refused(shell: Shell) -> None:
    result = shell("submit", "Boat", "prompt=x", "--key", "row-17", GMI_JOURNAL="off")
    assert result.exit_code == 2
    assert "--key needs a journal" in result.stderr
    assert shell.running.ledger.posts() == ()


def test_the_api_key_is_refused_as_a_name_and_written_nowhere(shell: Shell) -> None:
    result = shell("submit", "Boat", "prompt=x", "--key", shell.environment["GMI_API_KEY"])
    assert result.exit_code == 2
    assert "it holds an API key" in result.stderr
    assert shell.running.ledger.posts() == ()
    written = [path for path in shell.home.rglob("*") if path.is_file()]
    assert not [path for path in written if b"CANARY" in path.read_bytes()]
