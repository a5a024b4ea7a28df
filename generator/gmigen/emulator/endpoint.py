"""Between the router and a route's work: the log, the fault script, the common headers."""

from __future__ import annotations

import logging
from email.utils import formatdate

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from . import answers
from .connection import NoAnswer
from .exchange import Exchange, Work
from .faults import Fault
from .faults.script import Route
from .request_log import ListenerName, reduced_headers
from .service import Service

log = logging.getLogger(__name__)


class Endpoint:
    """An ASGI application for one route: `work`, watched and possibly troubled on the way."""

    def __init__(self, service: Service, listener: ListenerName, route: Route, work: Work) -> None:
        self._service = service
        self._listener = listener
        self._route: Route = route
        self._work = work

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        service = self._service
        request = Request(scope, receive, send)
        service.clock.received()
        target = request_target(scope)
        number = service.log.begin(
            at=service.clock.now(),
            listener=self._listener,
            method=scope["method"],
            path=target,
            route=self._route,
            headers=reduced_headers(tuple(map(tuple, scope["headers"]))),
            connection=(scope.get("client") or ("", 0))[1],
        )
        exchange = Exchange(
            request,
            self._work,
            clock=service.clock,
            log=service.log,
            number=number,
            submission=self._route == "submit",
            fail=service.failed_record,
        )
        try:
            response = await self._respond(exchange, target)
        except ClientDisconnect:
            return
        except Exception as error:
            log.error("the emulator failed at %s %s: %r", scope["method"], scope["path"], error)
            log.debug("where it failed", exc_info=True)
            response = answers.refusal(500, "the emulator itself failed; its log says how")
        if not isinstance(response, NoAnswer):
            response.headers["Date"] = formatdate(
                service.clock.now() + service.like.skew, usegmt=True
            )
            if self._listener == "api":
                response.headers.update(service.like.headers)
            exchange.note(status=response.status_code)
        await response(scope, receive, send)

    async def _respond(self, exchange: Exchange, target: str) -> Response:
        for fault in self._service.script.take(self._route, target):
            if isinstance(fault, Fault):
                exchange.note(fault=type(fault).__name__)
                return await fault.answer(exchange)
        return await exchange.honest()


def request_target(scope: Scope) -> str:
    """Path and query as they were sent, percent-encoding included."""
    path: bytes = scope.get("raw_path") or scope["path"].encode()
    query: bytes = scope["query_string"]
    return (path + (b"?" + query if query else b"")).decode("latin-1")
