"""Where files may be moved to and from, and under which names they are saved."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gmigen.runtime.files.paths import destinations, file_name
from gmigen.runtime.files.url_policy import is_public, objection, private_among
from gmigen.runtime.redaction import without_query
from gmigen.runtime.urls import origin

REFUSED = [
    "http://media.example/a.mp4",
    "ftp://media.example/a.mp4",
    "file:///etc/passwd",
    "data:text/html,hi",
    "javascript:alert(1)",
    "https://user:pass@media.example/a",
    "https://user@media.example/a",
    "https://media.example:8443/a",
    "https://media.example:99999/a",
    "https://media.example./a",
    "https://localhost/a",
    "https://intranet/a",
    "https://127.0.0.1/a",
    "https://169.254.169.254/latest/meta-data",
    "https://10.0.0.1/a",
    "https://172.16.0.1/a",
    "https://192.168.1.1/a",
    "https://100.64.0.1/a",
    "https://0.0.0.0/a",
    "https://[::1]/a",
    "https://[fc00::1]/a",
    "https://[fe80::1]/a",
    "https://[::ffff:10.0.0.1]/a",
    "https://[64:ff9b::a00:1]/a",
    "https://[2002:a00:1::]/a",
    "https://2130706433/a",
    "https://0x7f.0.0.1/a",
    "https://0177.0.0.1/a",
    "https://127.1/a",
    "https://media.example/a\r\nHost: evil",
    "https:///a",
    "",
    "no url at all",
]


@pytest.mark.parametrize("url", REFUSED)
def test_only_public_https_is_allowed(url: str) -> None:
    assert objection(url, loopback=False)


def test_public_https_is_allowed() -> None:
    assert objection("https://storage.example/a.mp4?X-Goog-Signature=1", loopback=False) is None


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8000/a", "http://localhost:9/a", "http://[::1]/a"]
)
def test_loopback_is_allowed_only_when_the_api_is_on_it(url: str) -> None:
    assert objection(url, loopback=True) is None
    assert objection(url, loopback=False)


@pytest.mark.parametrize(
    "url", ["http://10.0.0.1/a", "http://media.example/a", "https://10.0.0.1/a"]
)
def test_an_emulator_opens_no_other_private_address(url: str) -> None:
    assert objection(url, loopback=True)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111"])
def test_public_addresses_are_public(address: str) -> None:
    assert is_public(address)


def test_one_private_address_among_many_is_enough_to_refuse() -> None:
    assert private_among(["8.8.8.8", "10.0.0.1"]) == "10.0.0.1"
    assert private_among(["8.8.8.8"]) is None


@given(st.ip_addresses())
def test_what_the_standard_library_calls_private_is_never_public(address: object) -> None:
    if not address.is_global:  # type: ignore[attr-defined]  # hypothesis types it as object
        assert not is_public(str(address))


def test_origins_differ_by_scheme_host_and_port() -> None:
    home = origin("https://console.gmicloud.ai/api")
    assert home == origin("https://CONSOLE.gmicloud.ai:443/other")
    for other in (
        "http://console.gmicloud.ai/api",
        "https://console.gmicloud.ai:444/api",
        "https://console.gmicloud.ai./api",
        "https://console.gmicloud.ai.evil.example/api",
        "https://evil.example/console.gmicloud.ai",
    ):
        assert origin(other) != home


def test_a_query_is_never_shown() -> None:
    assert "secret" not in without_query("GET https://s.example/a?X-Signature=secret failed")


@given(st.text(max_size=300), st.integers(1, 99))
def test_no_job_id_can_lead_out_of_the_folder(job_id: str, number: int) -> None:
    name = file_name(job_id, number, "mp4")
    assert Path(name).name == name
    assert name.isascii()
    assert not name.startswith((".", "-"))
    assert len(name) < 120


def test_in_a_folder_the_names_are_ours(tmp_path: Path) -> None:
    assert [path.name for path in destinations(tmp_path, "j1", ["mp4", "png"])] == [
        "j1-1.mp4",
        "j1-2.png",
    ]
    assert destinations("not-there-yet/", "j1", ["mp4"]) == [Path("not-there-yet/j1-1.mp4")]


def test_a_file_name_is_taken_as_given_and_numbered_for_the_rest() -> None:
    assert destinations("out/boat.png", "j1", ["png"] * 3) == [
        Path("out/boat.png"),
        Path("out/boat-2.png"),
        Path("out/boat-3.png"),
    ]
