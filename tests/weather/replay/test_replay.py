"""Answers that others have published, replayed over loopback: each is read for what it says."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from runtime_world import Talk, talking

from gmigen.client import GMIError, SubmissionUnknownError

ANSWERS = sorted((Path(__file__).parent / "answers").glob("*.json"))
CONTENT = {
    "png": b"\x89PNG\r\n\x1a\n" + b"pixels" * 9,
    "jpg": b"\xff\xd8\xff\xe0" + b"pixels" * 9,
    "jpeg": b"\xff\xd8\xff\xe0" + b"pixels" * 9,
    "mp3": b"ID3\x04" + b"waves" * 9,
    "wav": b"RIFF\x24\0\0\0WAVEfmt " + b"waves" * 9,
    "mp4": b"\0\0\0\x18ftypisom" + b"moving" * 9,
}
SHORT, LONG = 0.3, 20.0
"""Seconds for a job that will not end, and for one that will, on however busy a machine.

One answer asks for 29.97 s: whether that fits into 30 depends on the jitter.
"""


class Replaying(ThreadingHTTPServer):
    """Gives the answers of one file: to the POST, then to each look, the last one for ever."""

    daemon_threads = True

    def __init__(self, told: dict[str, Any]) -> None:
        super().__init__(("127.0.0.1", 0), Answering)
        self.told = told
        self.looks: list[str] = []
        self.posts: list[Any] = []
        self.origin = f"http://127.0.0.1:{self.server_port}"
        self.base_url = f"{self.origin}/queue"


class Answering(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Replaying

    def log_message(self, format: str, *_: Any) -> None:
        pass

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.posts.append(json.loads(body))
        self._say(self.server.told["submit"])

    def do_GET(self) -> None:
        told = self.server.told["looks"]
        if "/requests/" in self.path:
            self.server.looks.append(self.path)
            missing = {"status": 404, "headers": {}, "body": {"error": "request not found"}}
            self._say(told[min(len(self.server.looks), len(told)) - 1] if told else missing)
        elif "/models" in self.path:
            self._say({"status": 200, "headers": {}, "body": {"model_ids": []}})
        else:
            self._send(200, CONTENT.get(self.path.rpartition(".")[2], CONTENT["mp4"]))

    def _say(self, answer: dict[str, Any]) -> None:
        body = answer["body"]
        text = body if isinstance(body, str) else json.dumps(body)
        raw = text.replace("FILES", self.server.origin).encode()
        self._send(answer["status"], raw, {"Content-Type": "application/json", **answer["headers"]})

    def _send(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture(params=ANSWERS, ids=lambda path: path.stem)
def replaying(request: pytest.FixtureRequest) -> Iterator[Replaying]:
    with Replaying(json.loads(request.param.read_text("utf-8"))) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def talk(colour: str, replaying: Replaying) -> Iterator[Talk]:
    never = replaying.told["expect"].get("error") == "JobTimeoutError"
    with talking(colour, replaying, timeout=SHORT if never else LONG) as one:
        yield one


def ending_of(talk: Talk, model: str) -> tuple[Any, Any]:
    """The id of the job, and its result or the error it ended in."""
    try:
        job = talk(talk.client.submit(model, {"prompt": "a red cube"}, unchecked=True))
    except SubmissionUnknownError as error:
        return error.request_id, error
    except GMIError as error:
        return None, error
    try:
        return job.id, talk(job.result())
    except GMIError as error:
        return error.job_id, error


@pytest.mark.row("C")
def test_a_published_answer_is_read_for_what_it_says(
    talk: Talk, replaying: Replaying, tmp_path: Path
) -> None:
    told = replaying.told
    expected = dict(told["expect"])
    job_id, ending = ending_of(talk, told["model"])
    assert len(replaying.posts) == 1
    assert job_id == expected.pop("rid", job_id)
    if isinstance(ending, GMIError):
        assert type(ending).__name__ == expected.pop("error"), ending
        assert expected.pop("says", "") in str(ending)
        assert list(getattr(ending, "missing", ())) == expected.pop("missing", [])
        for name, attribute in (
            ("upstream", "upstream_status"),
            ("retry_after", "retry_after"),
            ("retryable", "retryable"),
        ):
            if name in expected:
                assert getattr(ending, attribute) == expected.pop(name)
    else:
        kinds = [artifact.kind for artifact in ending.artifacts]
        assert len(kinds) == expected.pop("n", len(kinds))
        assert kinds == expected.pop("kind", kinds)
        assert all(url.startswith("http") for url in ending.urls)
        assert "".join(ending.urls[:1]).endswith(expected.pop("first", ""))
        saves(talk, ending, expected, tmp_path)
    assert not expected, "everything that is expected was looked at"


def saves(talk: Talk, result: Any, expected: dict[str, Any], folder: Path) -> None:
    refused = expected.pop("refused", None)
    if refused is not None:
        with pytest.raises(GMIError) as caught:
            talk.save(result, folder)
        assert type(caught.value).__name__ == refused
        assert list(folder.iterdir()) == []
        return
    saved = talk.save(result, folder)
    # A name follows the bytes, where the API said otherwise.
    assert [path.stem for path in saved] == [Path(one.filename).stem for one in result.artifacts]
    assert all(path.read_bytes() in CONTENT.values() for path in saved)
    assert [path.name for path in saved] == expected.pop("saved", [path.name for path in saved])
