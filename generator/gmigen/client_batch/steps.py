"""The steps of one request. Each is noted when it is done; one that is not is made again whole."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ..client.client import Client
from ..client.jobs import Job
from ..client.results import Result
from ..runtime.errors import ConfigurationError, GMIError, JobTimeoutError, SubmissionUnknownError
from . import states
from .plan import built
from .store import Store
from .verdict import Verdict, of_collection, of_submission, pace

FILES = "files"
LOOK = 20.0
"""Seconds between two questions whether this process is to stop."""

TOLD = 1000
"""Characters of an error that are kept."""


class Stopped(BaseException):
    """This process ends; what it had on hand is taken up by another, or by the next."""


class Steps:
    """What one process does for requests of a batch."""

    def __init__(
        self,
        store: Store,
        client: Client,
        folder: Path,
        worker: str,
        timeout: float,
        slow_down: Callable[[str, Mapping[str, Any]], object],
    ) -> None:
        self.store, self.client, self.folder, self.worker = store, client, folder, worker
        self.timeout = timeout
        self.slow_down = slow_down
        self.stopping = threading.Event()
        self.trouble: Exception | None = None
        self.begun: set[str] = set()

    def give_up(self, error: Exception) -> None:
        """Remember what keeps this process from going on at all; the first stands."""
        self.trouble = self.trouble or error

    def reserve(self, key: str, round: int) -> str:
        """Note, before anything is sent, that it will be; the state of the request."""
        self._go_on()
        return self.store.reserve(key, round, self.worker)

    def submit(self, key: str, round: int) -> dict[str, Any]:
        """Submit under the key of the request, or find what that became before."""
        self._go_on()
        row = self.store.row(key)
        try:
            job = self._submitted(row)
        except GMIError as error:
            if self.stopping.is_set():
                raise Stopped from None
            return self._ended(row, error, of_submission(error, row["tries"]), round)
        self.store.note(key, states.RUNNING, job=job.id, told=None)
        return {"state": states.RUNNING, "job": job.id}

    def _submitted(self, row: Mapping[str, Any]) -> Job:
        """Under one key there is one POST. When its end is unknown, the next word looks for it."""
        request, payload = built(row["model"], row["payload"], unchecked=row["unchecked"])
        how: dict[str, Any] = {"key": key_of(row), "allow_empty": True, "unchecked": True}
        given = payload if isinstance(request, str) else None
        try:
            return self.client.submit(request, given, **how)
        except SubmissionUnknownError:
            self._go_on()
            return self.client.submit(request, given, **how)

    def collect(self, key: str, job_id: str) -> dict[str, Any]:
        """Wait for the job, and save and measure what it made."""
        row = self.store.row(key)
        try:
            result = self._result(self.client.job(job_id))
            folder = self.folder / FILES
            files = [self._measured(path) for path in result.save(folder, overwrite=True)]
        except OSError as refusal:
            told = f"{refusal.strerror or refusal}: {refusal.filename or self.folder}"
            error = ConfigurationError(f"A file could not be saved ({told}).")
            return self._ended(row, error, Verdict(states.UNDELIVERED, free=False, halts=True))
        except GMIError as error:
            if self.stopping.is_set():
                raise Stopped from None
            return self._ended(row, error, of_collection(error))
        self.store.note(key, states.DONE, files=files, told=None, worker=self.worker)
        return {"state": states.DONE}

    def _result(self, job: Job) -> Result:
        left = self.timeout
        while True:
            self._go_on()
            try:
                result = job.result(timeout=min(LOOK, left))
            except JobTimeoutError:
                left -= LOOK
                if left <= 0:
                    raise
            else:
                (self.folder / FILES).mkdir(parents=True, exist_ok=True)
                return result

    def _measured(self, path: Path) -> dict[str, Any]:
        with path.open("rb") as stream:
            digest = hashlib.sha256()
            while data := stream.read(1024**2):
                digest.update(data)
        place = path.relative_to(self.folder).as_posix()
        return {"path": place, "bytes": path.stat().st_size, "sha256": digest.hexdigest()}

    def _ended(
        self, row: Mapping[str, Any], error: GMIError, verdict: Verdict, round: int = 0
    ) -> dict[str, Any]:
        told = f"{type(error).__name__}: {error}"[:TOLD]
        if limit := pace(error):
            self.slow_down(row["model"], limit)
        if verdict.halts:
            self.store.halt(f"{error}"[:TOLD])
        more: dict[str, Any] = {"job": error.job_id} if error.job_id else {}
        if verdict.again:
            more |= {"tries": row["tries"] + 1, "round": round + 1}
        self.store.note(row["key"], verdict.state, free=verdict.free, told=told, **more)
        again = {"again": True, "pause": verdict.pause} if verdict.again else {}
        return {"state": verdict.state, **again}

    def _go_on(self) -> None:
        if self.stopping.is_set():
            raise Stopped


def key_of(row: Mapping[str, Any]) -> str:
    """The key a request is submitted under: its own, until a person says to pay again."""
    return f"{row['key']}~{row['again']}" if row["again"] else str(row["key"])
