"""Starting, stopping, and staying on this machine."""

from __future__ import annotations

import logging
import os
import re
import signal
import socket
import subprocess
import sys
import textwrap
import threading
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from emulator_world import address_of, client_of, details, submitted

from gmigen.emulator import Clock, Emulator, emulator
from gmigen.emulator.serve import serve


def python(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `code` in a process of its own, with every warning an error."""
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(code), *arguments],
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_a_stopped_emulator_leaves_no_thread_and_no_listener(documents: dict[str, bytes]) -> None:
    before = threading.active_count()
    with emulator(documents) as running, client_of(running) as client:
        client.get("/models")
        urls = (running.origin, running.files_url)
        assert threading.active_count() == before + 1
    assert threading.active_count() == before
    for url in urls:
        with pytest.raises(httpx.ConnectError):
            httpx.get(url, trust_env=False)


def test_closing_twice_is_closing_once(running: Emulator) -> None:
    running.close()
    running.close()


def test_a_port_can_be_chosen_and_is_free_again_afterwards(documents: dict[str, bytes]) -> None:
    with emulator(documents) as running:
        port = urlsplit(running.base_url).port
    assert port is not None
    with emulator(documents, port=port) as again:
        assert urlsplit(again.base_url).port == port


def test_a_taken_port_is_an_error_at_once(documents: dict[str, bytes]) -> None:
    before = threading.active_count()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match="in use"), emulator(documents, port=port):
            pass
    assert threading.active_count() == before


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "example.com", ""])
def test_an_address_that_others_could_reach_is_refused(host: str) -> None:
    with pytest.raises(ValueError, match="binds loopback addresses only"):
        Emulator({}, host=host)


def test_the_api_and_the_files_live_at_different_origins(running: Emulator) -> None:
    assert running.base_url.startswith("http://127.0.0.1:")
    assert running.base_url.endswith("/api/v1/ie/requestqueue/apikey")
    assert urlsplit(running.files_url).netloc != urlsplit(running.base_url).netloc


def test_nothing_is_logged_about_ordinary_and_refused_requests(
    documents: dict[str, bytes], caplog: pytest.LogCaptureFixture
) -> None:
    with (
        caplog.at_level(logging.INFO),
        emulator(documents) as running,
        client_of(running) as client,
    ):
        submitted(client)
        client.get("/nope")
        with socket.create_connection(address_of(running.origin)) as raw:
            raw.sendall(b"not http at all\r\n\r\n")
            assert raw.recv(100).startswith(b"HTTP/1.1 400")
    named = {record.name.partition(".")[0] for record in caplog.records}
    assert named <= {"httpx", "httpcore"}


def test_many_emulators_run_side_by_side_and_know_nothing_of_each_other(
    documents: dict[str, bytes],
) -> None:
    with (
        emulator(documents) as one,
        emulator(documents, seed=1) as other,
        client_of(one) as client,
    ):
        submitted(client)
        assert (len(one.log), len(other.log)) == (1, 0)


@pytest.mark.parametrize("lives", [20, pytest.param(400, marks=pytest.mark.nightly)])
def test_who_connects_in_the_last_moment_is_closed_before_the_loop_is(lives: int) -> None:
    program = Path(__file__).with_name("last_moment.py")
    done = subprocess.run(
        [sys.executable, "-W", "error", str(program), str(lives)],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.stderr == ""
    assert int(done.stdout) >= lives * 3


def test_a_process_that_ends_without_closing_ends_all_the_same() -> None:
    done = python("from gmigen.emulator import Emulator; Emulator({}); print('end')")
    assert (done.returncode, done.stdout, done.stderr) == (0, "end\n", "")


def test_a_whole_job_opens_no_connection_of_its_own_and_warns_of_nothing() -> None:
    done = python("""
        import sys
        from gmigen.emulator import emulator, faults

        calls = []
        sys.addaudithook(lambda event, _: calls.append(event))
        import http.client, json
        document = json.dumps({"model": "m", "model_type": "video", "parameters": []}).encode()
        with emulator({"m": document}, job_seconds=0) as running:
            host, _, path = running.base_url.removeprefix("http://").partition("/")
            def ask(method, tail, body=None):
                connection = http.client.HTTPConnection(host)
                connection.request(method, f"/{path}{tail}", body, {"Authorization": "Bearer k"})
                answer = json.loads(connection.getresponse().read())
                connection.close()
                return answer
            job = ask("POST", "/requests", '{"model": "m", "payload": {}}')
            assert ask("GET", "/requests/" + job["request_id"])["status"] == "success"
        print(calls.count("socket.connect"), calls.count("socket.getaddrinfo"))
        """)
    # Both connections, and both look-ups, are those of the client in the same process.
    assert (done.stdout, done.stderr) == ("2 2\n", "")


def test_the_emulator_needs_no_client_and_no_generated_package() -> None:
    done = python("""
        import sys, gmigen.emulator, gmigen.emulator.serve
        print(sorted(name for name in sys.modules if name.startswith(("gmigen.runtime",
            "gmigen.client", "gmigen.requests", "gmi_inference", "httpx", "jinja2",
            "datamodel_code_generator", "black"))))
        """)
    # It bills what an estimate says; that arithmetic knows nothing of the wire.
    arithmetic = ["gmigen.requests", "gmigen.requests.estimate"]
    assert (done.stdout, done.stderr) == (f"{arithmetic}\n", "")


SERVE = """
import sys
from pathlib import Path
from gmigen.emulator.serve import serve
serve({"m": Path(sys.argv[1]).read_bytes()})
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM to send")
@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_serving_says_what_it_is_and_stops_quietly_at_a_signal(
    tmp_path: Path, stop: signal.Signals
) -> None:
    document = tmp_path / "m.json"
    document.write_bytes(details("m"))
    command = [sys.executable, "-W", "error", "-c", SERVE, str(document)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        said = ""
        while "Ctrl-C" not in said:
            said += process.stdout.readline()
        pasted = re.search(r"^export GMI_BASE_URL=(\S+) GMI_API_KEY=(\S+)$", said, re.MULTILINE)
        assert pasted is not None
        headers = {"Authorization": f"Bearer {pasted[2]}"}
        listed = httpx.get(f"{pasted[1]}/models", headers=headers, trust_env=False)
        assert listed.json() == {"model_ids": ["m"]}
        process.send_signal(stop)
        assert (process.wait(10), process.stdout.read(), process.stderr.read()) == (0, "", "")
    assert "emulator" in said
    assert "never compared with the live service" in said


def test_serving_refuses_an_address_that_others_could_reach() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(ValueError, match="loopback"):
        serve({}, host="0.0.0.0", say=lambda text: None)
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_virtual_clock_stands_still_and_no_clock_goes_back() -> None:
    clock = Clock(virtual=True, start=5)
    assert (clock.now(), clock.advance(2.5), clock.now()) == (5, 7.5, 7.5)
    for wrong in (-1, float("nan")):
        with pytest.raises(ValueError, match="cannot advance"):
            clock.advance(wrong)


def test_a_real_clock_runs_on_from_where_it_is_set_and_can_be_pushed() -> None:
    clock = Clock(start=1000)
    first = clock.now()
    assert 1000 <= first < 1060
    assert clock.advance(3600) >= first + 3600


def test_a_job_knows_when_it_was_last_told_about(running: Emulator, client: httpx.Client) -> None:
    one, other = submitted(client)["request_id"], submitted(client)["request_id"]
    client.get(f"/requests/{one}")
    assert running.jobs[one].shown is not None
    assert running.jobs[other].shown is None
    client.get("/requests", params={"limit": 1})
    assert running.jobs[other].shown is not None
    client.get(f"/requests/{one}")
    assert running.jobs[one].longest_gap > 0
    assert running.jobs[other].longest_gap == 0
