"""The file that is kept: free of secrets, and believed only as it was written."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from conformance_world import KEY, ORG, PROMPT, checked, world

from gmigen.beliefs.marks import NEVER, compared, marks, told
from gmigen.beliefs.recording import MOST_BYTES, Recorded, Recording, read, written
from gmigen.conformance.keeping import place, recorded
from gmigen.conformance.report import told as report_told
from gmigen.conformance.scrub import scrubbed
from gmigen.emulator import faults
from gmigen.emulator.likeness import Likeness
from gmigen.errors import RecordingError

Command = Callable[..., Result]
SIGNED = "https://bucket.storage.example.com/x/y.mp4?X-Goog-Signature=CANARY-signature-1"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJDQU5BUlkifQ.c2lnbmF0dXJl"
UUID = "0a1b2c3d-1111-4222-8333-444455556666"
HOST = "worker-17.canary-host.internal"
ECHO = f"Bearer {KEY} of {ORG}, {UUID}: {PROMPT}! See {SIGNED} at {HOST}, 10.1.2.3 or {JWT}"
CANARIES = (KEY, ORG, PROMPT, "CANARY", UUID, HOST, "10.1.2.3", "eyJ", "storage.example.com")


def free_of_secrets(text: str) -> None:
    assert [canary for canary in CANARIES if canary in text] == []


def test_an_api_that_echoes_every_secret_leaves_none_of_them_anywhere(
    caplog: pytest.LogCaptureFixture,
) -> None:
    like = Likeness(words={"success": PROMPT, "queued": ECHO}, headers={f"x-ratelimit-{UUID}": KEY})
    with world(like=like) as api:
        caplog.set_level(logging.DEBUG)
        for route in ("status", "details", "upload_url"):
            api.faults.add(route, faults.Status(418, ECHO), nth=[1, 2])
        api.faults.add("put", faults.Html(500, ECHO), nth=None)
        report = checked(api.base_url)
        seen = api.log.requests(route="list")
    assert any(entry.status == 200 for entry in seen)
    said = [one.came for one in report.findings if one.verdict == "differs"]
    assert any("[key]" in came for came in said)
    assert any("[secret]" in came for came in said)
    free_of_secrets(repr(report))
    free_of_secrets("\n".join(report_told(report)))
    free_of_secrets(written(recorded(report, "2026-11-29")).decode())
    free_of_secrets(caplog.text)


def test_what_is_scrubbed_keeps_its_words() -> None:
    kept = "Rate limit exceeded for model clip-1: 2 requests per 60 seconds. Retry in 29970 ms."
    assert scrubbed({"error": kept, "ok": [True, 1, None]}) == {
        "error": kept,
        "ok": [True, 1, None],
    }
    assert len(scrubbed("word " * 1000)) < 300
    assert scrubbed(object()) == ""


def test_a_recording_is_read_as_it_was_written(tmp_path: Path) -> None:
    with world() as api:
        recording = recorded(checked(api.base_url), "2026-11-29")
    path = place(tmp_path, "2026-11-29")
    path.write_bytes(written(recording))
    assert read(path) == recording
    assert path.stat().st_size < 40_000
    assert place(tmp_path, "2026-11-29").name == "conformance-2026-11-29-2.json"


def service(*findings: Recorded, date: str = "2026-11-29", of: str = "the service") -> Recording:
    return Recording(date, of, True, 31, findings, "0.1.0")


ETAG = Recorded("file-etag", "rule:files have an ETag", "as believed", "it has one")
NONE = replace(ETAG, verdict="differs", came="none")


def test_a_recording_of_the_service_turns_the_mark_and_no_other_does() -> None:
    name = "rule:files have an ETag"
    assert marks()[name].word == "guess"
    assert marks([service(ETAG)])[name].word == "recorded (2026-11-29)"
    assert marks([service(ETAG, of="an emulator")])[name].word == "guess"
    # The newest counts, in whatever order they lie.
    both = [service(NONE, date="2026-12-01"), service(ETAG)]
    assert (marks(both)[name].word, marks(both)[name].came) == ("recorded (2026-12-01)", "none")
    assert compared([service(ETAG, of="another address")]) == NEVER
    assert "cover 1 of" in compared([service(NONE)])
    assert any("it came otherwise: none" in line for line in told([service(NONE)]))


def edited(value: dict[str, Any]) -> dict[str, Any]:
    return {**value, "findings": [{**value["findings"][0], "verdict": "as believed"}]}


UNUSABLE: dict[str, tuple[Callable[[dict[str, Any]], Any], str]] = {
    "edited by hand": (edited, "was changed after it was written"),
    "of another version": (lambda value: {**value, "gmigen_recording": 2}, "another version"),
    "of another kind": (lambda value: {"model_ids": []}, "no recording of"),
    "a list": (lambda value: [value], "cannot be read"),
}


@pytest.mark.parametrize("name", UNUSABLE)
def test_a_recording_that_cannot_be_used_is_a_sentence(
    name: str, gmigen: Command, project: Path
) -> None:
    make, expected = UNUSABLE[name]
    folder = project / "recordings"
    folder.mkdir()
    value = make(json.loads(written(service(NONE))))
    (folder / "one.json").write_text(json.dumps(value))
    result = gmigen("emulate", "--coverage", "--recordings", "recordings")
    assert result.exit_code == 2
    assert expected in result.output
    assert "one.json" in result.output


def test_a_recording_of_200_mb_is_a_sentence_and_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.json"
    with path.open("wb") as file:
        file.truncate(200 * 1024 * 1024)
    with pytest.raises(RecordingError, match="larger than any recording"):
        read(path)
    assert MOST_BYTES < 1024 * 1024
    with pytest.raises(RecordingError, match="There is no recording"):
        read(tmp_path / "none.json")


@pytest.mark.parametrize("value", [None, 3, "text", [], [3], [{"id": 3}], [{"facts": 1}]])
def test_a_sealed_recording_of_other_types_is_a_sentence(tmp_path: Path, value: Any) -> None:
    from gmigen.beliefs import recording

    told = {"gmigen_recording": recording.FORMAT, "date": "", "of": "", "findings": value}
    path = tmp_path / "one.json"
    path.write_text(json.dumps({**told, "seal": recording._seal(told)}))
    with pytest.raises(RecordingError, match="lacks what every recording has"):
        read(path)


def test_recordings_in_the_folder_of_the_settings_turn_marks(
    gmigen: Command, project: Path
) -> None:
    (project / "pyproject.toml").write_text('[tool.gmigen]\nrecordings = "mine"\n')
    assert (
        "guess                  rule:files have an ETag" in gmigen("emulate", "--coverage").output
    )
    (project / "mine").mkdir()
    (project / "mine/conformance-2026-11-29.json").write_bytes(written(service(NONE)))
    shown = gmigen("emulate", "--coverage").output
    assert "recorded (2026-11-29)  rule:files have an ETag; it came otherwise: none" in shown
    assert "never compared" not in shown


def test_a_folder_of_recordings_that_is_not_there_is_told(gmigen: Command, project: Path) -> None:
    for command in (("emulate", "--coverage"), ("export", "wire")):
        result = gmigen(*command, "--recordings", "nowhere")
        assert result.exit_code == 0
        assert "which `recordings` names; it counts as empty" in result.output
