"""One request and its answer, as the fault script sees them."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from .clock import Clock
from .connection import Connection, NoAnswer
from .request_log import RequestLog

Work = Callable[["Exchange"], Awaitable[Response]]


class Exchange:
    """What a fault has in hand: the request, its connection, and the honest answer if it wants it.

    Nothing of the body is read before `read`, and nothing is done before `honest`.
    """

    def __init__(
        self,
        request: Request,
        work: Work,
        *,
        clock: Clock,
        log: RequestLog,
        number: int,
        submission: bool = False,
        fail: Callable[[Mapping[str, Any], object], str] | None = None,
    ) -> None:
        self.request = request
        self._submission = submission
        self._fail = fail
        self.clock = clock
        self._work = work
        self._log = log
        self._number = number
        self._honest: Response | None = None
        self._body: bytes | None = None

    @property
    def connection(self) -> Connection:
        connection: Connection = self.request.state.connection
        return connection

    async def read(self) -> bytes:
        """The whole body, noted in the log; `starlette.requests.ClientDisconnect` if the client
        leaves before its end."""
        if self._body is None:
            self._body = await self.request.body()
            self.note(body_sha256=hashlib.sha256(self._body).hexdigest(), body_size=len(self._body))
            if self._submission:
                self._note_submission(self._body)
        return self._body

    async def json(self) -> Any:
        """The parsed body; ValueError where it is no JSON."""
        value = json.loads(await self.read())
        self.note(json=value)
        return value

    def _note_submission(self, body: bytes) -> None:
        """What was submitted is noted even where a fault keeps it from being looked at."""
        with contextlib.suppress(ValueError):
            value = json.loads(body)
            model = value.get("model") if isinstance(value, dict) else None
            self.note(json=value, model=model if isinstance(model, str) else "")

    async def honest(self) -> Response:
        """Do what was asked, once, and return the answer an untroubled service would give."""
        if self._honest is None:
            await self.read()
            self._honest = await self._work(self)
        return self._honest

    async def failed_record(self, error: object) -> str:
        """Leave a failed record of this submission in the list; its id, or "" where the body is
        none."""
        with contextlib.suppress(ValueError):
            body = await self.json()
            if self._fail and isinstance(body, dict):
                request_id = self._fail(body, error)
                self.note(request_id=request_id)
                return request_id
        return ""

    async def hold_until(self, due: float) -> None:
        """Wait until `due`, unix seconds on the emulator's clock, or until the client has gone."""
        waits = [
            asyncio.ensure_future(self.clock.sleep_until(due)),
            asyncio.ensure_future(self.connection.gone.wait()),
        ]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await wait

    def silence(self) -> Response:
        """The answer of who gives none."""
        return NoAnswer(self.connection)

    def note(self, **fields: Any) -> None:
        """Add to this request's log entry."""
        self._log.note(self._number, **fields)
