"""A child process that reads the heaviest answers one could make up, within its bounds.

Its memory and its time on the processor are limited by the system, so that a reader that needs
more than an answer's size allows dies here. Prints the most memory it held, in MB.
"""

from __future__ import annotations

import resource
import sys
from pathlib import Path

from gmigen.client.operations import raise_unless_successful
from gmigen.runtime.errors import GMIError
from gmigen.runtime.files import outcome
from gmigen.runtime.protocol import replies
from gmigen.runtime.protocol.effects import BODY_LIMIT, Failure, Reply
from gmigen.runtime.protocol.pacing import hinted
from gmigen.runtime.records import Handle, read_record

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

from peak import peak_kib

MEMORY = 1024 * 1024 * 1024
SECONDS = 300

HEAVY: dict[str, tuple[bytes, bytes, bytes]] = {
    "brackets": (b"", b"[", b""),
    "braces": (b"", b'{"a":', b""),
    "digits": (b'{"created_at":', b"9", b"}"),
    "decimals": (b'{"created_at":0.', b"9", b"}"),
    "numbers": (b"[", b"1,", b"1]"),
    "long numbers": (b"[", b"9" * 4000 + b",", b"1]"),
    "quotes": (b'{"error":"', b'\\"', b'"}'),
    "open quotes": (b'{"error":"', b'\\"', b""),
    "escapes": (b'{"error":"', b"\\u0041", b'"}'),
    "halves": (b'{"error":"', b"\\ud800", b'"}'),
    "wide": ('{"error":"\U0001f600'.encode(), b"a", b'"}'),
    "addresses": (b'{"error":"', b"http://", b'"}'),
    "titles": (b"", b"<title", b""),
    "names": (b'{"error":"', b"a.b-c", b' (Required parameter is missing)"}'),
    "missing": (b'{"error":"', b"a (Required parameter is missing), ", b'"}'),
    "messages": (b'{"error":[', b'"a",', b'"a"]}'),
    "members": (b"{", b'"request_id":"a",', b'"z":1}'),
    "data": (b'{"data":{', b'"request_id":"a",', b'"z":1}}'),
    "media": (b'{"status":"success","outcome":{"media_urls":[', b'"https://a/",', b'""]}}'),
    "address": (b'{"status":"success","outcome":{"url":"https://', b"a/", b'"}}'),
    "inline": (b'{"status":"success","outcome":{"url":"data:;base64,', b"aaaa", b'"}}'),
    "reason": (b'{"status":"failed","outcome":{"error":"', b"failed to ", b'"}}'),
    "nothing": (b"", b"\0", b""),
    "utf-16": (b"\xff\xfe", b"[\0", b""),
}


def body_of(name: str, size: int) -> bytes:
    """The body of a kind, of `size` bytes."""
    begin, middle, end = HEAVY[name]
    return begin + middle * ((size - len(begin) - len(end)) // len(middle)) + end


def read(body: bytes) -> None:
    """Everything that is done with an answer."""
    for status in (200, 429):
        reply = Reply(status, {"content-type": "application/json"}, body)
        value = replies.document(reply)
        hinted({}, value)
        replies.request_id_in(reply)
        replies.is_refusal(reply)
        replies.what_came(reply)
        if status >= 300:
            str(replies.error_from(reply, about="Asking", model="m"))
            continue
        record = read_record(value, id="j1", model="m")
        if record is None:
            continue
        job = Handle("j1", record=record)
        try:
            raise_unless_successful(job, record)
        except GMIError as error:
            str(error)
        for one in outcome.files(record.outcome, job):
            repr(one)
    replies.request_id_in(Failure("broken", True, "cut", 200, body[: 64 * 1024]))


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    size = min(int(sys.argv[1]), BODY_LIMIT)
    for name in sys.argv[2:] or HEAVY:
        sys.stdout.write(f"{name}\n")
        sys.stdout.flush()
        read(body_of(name, size))
    sys.stdout.write(f"{peak_kib() // 1024}\n")


if __name__ == "__main__":
    main()
