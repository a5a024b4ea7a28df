"""The key goes to the API's origin, and shows nowhere else."""

from __future__ import annotations

import copy
import logging
import pickle
import traceback
from pathlib import Path
from typing import Any

import httpx
import pytest
from runtime_world import DOCUMENTS, KEY, PNG, PROMPT, Talk, talking

from gmigen.client import AsyncClient, Client
from gmigen.emulator import Emulator, emulator, faults
from gmigen.runtime import errors
from gmigen.runtime.config import DEFAULT_BASE_URL, Secret, settings

LOOPBACK = "http://127.0.0.1:9/api"


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GMI_API_KEY", "GMI_ORG_ID", "GMI_BASE_URL", "GMI_JOURNAL"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_without_a_key_the_sentence_says_where_one_comes_from(kind: Any) -> None:
    with pytest.raises(errors.ConfigurationError) as raised:
        kind()
    assert "GMI_API_KEY" in str(raised.value)
    assert "https://console.gmicloud.ai" in str(raised.value)


@pytest.mark.parametrize("key", ["sk-a b", "sk-é", "sk-\u2028x", "sk-a\nb", "sk-\x00", "  "])
def test_a_key_that_cannot_be_one_is_refused_without_showing_it(key: str) -> None:
    with pytest.raises(errors.ConfigurationError) as raised:
        Client(key)
    assert "sk-" not in str(raised.value)
    shown = "".join(traceback.TracebackException.from_exception(raised.value).format())
    assert key.strip() == "" or key not in shown


def test_white_space_around_a_key_is_taken_off(running: Emulator) -> None:
    with Client(f"  {KEY}\r\n", base_url=running.base_url) as client:
        assert client.models.list()


@pytest.mark.parametrize(
    "url",
    [
        "http://console.gmicloud.ai/api",
        "http://10.0.0.1/api",
        "ftp://127.0.0.1/api",
        "console.gmicloud.ai/api",
        "https://user:pw@console.gmicloud.ai/api",
        "https://console.gmicloud.ai/api?x=1",
        "https://console.gmicloud.ai/api#x",
        "https://api.gmi-serving.com/v1",
        "https://",
        "https://console.gmicloud.ai:port/",
    ],
)
def test_a_base_url_the_key_may_not_go_to_is_refused(url: str) -> None:
    with pytest.raises(errors.ConfigurationError) as raised:
        Client(KEY, base_url=url)
    assert "GMI_BASE_URL" in str(raised.value)
    assert KEY not in str(raised.value)


def test_the_environment_is_where_everything_comes_from(
    running: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GMI_API_KEY", KEY)
    monkeypatch.setenv("GMI_ORG_ID", "org-7")
    monkeypatch.setenv("GMI_BASE_URL", running.base_url + "/")
    with Client() as client:
        client.models.list()
    (entry,) = running.ledger.entries
    assert entry.header("x-organization-id") == "org-7"
    assert str(entry.header("user-agent")).startswith("gmi-inference/")


@pytest.mark.parametrize(
    "url",
    [
        "https://storage.example/x",
        "http://console.gmicloud.ai/x",
        "https://console.gmicloud.ai:444/x",
        "https://console.gmicloud.ai./x",
        "https://console.gmicloud.ai.evil.example/x",
    ],
)
def test_only_the_api_gets_the_key(url: str) -> None:
    made = settings(Secret(KEY), "org")
    headers: dict[str, str] = {}
    made.authorize(url, headers)
    assert headers == {}
    made.authorize(DEFAULT_BASE_URL + "/models", headers)
    assert headers["Authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_no_look_at_a_client_shows_the_key(kind: Any) -> None:
    client = kind(KEY, "org-7", base_url=LOOPBACK)
    seen: set[int] = set()

    def everything(thing: Any, depth: int = 0) -> str:
        if id(thing) in seen or depth > 8:
            return ""
        seen.add(id(thing))
        names = [*getattr(thing, "__dict__", {}), *getattr(type(thing), "__slots__", ())]
        members = [getattr(thing, name, None) for name in names]
        return repr(thing) + str(thing) + "".join(everything(m, depth + 1) for m in members)

    assert KEY not in everything(client)
    for copied in (pickle.dumps, copy.deepcopy):
        with pytest.raises(TypeError, match="API key"):
            copied(client)


def test_storage_and_artifacts_never_see_a_credential(
    talk: Talk, running: Emulator, tmp_path: Path
) -> None:
    result = talk(talk.client.run("clip-1", {**PROMPT, "image": PNG}))
    talk.save(result, tmp_path)
    talk.read(result.artifact)
    files = [entry for entry in running.ledger.entries if entry.listener == "files"]
    assert {entry.route for entry in files} == {"put", "media"}
    assert running.ledger.auth_seen_on_foreign_host == ()


def test_an_http_client_of_the_caller_takes_nothing_of_its_own_along(
    running: Emulator, tmp_path: Path
) -> None:
    headers = {"Authorization": "Bearer theirs", "X-Api-Key": "theirs", "X-Own": "1"}
    with (
        httpx.Client(headers=headers, cookies={"session": "theirs"}, auth=("a", "b")) as theirs,
        Client(KEY, base_url=running.base_url, poll=0.01, http_client=theirs) as client,
    ):
        client.run("clip-1", {**PROMPT, "image": PNG}).save(tmp_path)
    assert running.ledger.auth_seen_on_foreign_host == ()
    for entry in running.ledger.entries:
        assert entry.header("x-own") is None
        assert set(entry.credentials) <= {"authorization"}
    assert len({e.header("authorization") for e in running.ledger.requests(route="status")}) == 1


@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_an_http_client_of_the_wrong_colour_is_refused(kind: Any) -> None:
    wrong: Any = httpx.AsyncClient() if kind is Client else httpx.Client()
    with pytest.raises(errors.ConfigurationError, match="http_client"):
        kind(KEY, base_url=LOOPBACK, http_client=wrong)
    if kind is AsyncClient:
        wrong.close()


def test_nothing_is_logged_that_should_not_be(
    colour: str, running: Emulator, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    secret = "a-prompt-nobody-should-read"
    caplog.set_level(logging.DEBUG)
    with talking(colour, running, journal=tmp_path / "journal") as talk:
        running.faults.add("status", faults.Status(503))
        result = talk(talk.client.run("clip-1", {"prompt": secret, "image": PNG}))
        talk.save(result, tmp_path / "out")
        running.faults.add("submit", faults.Reset())
        with pytest.raises(errors.SubmissionUnknownError):
            talk(talk.client.submit("clip-1", {"prompt": secret}))
    for logged in (
        record.getMessage() for record in caplog.records if "asyncio" not in record.name
    ):
        assert KEY not in logged
        assert secret not in logged
        assert "Signature=" not in logged
    assert KEY not in (tmp_path / "journal").read_text()
    assert secret not in (tmp_path / "journal").read_text()


def test_an_api_that_echoes_the_key_does_not_get_it_into_an_error(
    talk: Talk, running: Emulator
) -> None:
    for status, kind in ((401, errors.AuthenticationError), (502, errors.SubmissionUnknownError)):
        running.faults.add("submit", faults.Status(status, f"bad key {KEY}"))
        with pytest.raises(kind) as raised:
            talk(talk.client.submit("clip-1", PROMPT))
        assert KEY not in str(raised.value)
        assert KEY not in repr(vars(raised.value))
        assert KEY.encode() not in pickle.dumps(raised.value)


@pytest.mark.row("R20")
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
@pytest.mark.parametrize("echo", [KEY, "".join(f"\\u{ord(letter):04x}" for letter in KEY)])
def test_a_catalogue_that_echoes_the_key_does_not_get_it_to_the_caller(
    colour: str, running: Emulator, echo: str, encoding: str
) -> None:
    said = f'{{"model": "clip-1", "description": "for {echo}"}}'.encode(encoding)
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(said), said)
    running.faults.add("details", faults.Raw(answer))
    with talking(colour, running) as talk:
        assert talk(talk.client.models.get("clip-1"))["description"] == "for [key]"


def test_no_traceback_with_locals_shows_the_key(talk: Talk, running: Emulator) -> None:
    talk.impatient()
    running.faults.add("submit", faults.Reset())
    with pytest.raises(errors.SubmissionUnknownError) as raised:
        talk(talk.client.submit("clip-1", PROMPT))
    shown = traceback.TracebackException.from_exception(raised.value, capture_locals=True)
    ours = [line for line in shown.format() if "test_runtime_secrets" not in line]
    assert KEY not in "".join(ours)


def test_an_interrupted_post_shows_no_key_in_its_traceback() -> None:
    class Interrupting(httpx.BaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            sent = dict(request.headers)  # what a frame of the HTTP library holds
            assert sent["authorization"]
            raise KeyboardInterrupt

    with (
        httpx.Client(transport=Interrupting()) as theirs,
        Client(KEY, base_url=LOOPBACK, http_client=theirs) as client,
        pytest.raises(KeyboardInterrupt) as raised,
    ):
        client.submit("clip-1", PROMPT)
    shown = traceback.TracebackException.from_exception(raised.value, capture_locals=True)
    assert KEY not in "".join(line for line in shown.format() if "test_runtime" not in line)


def test_netrc_and_proxy_variables_are_not_read(
    colour: str, running: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login me password secret\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    with talking(colour, running) as talk:
        result = talk(talk.client.run("clip-1", PROMPT))
        talk.save(result, tmp_path / "out")
    assert running.ledger.auth_seen_on_foreign_host == ()


def test_a_result_on_a_private_address_is_not_fetched(colour: str, tmp_path: Path) -> None:
    with emulator(DOCUMENTS, job_seconds=0.0) as running, talking(colour, running) as talk:
        for url in ("https://169.254.169.254/latest/meta-data/x.mp4", "http://media.example/x.mp4"):
            running.faults.add("job", faults.Outcome({"video_url": url}), nth=None)
            result = talk(talk.client.run("clip-1", PROMPT))
            with pytest.raises(errors.DownloadError, match="refused"):
                talk.save(result, tmp_path)
            running.faults.clear()
