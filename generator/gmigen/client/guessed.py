"""Words of other clients: what each of them is called here, or why there is no such thing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NoReturn

_NO_CANCEL = "the API has no known way to cancel a job; it runs on and may be billed"
_NO_LOGS = "the API shows no logs; job.events() tells what changes, job.record.raw is all it says"
_NO_WEBHOOK = "the API calls nobody back; wait with job.events(), or come back with client.job(id)"
_NO_RETRIES = (
    "a submission is one POST and never sent twice; what is harmless to repeat is repeated by "
    "itself, and Poll(tolerance=) says for how long"
)

ATTRIBUTES: dict[str, dict[str, str]] = {
    "job": {
        "cancel": _NO_CANCEL,
        "logs": _NO_LOGS,
        "get": "job.result() waits for the result, job.refresh() asks once",
        "reload": "job.refresh() asks once",
        "poll": "job.refresh() asks once, job.events() goes on until the end",
        "iter_events": "job.events() gives what changes",
        "request_id": "job.id is the request id",
        "output": "job.result() waits for it; its .urls are the files",
        "payload": "the API need not echo it; job.record.raw holds what it said",
    },
    "result": {
        "files": "result.artifacts are the files, result.urls where they are",
        "video": "result.videos are the clips; result.artifact is the first file of any kind",
        "image": "result.images are the pictures; result.artifact is the first file of any kind",
        "audio": "result.audios are the sounds; result.artifact is the first file of any kind",
        "output": "result.artifacts are the files, result.outcome is what the API said",
        "data": "result.outcome is what the API said",
        "request_id": "result.job.id is the request id",
        "download": "result.save(path) saves the files",
    },
    "client": {
        "cancel": _NO_CANCEL,
        "queue": "client.submit(request) gives a job at once, client.run(request) waits",
        "predictions": "client.submit(request) gives a job, client.jobs lists them",
        "files": "client.upload(path) gives a public URL; requests upload their files themselves",
        "upload_file": "client.upload(path) gives a public URL",
        "status": "client.job(id).refresh().status",
        "result": "client.job(id).result()",
        "stream": "client.submit(request).events() gives what changes",
        "webhooks": _NO_WEBHOOK,
    },
}

ARGUMENTS: dict[str, str] = {
    "arguments": "give the payload as the second argument, or a request of gmi_inference.models",
    "input": "give the payload as the second argument, or a request of gmi_inference.models",
    "inputs": "give the payload as the second argument, or a request of gmi_inference.models",
    "on_queue_update": "on_update= is called with every event",
    "on_enqueue": "on_update= is called with every event",
    "with_logs": _NO_LOGS,
    "logs": _NO_LOGS,
    "max_retries": _NO_RETRIES,
    "retries": _NO_RETRIES,
    "webhook_url": _NO_WEBHOOK,
    "webhook": _NO_WEBHOOK,
    "poll_interval": "poll= of the client is the interval in seconds, or a Poll",
    "client_timeout": "timeout= bounds the wait, in seconds",
    "wait": "run() waits, submit() does not",
    "priority": "the API has no known priorities",
    "headers": "the API takes no headers of yours; http_client= takes a client of your own",
}


def refuse(word: str, guessed: Iterable[str]) -> None:
    """Raise TypeError for arguments that `word` does not take, with what to say instead."""
    for name in sorted(guessed):
        advice = f": {ARGUMENTS[name]}." if name in ARGUMENTS else "."
        raise TypeError(f"{word}() takes no argument {name!r}{advice}")


class Guessed:
    """Answers a word of another client with the one to use here."""

    __slots__ = ()

    _kind: str = ""

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> NoReturn:
            advice = ATTRIBUTES[self._kind].get(name)
            told = f": {advice}." if advice else ""
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}{told}")
