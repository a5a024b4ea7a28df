"""Every way a command can end: its exit code, its sentence, and how to come back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from cli_world import KEY, PNG, Shell

from gmigen.client_cli.endings import code_of
from gmigen.emulator import faults
from gmigen.runtime import errors

RUN = ("run", "now/1.5", "prompt=x")


def test_a_failed_job_ends_with_1_and_its_reason(shell: Shell) -> None:
    shell.running.faults.add("job", faults.Failed("too many boats"))
    result = shell(*RUN, "-o", "a.png")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "too many boats" in result.stderr
    assert "Come back" not in result.stderr


def test_a_cancelled_job_ends_with_1(shell: Shell) -> None:
    shell.running.faults.add("job", faults.Cancelled())
    assert shell(*RUN).exit_code == 1


def test_a_failed_job_is_a_document_too(shell: Shell) -> None:
    shell.running.faults.add("job", faults.Failed({"code": 7, "message": "too many boats"}))
    result = shell(*RUN, "--json")
    told = json.loads(result.stdout)
    assert result.exit_code == 1
    assert told["id"] == shell.running.ledger.billed_jobs[0]
    assert told["status"] == "failed"
    assert told["error"]["type"] == "JobFailedError"
    assert (told["error"]["reason"], told["error"]["code"]) == ("too many boats", "7")


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        (["promt=x"], "promt: unknown; did you mean prompt?"),
        (["prompt=x", "duration_seconds=7"], 'duration_seconds: not one of the options (allowed: '
         '"8", "6")'),
        (["prompt=x", "seed=11"], "seed: out of bounds (allowed: a whole number from -1 to 10)"),
        (["prompt=x", "fps=many"], "fps: not one of the options"),
        (["prompt=x", "boat"], "boat: write it as name=value, or name:=json"),
        (["prompt=x", "image=@gone.png"], "image: gone.png cannot be read: No such file"),
        (["prompt=x", "references=@words.txt"], "references: words.txt is a text, although"),
        (["prompt=x", 'image:="@a\\u0000b"'], "image: what follows @ cannot be the name of a file"),
        (["prompt=x", "image=words.txt"], "on this command line a local file is image=@FILE"),
    ],
)  # fmt: skip
def test_an_invalid_request_ends_with_2_before_anything_is_sent(
    shell: Shell, values: list[str], sentence: str
) -> None:
    (shell.home / "words.txt").write_text("no picture")
    result = shell("run", "Boat", *values)
    assert result.exit_code == 2
    assert sentence in result.stderr
    assert result.stdout == ""
    assert not shell.running.ledger.entries


def test_json_without_a_floor_ends_with_2(shell: Shell) -> None:
    result = shell("submit", "Unlisted", "x:=" + "[" * 900 + "]" * 900)
    assert result.exit_code == 2
    assert not shell.running.ledger.entries


def test_every_fault_of_a_request_is_told_in_the_document(shell: Shell) -> None:
    told = json.loads(shell("submit", "Boat", "promt=x", "seed=99", "--json").stdout)
    assert told["error"]["type"] == "InvalidRequestError"
    assert {fault["field"] for fault in told["error"]["faults"]} == {"prompt", "promt", "seed"}


def test_a_file_in_the_way_is_told_before_a_job_is_paid_for(shell: Shell) -> None:
    (shell.home / "boat.mp4").write_bytes(b"mine")
    result = shell("run", "Boat", "prompt=x", "-o", "boat.mp4")
    assert result.exit_code == 2
    assert "boat.mp4 exists already" in result.stderr
    assert not shell.running.ledger.entries


def test_a_file_in_the_way_in_a_folder_is_left_alone(shell: Shell) -> None:
    identity = shell("submit", "now/1.5", "prompt=x").stdout.strip()
    assert shell("wait", identity, "-o", "made").exit_code == 0
    (saved,) = (shell.home / "made").iterdir()
    saved.write_bytes(b"mine")
    result = shell("wait", identity, "-o", "made")
    assert result.exit_code == 2
    assert "exists already" in result.stderr
    assert f"gmi wait {identity} -o ANOTHER_PLACE" in result.stderr
    assert saved.read_bytes() == b"mine"


@pytest.mark.parametrize(
    "environment",
    [
        {"GMI_API_KEY": None},
        {"GMI_API_KEY": "two words"},
        {"GMI_BASE_URL": "http://example.com/api"},
        {"GMI_BASE_URL": "https://api.example.com/v1"},
    ],
)
def test_settings_that_cannot_work_end_with_2(
    shell: Shell, environment: dict[str, str | None]
) -> None:
    result = shell("status", "j1", **environment)
    assert result.exit_code == 2
    assert result.stderr.startswith("gmi: ")
    assert not shell.running.ledger.entries


@pytest.mark.parametrize(
    "arguments",
    [("run",), ("runn",), ("jobs", "--limit", "0"), ("wait", "j1", "--timeout", "-1"), ("wait",)],
)
def test_wrong_usage_ends_with_2(shell: Shell, arguments: tuple[str, ...]) -> None:
    assert shell(*arguments).exit_code == 2


def test_an_id_nobody_knows_ends_with_2(shell: Shell) -> None:
    assert shell("status", "j1").exit_code == 2
    assert shell("wait", "j1").exit_code == 2
    assert "Did you mean Unlisted?" in shell("submit", "unlisted", "prompt=x").stderr


def test_running_out_of_time_ends_with_3_and_the_way_back(shell: Shell) -> None:
    shell.running.faults.add("job", faults.Stuck())
    result = shell("run", "Boat", "prompt=x", "--timeout", "0")
    (identity,) = shell.running.ledger.billed_jobs
    assert result.exit_code == 3
    assert result.stdout == ""
    assert f"gmi wait {identity}" in result.stderr
    told = json.loads(shell("wait", identity, "--timeout", "0", "--json").stdout)
    assert (told["id"], told["error"]["type"]) == (identity, "JobTimeoutError")


def test_a_submission_nobody_knows_the_end_of_is_looked_up_and_not_repeated(shell: Shell) -> None:
    shell.running.faults.add("submit", faults.Reset(process=True))
    result = shell("run", "Boat", "prompt=x")
    (identity,) = shell.running.ledger.billed_jobs
    assert result.exit_code == 3
    assert f"gmi wait {identity}" in result.stderr
    assert "gmi jobs --model Boat" in result.stderr
    assert len(shell.running.ledger.posts()) == 1
    assert json.loads(shell.journal.read_text().splitlines()[1])["event"] == "unknown"


def test_a_submission_that_named_its_job_is_told_by_it(shell: Shell) -> None:
    shell.running.faults.add("submit", faults.Capacity(process=True))
    result = shell("submit", "Boat", "prompt=x", "--json")
    (identity,) = shell.running.ledger.billed_jobs
    assert result.exit_code == 3
    assert json.loads(result.stdout)["id"] == identity
    assert not shell.running.ledger.requests(route="list")


def test_a_job_list_that_cannot_be_read_leaves_the_question_open(shell: Shell) -> None:
    shell.running.faults.add("submit", faults.Reset(process=True))
    shell.running.faults.add("list", faults.Status(401), nth=None)
    result = shell("submit", "Boat", "prompt=x")
    assert result.exit_code == 3
    assert "The job list could not be read" in result.stderr


def test_a_refused_key_ends_with_4_even_when_the_api_repeats_it(shell: Shell) -> None:
    shell.running.faults.add("models", faults.Status(401, f"unknown key {KEY}"))
    result = shell("models")
    assert result.exit_code == 4
    assert "GMI_API_KEY" in result.stderr


def test_an_api_that_is_not_there_ends_with_4(shell: Shell) -> None:
    with shell.running.down():
        result = shell("status", "j1")
    assert result.exit_code == 4
    assert "gmi wait j1" in result.stderr


def test_an_empty_account_ends_with_4_and_nothing_started(shell: Shell) -> None:
    shell.running.faults.add("submit", faults.Status(402, "Insufficient credits"))
    result = shell(*RUN)
    assert result.exit_code == 4
    assert "Add credits" in result.stderr
    assert "Come back" not in result.stderr


def test_a_file_that_cannot_be_fetched_ends_with_4_and_the_job_is_well(shell: Shell) -> None:
    shell.running.faults.add("media", faults.Status(404), nth=None)
    result = shell(*RUN, "-o", "a b.png")
    (identity,) = shell.running.ledger.billed_jobs
    assert result.exit_code == 4
    assert f"gmi wait {identity} -o 'a b.png'" in result.stderr
    assert not (shell.home / "a b.png").exists()


def test_a_success_without_a_file_to_save_ends_with_4_and_the_way_to_its_outcome(
    shell: Shell,
) -> None:
    shell.running.faults.add("job", faults.Outcome({"element_id": "e1"}))
    result = shell(*RUN, "-o", "a.png")
    (identity,) = shell.running.ledger.billed_jobs
    assert result.exit_code == 4
    assert result.stderr.endswith(f"gmi: Come back with: gmi wait {identity}\n")


def test_storage_that_refuses_an_upload_ends_with_4_and_nothing_submitted(shell: Shell) -> None:
    (shell.home / "a.png").write_bytes(PNG)
    shell.running.faults.add("put", faults.Status(411), nth=None)
    result = shell("submit", "Boat", "prompt=x", "image=@a.png")
    assert result.exit_code == 4
    assert not shell.running.ledger.posts()


def test_a_fault_of_the_program_itself_is_a_sentence_too(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    # All that has this number from there was imported before it is another.
    assert shell("jobs").exit_code == 0
    monkeypatch.setattr(
        "made_inference.runtime.protocol.job_list.PAGE", "a text in place of a number"
    )
    result = shell("jobs")
    assert result.exit_code == 70
    assert (
        "fault of gmi itself (TypeError at made_inference.runtime.protocol.job_list"
        in result.stderr
    )


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.JobFailedError(), 1),
        (errors.JobCancelledError(), 1),
        (errors.InvalidRequestError(), 2),
        (errors.ConfigurationError(), 2),
        (errors.BadRequestError(), 2),
        (errors.ModelNotFoundError(), 2),
        (errors.JobNotFoundError(), 2),
        (errors.JobTimeoutError(), 3),
        (errors.SubmissionUnknownError(), 3),
        (errors.AuthenticationError(), 4),
        (errors.PermissionDeniedError(), 4),
        (errors.InsufficientCreditsError(), 4),
        (errors.RateLimitError(), 4),
        (errors.InternalServerError(), 4),
        (errors.NotFoundError(), 4),
        (errors.APIConnectionError(), 4),
        (errors.JobUnreachableError(), 4),
        (errors.UploadError(), 4),
        (errors.DownloadError(), 4),
        (errors.ProtocolError(), 4),
        (RuntimeError(), 70),
    ],
)
def test_each_error_has_its_exit_code(error: Exception, code: int) -> None:
    assert code_of(error) == code


def test_every_error_of_the_client_has_been_given_an_exit_code() -> None:
    def below(kind: type[Any]) -> set[type[Any]]:
        return {kind, *(found for child in kind.__subclasses__() for found in below(child))}

    assert {code_of(kind()) for kind in below(errors.GMIError)} == {1, 2, 3, 4}


def test_a_payload_the_vendor_refused_is_an_invalid_request(shell: Shell) -> None:
    shell.running.faults.add("submit", faults.Status(500, "Backend error (400): bad value"))
    assert shell(*RUN).exit_code == 2


def test_the_way_back_is_safe_to_paste_whatever_the_api_calls_a_job(shell: Shell) -> None:
    hostile = {"request_id": "j1; rm -rf ~", "model": "now/1.5", "status": "queued"}
    shell.running.faults.add("submit", faults.Status(200, body=hostile))
    result = shell(*RUN, "--timeout", "0", "-o", "made")
    assert result.exit_code == 3
    assert result.stderr.endswith("Come back with: gmi wait 'j1; rm -rf ~' -o made\n")
