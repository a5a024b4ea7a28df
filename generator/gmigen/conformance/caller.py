"""Sends the questions: the only file of this room that touches the network.

Its requests are its own, because a check has to see what came; the rules of the key are those of
the client: it goes to the API's origin, and nowhere else.
"""

from __future__ import annotations

import random
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from ..runtime import urls
from ..runtime.config import Settings
from ..runtime.files.url_policy import objection, private_among, resolve
from ..runtime.http.exchange import USER_AGENT
from ..runtime.http.tls import tls_context
from ..runtime.logs import current, quieten
from ..runtime.protocol.pacing import HINT_LIMIT, hinted
from ..runtime.redaction import redacted
from ..text.prose import line
from .answer import Answer, Answers
from .ask import Ask
from .bounds import MOST_BYTES, Bounds

MADE_UP = "made-up-"
"""What a key begins with that is none; the emulator refuses it whoever it lets in."""

_SPENT = "not asked: the {} that one run may take were used up"


@dataclass
class Caller:
    """Asks within bounds, and counts. `clock` and `sleep` are those of `time` unless given, and
    `draw` in [0, 1) is the jitter of pauses."""

    settings: Settings
    bounds: Bounds = field(default_factory=Bounds)
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    draw: Callable[[], float] = random.random
    sent: int = 0

    def __post_init__(self) -> None:
        quieten()
        self._started = self.clock()
        self._transports: dict[tuple[str, str | None], httpx.HTTPTransport] = {}

    @property
    def left(self) -> float:
        """Seconds that are left of all that may be taken."""
        return self.bounds.seconds - (self.clock() - self._started)

    def ask(self, ask: Ask, answers: Answers, *, submission: bool = False) -> Answer | None:
        """What comes for `ask`, asked once more where the API says 429 and when to come back.

        None where the answers so far leave nothing to ask. A submission is sent once, whatever
        happens.
        """
        where = ask.where(answers)
        if where is None:
            return None
        answer = self._once(ask, where, submission)
        pause = hinted(dict(answer.headers), answer.json, unix=answer.at)
        if answer.status != 429 or submission or pause is None:
            return answer
        if pause > min(HINT_LIMIT, self.left):
            return answer
        self.sleep(pause)
        return self._once(ask, where, submission)

    @property
    def requests_left(self) -> int:
        """How many more may be sent."""
        return self.bounds.requests - self.sent

    def close(self) -> None:
        """Close the connections."""
        for transport in self._transports.values():
            transport.close()
        self._transports.clear()

    def _once(self, ask: Ask, where: str, submission: bool) -> Answer:
        if self.sent >= self.bounds.requests:
            return Answer(trouble=_SPENT.format(f"{self.bounds.requests} requests"))
        if self.left <= 0:
            return Answer(trouble=_SPENT.format(f"{self.bounds.seconds:g} seconds"))
        url = self._address(where)
        home = urls.origin(url) == urls.origin(self.settings.base_url)
        if not home and (why := self._objection(url)):
            return Answer(trouble=f"not asked: {why}")
        headers = {"Host": url.partition("://")[2].partition("/")[0], "User-Agent": USER_AGENT}
        headers |= {"Accept": "*/*", "Accept-Encoding": "identity", **(ask.headers or {})}
        if home and ask.key == "own":
            self.settings.authorize(url, headers)
        elif home and ask.key == "made up":
            headers["Authorization"] = f"Bearer {MADE_UP}{secrets.token_hex(16)}"
        self.sent += 1
        # The HTTP library prints every head it sends and gets, keys and signed addresses with it.
        token = current.set(True)
        each = min(self.bounds.submission if submission else self.bounds.each, self.left)
        began, unix = self.clock(), time.time()
        try:
            return self._exchange(ask, url, headers, each, began, unix)
        except ImportError:
            return Answer(trouble="a SOCKS proxy needs one more package: pip install socksio")
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            return Answer(trouble=_trouble(error, each), at=unix, seconds=self.clock() - began)
        finally:
            current.reset(token)

    def _exchange(
        self,
        ask: Ask,
        url: str,
        headers: Mapping[str, str],
        each: float,
        began: float,
        unix: float,
    ) -> Answer:
        # A transport and not a client: that would log signed addresses, and keep cookies.
        alone = ask.key == "made up"
        transport = self._new(url) if alone else self._transport(url)
        timeout = dict.fromkeys(("connect", "read", "write", "pool"), each)
        request = httpx.Request(
            ask.method, url, headers=headers, content=ask.body, extensions={"timeout": timeout}
        )
        try:
            response = transport.handle_request(request)
            at = unix + self.clock() - began
            stream = response.extensions.get("network_stream")
            spoken = stream.get_extra_info("ssl_object") if stream is not None else None
            body, cut = bytearray(), False
            try:
                for piece in response.iter_raw():
                    body += piece
                    cut = len(body) > MOST_BYTES
                    if self.clock() - began > each:
                        raise httpx.ReadTimeout("the answer did not end in time")
                    if cut:
                        break
            finally:
                response.close()
            return Answer(
                status=response.status_code,
                headers=tuple((k.lower(), v) for k, v in response.headers.multi_items()),
                body=bytes(body[:MOST_BYTES]),
                version=response.http_version,
                tls=_version(spoken),
                at=at,
                seconds=self.clock() - began,
                cut=cut,
            )
        finally:
            if alone:
                transport.close()

    def _address(self, where: str) -> str:
        if where.startswith(".."):
            return self.settings.base_url.rpartition("/")[0] + where[2:]
        return self.settings.base_url + where if where.startswith("/") else where

    def _objection(self, url: str) -> str | None:
        """Why an address from an answer is not asked; None where it may be."""
        if why := objection(url, loopback=self.settings.loopback):
            return f"the address of the file is not used, because {why}"
        _, host, port = urls.origin(url) or ("", "", 0)
        if urls.is_loopback(host) or self.settings.proxy_of(url):
            return None
        try:
            private = private_among(resolve(host, port))
        except OSError:
            return "the host of the file was not found"
        return "the host of the file leads to a private address" if private else None

    def _transport(self, url: str) -> httpx.HTTPTransport:
        parts = urls.split(url)
        place = (f"{parts.scheme}://{parts.netloc}" if parts else "", self.settings.proxy_of(url))
        if place not in self._transports:
            self._transports[place] = self._new(url)
        return self._transports[place]

    def _new(self, url: str) -> httpx.HTTPTransport:
        verify = tls_context() if url.startswith("https:") else False
        return httpx.HTTPTransport(
            verify=verify, trust_env=False, proxy=self.settings.proxy_of(url)
        )


def _version(spoken: Any) -> str:
    """The version of TLS on a connection; what httpcore gives is of no public class."""
    version = getattr(spoken, "version", None)
    return str(version() or "") if callable(version) else ""


def _trouble(error: Exception, each: float) -> str:
    if isinstance(error, httpx.TimeoutException):
        return f"no whole answer within {each:g} seconds"
    said = line(redacted(str(error)), 160)
    return f"no answer: {type(error).__name__}{': ' if said else ''}{said}"
