"""https on loopback, with a certificate the emulator makes itself."""

from __future__ import annotations

import http.client
import json
import ssl
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest
from emulator_world import KEY, submitted

from gmigen.emulator import Emulator, emulator, faults


def trusting(running: Emulator) -> ssl.SSLContext:
    context = ssl.create_default_context(cadata=running.authority)
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    return context


@pytest.fixture
def secure(documents: dict[str, bytes]) -> Iterator[Emulator]:
    with emulator(documents, tls=True, job_seconds=0) as running:
        yield running


@pytest.fixture
def client(secure: Emulator) -> Iterator[httpx.Client]:
    with httpx.Client(
        base_url=secure.base_url,
        headers={"Authorization": f"Bearer {KEY}"},
        verify=trusting(secure),
        trust_env=False,
    ) as opened:
        yield opened


def test_a_whole_job_over_https(secure: Emulator, client: httpx.Client) -> None:
    assert secure.base_url.startswith("https://")
    job_id = submitted(client)["request_id"]
    url = client.get(f"/requests/{job_id}").json()["outcome"]["video_url"]
    assert url.startswith("https://")
    answer = httpx.get(url, verify=trusting(secure), trust_env=False)
    assert answer.headers["Content-Type"] == "video/mp4"
    place = client.post("/upload-url", json={"file_type": "png"}).json()["upload_url"]
    put = httpx.put(
        place, content=b"x", headers={"Content-Type": "image/png"}, verify=trusting(secure)
    )
    assert (place.startswith("https://"), put.status_code) == (True, 200)


def test_the_files_alone_can_be_https(documents: dict[str, bytes]) -> None:
    with emulator(documents, tls="files", job_seconds=0) as running:
        assert running.base_url.startswith("http://")
        with httpx.Client(
            base_url=running.base_url, headers={"Authorization": f"Bearer {KEY}"}
        ) as client:
            job_id = submitted(client)["request_id"]
            url = client.get(f"/requests/{job_id}").json()["outcome"]["video_url"]
        assert url.startswith("https://")
        assert httpx.get(url, verify=trusting(running)).status_code == 200


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
def test_the_certificate_is_for_this_machine_by_either_name(secure: Emulator, name: str) -> None:
    port = urlsplit(secure.origin).port
    connection = http.client.HTTPSConnection(name, port, context=trusting(secure), timeout=5)
    connection.request("GET", "/_emu/coverage")
    assert "behaviours" in json.loads(connection.getresponse().read())
    connection.close()


def test_nobody_else_trusts_it_and_no_emulator_trusts_another(
    documents: dict[str, bytes], secure: Emulator
) -> None:
    with emulator(documents, tls=True) as other:
        for context in (ssl.create_default_context(), trusting(other)):
            with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
                httpx.get(secure.origin, verify=context, trust_env=False)


def test_without_tls_there_is_nothing_to_trust(running: Emulator) -> None:
    assert running.authority == ""


def test_faults_strike_over_https_too(secure: Emulator, client: httpx.Client) -> None:
    # How a reset looks from above TLS depends on the version of OpenSSL.
    for fault in (faults.Reset(), faults.Fin(), faults.Truncated(ending="fin")):
        secure.faults.add("models", fault)
        with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
            client.get("/models")
    assert [entry.status for entry in secure.log.requests(route="models")] == [None, None, None]
    assert client.get("/models").status_code == 200


def test_who_speaks_no_tls_is_let_go(secure: Emulator, client: httpx.Client) -> None:
    plain = secure.origin.replace("https", "http")
    with pytest.raises(httpx.HTTPError):
        httpx.get(plain, trust_env=False)
    assert client.get("/models").status_code == 200
