"""Texts that stand elsewhere: in a file, or on standard input."""

from __future__ import annotations

import pytest
from cli_world import PNG, Shell
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_cli_jobs import sent

from gmigen.client_cli.texts import TextFile, as_utf8, filled
from gmigen.runtime.errors import InvalidRequestError

SUBMIT = ("submit", "Boat")


@pytest.mark.row("U3")
def test_a_text_parameter_reads_the_file_behind_an_at_sign(shell: Shell) -> None:
    (shell.home / "words.txt").write_bytes("\ufeffa böat\nin rain\n".encode())
    assert shell(*SUBMIT, "prompt=@words.txt").exit_code == 0
    assert sent(shell) == {"prompt": "a böat\nin rain\n"}


@pytest.mark.row("U3")
def test_a_dash_reads_standard_input(shell: Shell) -> None:
    assert shell(*SUBMIT, "prompt=-", stdin="a böat".encode()).exit_code == 0
    assert sent(shell) == {"prompt": "a böat"}


@pytest.mark.row("U3")
@pytest.mark.parametrize("literal", ["@words.txt", "-", "@"])
def test_json_is_the_literal(shell: Shell, literal: str) -> None:
    assert shell(*SUBMIT, f'prompt:="{literal}"').exit_code == 0
    assert sent(shell) == {"prompt": literal}


@pytest.mark.row("U3")
def test_lists_of_texts_are_read_from_files_each(shell: Shell) -> None:
    (shell.home / "tag.txt").write_text("boats")
    told = shell(
        "submit", "Shots", 'shots:=[{"still": "https://a/b.png"}]', "title=x", "speed=7",
        "tags=@tag.txt", "tags=rain",
    )  # fmt: skip
    assert told.exit_code == 0, told.output
    assert sent(shell)["tags"] == ["boats", "rain"]


@pytest.mark.row("U3")
@pytest.mark.parametrize(
    ("content", "why"),
    [
        (PNG, "no text in UTF-8"),
        ("boat".encode("utf-16"), "no text in UTF-8"),
        (b"GIF89a\0\0", "no text"),
        (b"\n", "empty"),
        (b"", "empty"),
        (b"x" * (4 * 1024**2 + 1), "longer than"),
    ],
)
@pytest.mark.parametrize("place", ["prompt=@it", "prompt=-"])
def test_what_is_no_text_is_refused_before_anything_is_sent(
    shell: Shell, content: bytes, why: str, place: str
) -> None:
    (shell.home / "it").write_bytes(content)
    told = shell(*SUBMIT, place, stdin=content)
    assert told.exit_code == 2
    assert why in told.stderr
    assert not shell.running.ledger.entries


@pytest.mark.row("U3")
@pytest.mark.parametrize(
    "name", ["gone.txt", ".", "", "a\udcff", "x" * 300, "~nobody-of-this-name"]
)
def test_a_file_that_cannot_be_read_is_refused(shell: Shell, name: str) -> None:
    told = shell(*SUBMIT, f"prompt=@{name}")
    assert told.exit_code == 2
    assert "cannot be read" in told.stderr
    assert not shell.running.ledger.entries


@pytest.mark.row("U3")
def test_standard_input_serves_one_value_and_is_no_media_file(shell: Shell) -> None:
    twice = shell("submit", "Shots", "title=-", "tags=-", "speed=7", "shots:=[]", stdin=b"abc")
    assert twice.exit_code == 2
    assert "was read already" in twice.stderr
    media = shell(*SUBMIT, "prompt=x", "image=-", stdin=PNG)
    assert media.exit_code == 2
    assert "image=@FILE" in media.stderr
    assert not shell.running.ledger.entries


@given(st.binary(max_size=64))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_bytes_a_file_holds_they_are_a_text_or_refused(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    place = tmp_path_factory.getbasetemp() / "any"
    place.write_bytes(content)
    try:
        text = filled({"x": TextFile(place)})["x"]
    except InvalidRequestError:
        return
    assert text.encode() == content.removeprefix(b"\xef\xbb\xbf")


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_what_a_shell_wrote_in_utf_8_arrives_in_any_locale(text: str) -> None:
    assert as_utf8(text.encode().decode("ascii", "surrogateescape")) == text
    assert as_utf8(text) == text
