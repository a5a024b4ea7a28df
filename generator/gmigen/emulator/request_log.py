"""Everything the emulator received, in order: what a client really did, whatever it believes."""

from __future__ import annotations

import hashlib
import json
import threading
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from typing import Any, Literal

ListenerName = Literal["api", "files"]

CREDENTIAL_HEADERS = ("authorization", "proxy-authorization", "x-api-key", "cookie")


@dataclass(frozen=True, slots=True)
class Entry:
    """One request, or one connection that never became a request (`route` is then `connect`).

    at: unix seconds on the emulator's clock. path: as sent, percent-encoding and query included.
    headers: lower-case names; credentials are reduced to a fingerprint.
    connection: the port it came from, which tells one connection from another.
    body_sha256: None while the body was not read. json: the parsed body of a submission.
    status: what was answered; None when no complete answer was given.
    request_id: the job that was created or asked for. billed: micro-dollars, where one was created.
    """

    number: int
    at: float
    listener: ListenerName
    method: str
    path: str
    route: str
    headers: tuple[tuple[str, str], ...] = ()
    connection: int = 0
    body_sha256: str | None = None
    body_size: int = 0
    json: Any = None
    status: int | None = None
    fault: str = ""
    model: str = ""
    request_id: str = ""
    created: bool = False
    billed: int = 0
    unknown_keys: tuple[str, ...] = ()

    def header(self, name: str) -> str | None:
        """The value of the header `name`, or None."""
        return next((value for key, value in self.headers if key == name.lower()), None)

    @property
    def credentials(self) -> tuple[str, ...]:
        """Names of the headers in which the caller sent a credential."""
        return tuple(name for name, _ in self.headers if name in CREDENTIAL_HEADERS)


class RequestLog:
    """An append-only list of entries, safe to read from any thread while the emulator runs."""

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self._lock = threading.Lock()
        self._entries = list(entries)

    def __len__(self) -> int:
        return len(self._entries)

    def begin(self, **fields: Any) -> int:
        """Append an entry for what has just arrived; returns its number."""
        with self._lock:
            number = len(self._entries)
            self._entries.append(Entry(number=number, **fields))
            return number

    def note(self, number: int, **fields: Any) -> None:
        """Add to the entry `number` what became known since it began."""
        with self._lock:
            self._entries[number] = replace(self._entries[number], **fields)

    @property
    def entries(self) -> tuple[Entry, ...]:
        with self._lock:
            return tuple(self._entries)

    def since(self, number: int) -> RequestLog:
        """A copy that holds only the entries from `number` on; `len(log)` is such a number."""
        return RequestLog(self.entries[number:])

    def requests(
        self, path: str | None = None, *, route: str | None = None, method: str | None = None
    ) -> tuple[Entry, ...]:
        """Entries whose path contains `path`, of one route, of one method; all that are given."""
        return tuple(
            entry
            for entry in self.entries
            if (path is None or path in entry.path)
            and (route is None or entry.route == route)
            and (method is None or entry.method == method)
        )

    def posts(self, model: str | None = None) -> tuple[Entry, ...]:
        """Every submission received, refused and faulted ones included."""
        posts = self.requests(route="submit")
        return posts if model is None else tuple(post for post in posts if post.model == model)

    @property
    def billed_jobs(self) -> tuple[str, ...]:
        """Ids of all jobs created. Whether the vendor charges for failed ones is not known, so
        they count."""
        return tuple(entry.request_id for entry in self.entries if entry.created)

    @property
    def billed_micro_dollars(self) -> int:
        """What the created jobs cost, each as `request.estimate()` says of its payload."""
        return sum(entry.billed for entry in self.entries)

    @property
    def duplicate_payloads(self) -> tuple[tuple[Entry, ...], ...]:
        """Groups of submissions of one model and payload that created more than one job."""
        groups: dict[str, list[Entry]] = defaultdict(list)
        for entry in self.entries:
            if entry.created:
                groups[_fingerprint(entry.json)].append(entry)
        return tuple(tuple(group) for group in groups.values() if len(group) > 1)

    @property
    def auth_seen_on_foreign_host(self) -> tuple[Entry, ...]:
        """Requests to the files' host that carried a credential of any kind."""
        return tuple(e for e in self.entries if e.listener == "files" and e.credentials)

    @property
    def unknown_payload_keys(self) -> Mapping[str, tuple[str, ...]]:
        """Model id -> payload keys its details do not know, which the service ignores silently."""
        found: dict[str, dict[str, None]] = {}
        for entry in self.entries:
            if entry.unknown_keys:
                found.setdefault(entry.model, {}).update(dict.fromkeys(entry.unknown_keys))
        return {model: tuple(keys) for model, keys in found.items()}

    def as_json(self) -> dict[str, Any]:
        """The whole log and its summary as plain JSON values."""
        return {
            "entries": [asdict(entry) for entry in self.entries],
            "billed_jobs": list(self.billed_jobs),
            "billed_micro_dollars": self.billed_micro_dollars,
            "duplicate_payloads": [
                [entry.number for entry in group] for group in self.duplicate_payloads
            ],
            "auth_seen_on_foreign_host": [e.number for e in self.auth_seen_on_foreign_host],
            "unknown_payload_keys": {k: list(v) for k, v in self.unknown_payload_keys.items()},
        }


@lru_cache(maxsize=256)
def reduced_headers(headers: tuple[tuple[bytes, bytes], ...]) -> tuple[tuple[str, str], ...]:
    """Header pairs as text, each credential replaced by a fingerprint wherever it turns up.

    Remembered, because a client that polls sends the same ones each time.
    """
    pairs = [(name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in headers]
    secrets = {
        part
        for name, value in pairs
        if name in CREDENTIAL_HEADERS
        for part in {value, value.partition(" ")[2]}
        if len(part) >= 6
    }
    return tuple(
        (name, _reduced(name, value, sorted(secrets, key=len, reverse=True)))
        for name, value in pairs
    )


def _reduced(name: str, value: str, secrets: list[str]) -> str:
    if name in CREDENTIAL_HEADERS:
        scheme, _, rest = value.partition(" ")
        return f"{scheme} {secret_mark(rest)}" if rest else secret_mark(value)
    for secret in secrets:
        value = value.replace(secret, secret_mark(secret))
    return value


def secret_mark(secret: str) -> str:
    """`sha256:` and eight hex digits: enough to tell two keys apart, not to use one."""
    return "sha256:" + hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()[:8]


def _fingerprint(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))
